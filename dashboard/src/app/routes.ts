import type { ComponentType } from 'react';

/** A page of the dashboard: `src/pages/<name>/route.ts` exports one as `route`, or several as `routes`. */
export interface PageRoute {
  /** As in react-router, e.g. `/customers/:id`. */
  readonly path: string;
  /** Its place in the navigation: a name and where in the order. Pages without are reached from others. */
  readonly nav?: { readonly name: string; readonly order: number };
  /** Its component, loaded when it is first visited. */
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

interface RouteModule {
  readonly route?: PageRoute;
  readonly routes?: readonly PageRoute[];
}

const modules = import.meta.glob<RouteModule>('../pages/*/route.ts', { eager: true });

export const routes: readonly PageRoute[] = Object.values(modules).flatMap((module) => [
  ...(module.route ? [module.route] : []),
  ...(module.routes ?? []),
]);

export const navigation = routes
  .flatMap(({ path, nav }) => (nav ? [{ path, ...nav }] : []))
  .sort((one, other) => one.order - other.order);
