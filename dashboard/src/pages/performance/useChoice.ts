import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useZone } from '../../parts';
import { boundsOf, choiceOf, paramsOf, withPeriod, type Bounds, type Choice, type Period } from './choice';

export interface Chosen {
  readonly choice: Choice;
  /** Null where the last day is before the first. */
  readonly bounds: Bounds | null;
  readonly zone: string;
  readonly set: (change: Partial<Choice>) => void;
  readonly setPeriod: (period: Period) => void;
}

/** The choice that the address holds, and its period in the viewer's zone. Days are those of when the page was opened. */
export function useChoice(): Chosen {
  const [params, setParams] = useSearchParams();
  const zone = useZone();
  const [now] = useState(() => new Date());
  const choice = useMemo(() => choiceOf(params), [params]);
  const bounds = useMemo(() => boundsOf(choice, zone, now), [choice, zone, now]);
  const change = useCallback(
    (to: (before: Choice) => Choice) =>
      setParams((before) => paramsOf(to(choiceOf(before))), { replace: true }),
    [setParams],
  );
  const set = useCallback(
    (given: Partial<Choice>) => change((before) => ({ ...before, ...given })),
    [change],
  );
  const setPeriod = useCallback(
    (period: Period) => change((before) => withPeriod(before, period, zone, now)),
    [change, zone, now],
  );
  return { choice, bounds, zone, set, setPeriod };
}
