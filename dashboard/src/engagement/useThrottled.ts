import { useCallback, useEffect, useRef } from 'react';

/** What happens together is gathered for so long before anything is done about it. */
const GATHERED_MS = 1_500;

/** Calls `act` a moment after what it returns was called; however often that is, at most once in `everyMs`. */
export function useThrottled(act: () => void, everyMs: number): () => void {
  const latest = useRef(act);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const actedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return useCallback(() => {
    const wait = Math.max(GATHERED_MS, actedAt.current + everyMs - performance.now());
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      actedAt.current = performance.now();
      latest.current();
    }, wait);
  }, [everyMs]);
}
