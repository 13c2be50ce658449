import { count } from '../../parts/numbers';
import { duration, WEEKDAYS } from '../../parts/times';

interface Hour {
  /** 1 is Monday. */
  readonly weekday: number;
  readonly hour: number;
  readonly openers: number;
  readonly clickers: number;
}

/** 168 figures from Monday 0:00 on; hours in which nobody acted are 0. */
export function week(hours: readonly Hour[], of: 'openers' | 'clickers'): readonly number[] {
  const values = new Array<number>(168).fill(0);
  for (const hour of hours) values[24 * (hour.weekday - 1) + hour.hour] = hour[of];
  return values;
}

/** What the map of the week says, in a sentence. */
export function weekText(values: readonly number[], did: string): string {
  const most = Math.max(...values);
  const whole = values.reduce((sum, value) => sum + value, 0);
  const at = values.indexOf(most);
  const hour = at % 24;
  return (
    `Hours of the week in which ${count(whole)} people first ${did}. Most: ${count(most)} on ` +
    `${WEEKDAYS[Math.floor(at / 24)] ?? ''} ${hour}–${hour + 1} h, by their own clock.`
  );
}

interface Duration {
  readonly seconds: number;
  readonly atLeast: number;
  readonly atMost: number;
}

/** “3 h”; below half a minute the seconds. */
export function spanText(seconds: number): string {
  return duration(seconds) ?? `${count(seconds)} s`;
}

/** “3 h (2 h to 4 h)”: the bounds only where they say something else. */
export function durationText(found: Duration | null | undefined): string {
  if (found == null) return 'not known';
  const said = spanText(found.seconds);
  const low = spanText(found.atLeast);
  const high = spanText(found.atMost);
  return low === said && high === said ? said : `${said} (${low} to ${high})`;
}
