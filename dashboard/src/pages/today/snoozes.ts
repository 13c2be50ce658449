import { nextStart } from './bestTime';

export interface Snooze {
  readonly label: string;
  readonly until: Date;
}

const HOUR_MS = 3_600_000;
const MORNING = 9;

/** When a recommendation may come back, by the viewer's clock; only times before it expires. */
export function snoozes(zone: string, now: Date, expiresAt: string | null | undefined): readonly Snooze[] {
  const today = weekdayOf(zone, now);
  const choices = [
    { label: 'In three hours', until: new Date(now.getTime() + 3 * HOUR_MS) },
    {
      label: 'Tomorrow morning',
      until: nextStart({ weekday: (today + 1) % 7, startHour: MORNING }, zone, now),
    },
    { label: 'In three days', until: nextStart({ weekday: (today + 3) % 7, startHour: MORNING }, zone, now) },
    { label: 'Next Monday', until: nextStart({ weekday: 0, startHour: MORNING }, zone, now) },
    { label: 'In two weeks', until: new Date(now.getTime() + 14 * 24 * HOUR_MS) },
  ];
  const latest = expiresAt == null ? Number.POSITIVE_INFINITY : new Date(expiresAt).getTime();
  return choices.flatMap(({ label, until }) =>
    until !== null && until.getTime() < latest ? [{ label, until }] : [],
  );
}

function weekdayOf(zone: string, now: Date): number {
  const name = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short' }).format(now);
  return ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(name);
}
