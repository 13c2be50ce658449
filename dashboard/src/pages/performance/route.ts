import type { PageRoute } from '../../app/routes';

export const route: PageRoute = {
  path: '/performance',
  nav: { name: 'Performance', order: 40 },
  load: () => import('./Performance'),
};
