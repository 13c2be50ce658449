/** The best time to reach somebody, in their zone and in the viewer's. */

interface Window {
  readonly weekday: number;
  readonly startHour: number;
}

const DAYS: Readonly<Record<string, number>> = { Mon: 0, Tue: 1, Wed: 2, Thu: 3, Fri: 4, Sat: 5, Sun: 6 };
const STEP_MS = 15 * 60_000;
const WEEK_STEPS = 7 * 96 + 8;

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
  for (let step = 0; step < WEEK_STEPS; step++) {
    const at = new Date(first + step * STEP_MS);
    const found = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
    if (
      DAYS[found.weekday ?? ''] === weekday &&
      Number(found.hour) === startHour &&
      Number(found.minute) === 0
    ) {
      return at;
    }
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
