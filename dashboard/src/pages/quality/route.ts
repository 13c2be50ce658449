import type { PageRoute } from '../../app/routes';

export const route: PageRoute = {
  path: '/quality',
  nav: { name: 'Data quality', order: 50 },
  load: () => import('./Quality'),
};
