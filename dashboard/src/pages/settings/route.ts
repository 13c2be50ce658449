import type { PageRoute } from '../../app/routes';

export const route: PageRoute = { path: '/settings', load: () => import('./Settings') };
