import type { PageRoute } from '../../app/routes';

export const route: PageRoute = {
  path: '/',
  nav: { name: 'Today', order: 10 },
  load: () => import('./Today'),
};
