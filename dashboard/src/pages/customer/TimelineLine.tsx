import { Link } from 'react-router';
import { ActorBadge, Tag, Time } from '../../parts';
import { shortUrl } from '../today/stream';
import { DID } from '../today/words';
import type { Line } from './timeline';
import styles from './Timeline.module.css';

/** Who did what with which campaign, and when, by both clocks. */
export function TimelineLine({
  line: { event, who, stakeholderId, isCorrected, isRemoved },
  customerId,
  timezone,
}: {
  readonly line: Line;
  readonly customerId: string;
  readonly timezone: string | null | undefined;
}) {
  return (
    <>
      <span className={styles.what}>
        {isRemoved ? (
          <s>{who}: no longer at this customer</s>
        ) : (
          <>
            {stakeholderId === null ? (
              <strong>{who}</strong>
            ) : (
              <Link to={`/customers/${customerId}?stakeholder=${stakeholderId}`} preventScrollReset>
                {who}
              </Link>
            )}{' '}
            {DID[event.kind]}{' '}
            {event.campaign ? (
              <Link to={`/campaigns/${event.campaign.id}`}>{event.campaign.name}</Link>
            ) : (
              'a mail'
            )}
            {event.url != null && <span className={styles.soft}> · {shortUrl(event.url)}</span>}
          </>
        )}
      </span>
      <span className={styles.when}>
        <ActorBadge actor={event.actor} reasons={event.machineReasons} />
        {isCorrected && (
          <Tag tone="warn" title="Who acted is judged otherwise than before">
            corrected
          </Tag>
        )}
        <Time at={event.occurredAt} theirs={timezone} />
      </span>
    </>
  );
}
