import { useEffect, useRef } from 'react';

/** Calls it again and again, while the page is looked at. */
export function useAgain(act: () => void, milliseconds: number): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') latest.current();
    }, milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
}
