/** The best time to reach somebody, in their zone and in the viewer's. */

interface Window {
  readonly weekday: number;
  readonly startHour: number;
}

const DAYS: Readonly<Record<string, number>> = { Mon: 0, Tue: 1, Wed: 2, Thu: 3, Fri: 4, Sat: 5, Sun: 6 };
const STEP_MS = 15 * 60_000;
const HOUR_STEPS = 4;
const WEEK_HOURS = 7 * 24;
const WEEK_STEPS = WEEK_HOURS * HOUR_STEPS + 8;
/** Clocks are changed by no more hours than this. */
const CHANGE_HOURS = 2;

/** When such a window begins next: an instant; null where the clocks skip it this week. */
export function nextStart({ weekday, startHour }: Window, zone: string, now: Date): Date | null {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const first = Math.ceil(now.getTime() / STEP_MS) * STEP_MS;
  const hoursAfter = (at: Date): number => {
    const found = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = weekday - (DAYS[found.weekday ?? ''] ?? 0);
    const hours = day * 24 + startHour - Number(found.hour) - Number(found.minute) / 60;
    return hours < 0 ? hours + WEEK_HOURS : hours;
  };
  // Most of the way at once; the rest in steps, for the clocks may be changed meanwhile.
  const near = Math.max(0, Math.floor(hoursAfter(new Date(first)) - CHANGE_HOURS) * HOUR_STEPS);
  for (let step = near; step < WEEK_STEPS; step++) {
    const at = new Date(first + step * STEP_MS);
    if (hoursAfter(at) === 0) return at;
  }
  return null;
}

/** Whether now lies in the window. */
export function isWithin(window: Window & { readonly endHour: number }, zone: string, now: Date): boolean {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const found = Object.fromEntries(parts.formatToParts(now).map(({ type, value }) => [type, value]));
  const hour = Number(found.hour);
  return DAYS[found.weekday ?? ''] === window.weekday && hour >= window.startHour && hour < window.endHour;
}
