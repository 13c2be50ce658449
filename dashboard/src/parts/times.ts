/** Moments as text. All take the zone as an argument; zones are IANA names. */
const LOCALE = 'en-GB';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone });
    formats.set(key, found);
  }
  return found;
}

/** “Thu 12 Nov, 15:14”, with the year where it is not this one. */
export function momentIn(date: Date, zone: string, now = new Date()): string {
  return `${dateIn(date, zone, now)}, ${timeIn(date, zone)}`;
}

/** “Thu 12 Nov”, or “Thu 12 Nov 2025”. */
export function dateIn(date: Date, zone: string, now = new Date()): string {
  const year = format(zone, { year: 'numeric' });
  const shown = format(zone, { weekday: 'short', day: 'numeric', month: 'short' })
    .format(date)
    .replace(',', '');
  return year.format(date) === year.format(now) ? shown : `${shown} ${year.format(date)}`;
}

/** “15:14”. */
export function timeIn(date: Date, zone: string): string {
  return format(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date);
}

/** “just now”, “5 min ago”, “3 h ago”, “2 days ago”; future: “in 3 h”. */
export function sinceThen(date: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - date.getTime()) / 1000);
  const size = Math.abs(seconds);
  const text = duration(size);
  if (text === null) return 'just now';
  return seconds >= 0 ? `${text} ago` : `in ${text}`;
}

/** Seconds as “45 min”, “3 h”, “12 days”; null below half a minute. */
export function duration(seconds: number): string | null {
  if (seconds < 30) return null;
  if (seconds < 3_570) return `${Math.max(1, Math.round(seconds / 60))} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  const days = Math.round(seconds / 86_400);
  return `${days} ${days === 1 ? 'day' : 'days'}`;
}

/** Days of the week by ISO number less one: 0 is Monday. */
export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

/** “Tuesday 10–13 h”. `weekday` 0 is Monday. */
export function windowText(window: { weekday: number; startHour: number; endHour: number }): string {
  return `${WEEKDAYS[window.weekday] ?? ''} ${pad(window.startHour)}–${pad(window.endHour)} h`;
}

function pad(hour: number): string {
  return String(hour).padStart(2, '0');
}
