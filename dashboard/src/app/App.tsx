import { lazy, useEffect, useMemo, type ReactNode } from 'react';
import { RouterProvider as AriaRouter } from 'react-aria-components';
import { createBrowserRouter, Outlet, RouterProvider, useHref, useNavigate } from 'react-router';
import { Provider } from 'urql';
import { useSession } from '../client';
import { connect } from '../client/client';
import { Broken } from './Broken';
import { Missing } from './Missing';
import { routes } from './routes';
import { Shell } from './Shell';
import { SignIn } from './SignIn';
import { WithViewer } from './viewer';

/** Links of the component library go through the router. */
function Linked() {
  const navigate = useNavigate();
  return (
    <AriaRouter navigate={(path) => void navigate(path)} useHref={useHref}>
      <Outlet />
    </AriaRouter>
  );
}

const router = createBrowserRouter([
  {
    Component: Linked,
    ErrorBoundary: Broken,
    children: [
      {
        Component: Shell,
        children: [
          ...routes.map(({ path, load }) => ({ path, Component: lazy(load), ErrorBoundary: Broken })),
          { path: '*', Component: Missing },
        ],
      },
    ],
  },
]);

export function App() {
  const { token } = useSession();
  if (token === null) return <SignIn />;
  return (
    <Connected key={token}>
      <WithViewer>
        <RouterProvider router={router} />
      </WithViewer>
    </Connected>
  );
}

/** A client of this sign-in's own: nothing that one person read is kept for the next. */
function Connected({ children }: { readonly children: ReactNode }) {
  const connected = useMemo(() => connect(), []);
  useEffect(() => () => connected.close(), [connected]);
  return <Provider value={connected.client}>{children}</Provider>;
}
