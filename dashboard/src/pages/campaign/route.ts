import type { PageRoute } from '../../app/routes';

export const routes: readonly PageRoute[] = [
  { path: '/campaigns', nav: { name: 'Campaigns', order: 30 }, load: () => import('./Campaigns') },
  { path: '/campaigns/:id', load: () => import('./Campaign') },
];
