import { useState } from 'react';
import { Link } from 'react-router';
import { Button, Day, momentIn, Tag, timeIn, useZone, windowText } from '../../parts';
import { isWithin, nextStart } from './bestTime';
import { Evidence } from './Evidence';
import { BASES } from './words';
import type { Row } from './toDo';
import styles from './Today.module.css';

/** What to say, when, and what it rests on. */
export function Details({ row }: { readonly row: Row }) {
  const [isShown, setShown] = useState(false);
  return (
    <div className={styles.parts}>
      <div>
        <h3>What to say</h3>
        <ul className={styles.points}>
          {row.talkingPoints.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
        {row.topics.length > 0 && (
          <p className={styles.topics}>
            About{' '}
            {row.topics.map(({ name }) => (
              <Tag key={name}>{name}</Tag>
            ))}
          </p>
        )}
      </div>
      <div className={styles.aside}>
        <h3>When</h3>
        <BestTime row={row} />
        <h3>How urgent</h3>
        <p>
          {Math.round(row.priority)} of 100:{' '}
          {row.priorityParts
            .map(({ name, points }) => `${name} ${points < 0 ? '−' : '+'}${Math.abs(points)}`)
            .join(', ')}
        </p>
        {row.customer.renewsOn != null && (
          <p>
            Renews <Day on={row.customer.renewsOn} />
          </p>
        )}
        <p>
          <Link to={`/customers/${row.customer.id}`}>{row.customer.name}</Link>
          {row.campaign && (
            <>
              {' · '}
              <Link to={`/campaigns/${row.campaign.id}`}>{row.campaign.name}</Link>
            </>
          )}
        </p>
      </div>
      <div className={styles.evidence}>
        <Button isSmall look="quiet" aria-expanded={isShown} onPress={() => setShown(!isShown)}>
          {isShown ? 'Hide what it rests on' : 'Why? What it rests on'}
        </Button>
        {isShown && <Evidence id={row.id} timezone={row.stakeholder?.timezone} />}
      </div>
    </div>
  );
}

function BestTime({ row: { bestTime } }: { readonly row: Row }) {
  const zone = useZone();
  const [now] = useState(() => new Date());
  const best = bestTime.windows[0];
  if (!best) return <p>No time is better than another.</p>;
  const next = nextStart(best, bestTime.timezone, now);
  const isNow = isWithin(best, bestTime.timezone, now);
  return (
    <p>
      <strong>{windowText(best)}</strong> their time ({timeIn(now, bestTime.timezone)} there now)
      {isNow ? <>, which is now</> : next && <>, next on {momentIn(next, zone)} yours</>}
      <br />
      <span className={styles.soft}>
        {best.lift.toFixed(1)} times an average hour, {BASES[bestTime.basis]}
        {bestTime.acts > 0 && ` (${bestTime.acts} acts)`}
      </span>
    </p>
  );
}
