import { useEffect, useState } from 'react';
import { useZone } from './zone';
import { dateIn, momentIn, sinceThen, timeIn } from './times';
import styles from './Time.module.css';

interface TimeProps {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The stakeholder's zone (IANA): their time stands beside the viewer's where it differs. */
  readonly theirs?: string | null | undefined;
  /** `moment` day and time, `date` the day alone, `ago` how long since or until, `time` the time of day. */
  readonly as?: 'moment' | 'date' | 'ago' | 'time';
}

/** A moment in the viewer's zone, the stakeholder's beside it; the whole of it in the title. */
export function Time({ at, theirs, as = 'moment' }: TimeProps) {
  const zone = useZone();
  const date = new Date(at);
  const shown =
    as === 'ago' ? (
      <Ago date={date} />
    ) : as === 'date' ? (
      dateIn(date, zone)
    ) : as === 'time' ? (
      timeIn(date, zone)
    ) : (
      momentIn(date, zone)
    );
  const other = theirs && theirs !== zone && timeIn(date, theirs) !== timeIn(date, zone) ? theirs : null;
  return (
    <time dateTime={at} title={`${momentIn(date, zone)} (${zone})`} className={styles.time}>
      {shown}
      {other !== null && as !== 'date' && (
        <span className={styles.theirs} title={`${momentIn(date, other)} (${other})`}>
          {' '}
          · {timeIn(date, other)} theirs
        </span>
      )}
    </time>
  );
}

/** A day of the calendar, which is the same wherever one is; the service gives it as its midnight in UTC. */
export function Day({ on }: { readonly on: string }) {
  return (
    <time dateTime={on.slice(0, 10)} className={styles.time}>
      {dateIn(new Date(on), 'UTC')}
    </time>
  );
}

const MINUTE_MS = 60_000;

/** Grows older by itself, twice a minute. What lies ahead by less than that is only ahead of this clock. */
function Ago({ date }: { readonly date: Date }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS / 2);
    return () => clearInterval(timer);
  }, []);
  const isNow = date.getTime() > now && date.getTime() - now < MINUTE_MS / 2;
  return sinceThen(date, isNow ? date : new Date(now));
}
