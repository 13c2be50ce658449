import type { PageRoute } from '../../app/routes';

export const routes: readonly PageRoute[] = [
  { path: '/customers', nav: { name: 'Customers', order: 20 }, load: () => import('./Customers') },
  { path: '/customers/:id', load: () => import('./Customer') },
];
