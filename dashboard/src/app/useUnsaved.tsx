import { useCallback, useEffect, useRef, type ReactNode } from 'react';
import { useBlocker, type BlockerFunction } from 'react-router';
import { Button, Dialog } from '../parts';
import { useGo } from './useGo';
import styles from './Shell.module.css';

interface Unsaved {
  /** The question, while it is asked; it belongs into the page. */
  readonly question: ReactNode;
  /** Goes on without asking, e.g. since it was saved. */
  readonly leave: (path: string) => void;
}

/** Asks before what was written and not saved is left behind: by a link, by going back, by closing the window. */
export function useUnsaved(isChanged: boolean): Unsaved {
  const go = useGo();
  const isLeft = useRef(false);
  const blocker = useBlocker(
    useCallback<BlockerFunction>(
      ({ currentLocation, nextLocation }) =>
        isChanged && !isLeft.current && currentLocation.pathname !== nextLocation.pathname,
      [isChanged],
    ),
  );
  useEffect(() => {
    if (!isChanged) return undefined;
    // The browser asks in words of its own.
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isChanged]);
  const leave = useCallback(
    (path: string): void => {
      isLeft.current = true;
      go(path);
    },
    [go],
  );
  const stay = (): void => blocker.reset?.();
  const question = (
    <Dialog title="Leave without saving?" isOpen={blocker.state === 'blocked'} onClose={stay}>
      <p>What you changed here is not saved.</p>
      <p className={styles.answers}>
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- a dialog whose safe answer is at hand */}
        <Button autoFocus onPress={stay}>
          Stay here
        </Button>
        <Button look="risky" onPress={() => blocker.proceed?.()}>
          Leave
        </Button>
      </p>
    </Dialog>
  );
  return { question, leave };
}
