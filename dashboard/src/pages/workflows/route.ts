import type { PageRoute } from '../../app/routes';

export const routes: readonly PageRoute[] = [
  {
    path: '/workflows',
    nav: { name: 'Workflows', order: 60 },
    load: () => import('./Workflows'),
  },
  { path: '/workflows/new', load: () => import('./NewWorkflow') },
  { path: '/workflows/:id', load: () => import('./Workflow') },
];
