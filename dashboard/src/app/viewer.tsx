import { createContext, useContext, type ReactNode } from 'react';
import { useRead } from '../client';
import { ViewerDocument, type ViewerQuery } from '../gql/graphql';
import { FailureNote, Skeleton } from '../parts/states';
import styles from './Shell.module.css';

export type Viewer = ViewerQuery['viewer'];

const ViewerContext = createContext<Viewer | null>(null);

/** Whoever is signed in. Only below `WithViewer`. */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error('useViewer outside WithViewer');
  return viewer;
}

/** Whether the viewer reads everything: managers and admins. */
export function useSeesAll(): boolean {
  const { role } = useViewer();
  return role === 'MANAGER' || role === 'ADMIN';
}

/** Reads who is signed in before anything else is shown. */
export function WithViewer({ children }: { readonly children: ReactNode }) {
  const read = useRead(ViewerDocument, {});
  if (read.data) return <ViewerContext value={read.data.viewer}>{children}</ViewerContext>;
  return (
    <main className={styles.alone}>
      {read.failure ? <FailureNote failure={read.failure} onRetry={read.reload} /> : <Skeleton lines={6} />}
    </main>
  );
}
