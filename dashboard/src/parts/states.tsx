import type { ReactNode } from 'react';
import { signOut, type Failure, type Read } from '../client';
import { Button } from './Button';
import styles from './states.module.css';

/** Grey bars in the shape of what comes. `lines` as many as it will about have, so that nothing jumps. */
export function Skeleton({ lines = 3, height }: { readonly lines?: number; readonly height?: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} style={height === undefined ? undefined : { height }} />
      ))}
    </div>
  );
}

interface EmptyProps {
  /** What is not there, e.g. “No recommendations are open”. */
  readonly title: string;
  /** Why that is, or what makes something appear here. */
  readonly children?: ReactNode;
}

/** Nothing to show, and that is no fault. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div className={styles.state}>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

const TITLES: Readonly<Record<Failure['kind'], string>> = {
  'signed-out': 'You are signed out',
  'no-access': 'This is not yours to see',
  'not-found': 'There is no such thing here',
  offline: 'You are offline',
  unavailable: 'The service cannot be reached',
  outdated: 'There is a newer version of this page',
  'cursor-expired': 'You were away for long',
  refused: 'That was refused',
  broken: 'Something went wrong on our side',
};

/** What went wrong, for a person, with the way out. */
export function FailureNote({
  failure,
  onRetry,
}: {
  readonly failure: Failure;
  readonly onRetry?: () => void;
}) {
  return (
    <div className={styles.state} role="alert">
      <p className={styles.title}>{TITLES[failure.kind]}</p>
      <p>{explained(failure)}</p>
      <p>
        {failure.kind === 'outdated' && (
          <Button onPress={() => location.reload()}>Load the new version</Button>
        )}
        {failure.kind === 'signed-out' && <Button onPress={() => signOut()}>Sign in</Button>}
        {RETRIED.has(failure.kind) && onRetry && <Button onPress={onRetry}>Try again</Button>}
      </p>
    </div>
  );
}

const RETRIED: ReadonlySet<Failure['kind']> = new Set([
  'offline',
  'unavailable',
  'broken',
  'refused',
  'cursor-expired',
]);

function explained(failure: Failure): string {
  if (failure.kind === 'no-access') return 'Your sign-in does not reach it. Ask a manager if it should.';
  if (failure.kind === 'not-found') return 'It does not exist, or it is in another portfolio.';
  if (failure.kind === 'offline') return 'What you see is as it was. It goes on by itself when you are back.';
  return failure.message;
}

/** For a page or part that the viewer's role does not reach. */
export function NoAccess({ children }: { readonly children?: ReactNode }) {
  return (
    <div className={styles.state}>
      <p className={styles.title}>This is not yours to see</p>
      <p>{children ?? 'Managers and admins see it. Ask one of them if you should.'}</p>
    </div>
  );
}

interface ShownProps<Result> {
  readonly read: Read<Result>;
  /** What stands there while nothing was read yet; as tall as what comes. */
  readonly skeleton?: ReactNode;
  readonly children: (result: Result) => ReactNode;
}

/** What a query read: a skeleton before, the reason where it failed, else `children` of the data. */
export function Shown<Result>({ read, skeleton, children }: ShownProps<Result>) {
  if (read.data !== undefined) return children(read.data);
  if (read.failure) return <FailureNote failure={read.failure} onRetry={read.reload} />;
  return skeleton ?? <Skeleton />;
}
