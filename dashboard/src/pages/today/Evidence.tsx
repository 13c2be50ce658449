import { useRead } from '../../client';
import { RecommendationEvidenceDocument } from '../../gql/graphql';
import { ActorBadge, Empty, Shown, Skeleton, Time } from '../../parts';
import { shortUrl } from './stream';
import { DID } from './words';
import styles from './Today.module.css';

/** The events that a recommendation rests on, newest first. */
export function Evidence({
  id,
  timezone,
}: {
  readonly id: string;
  readonly timezone: string | null | undefined;
}) {
  const read = useRead(RecommendationEvidenceDocument, { id });
  return (
    <Shown read={read} skeleton={<Skeleton lines={2} />}>
      {({ node }) => {
        const events = node?.__typename === 'Recommendation' ? node.evidence : [];
        if (events.length === 0) {
          return (
            <Empty title="No single events">
              It rests on silence, or the events are older than what is kept.
            </Empty>
          );
        }
        return (
          <ul className={styles.events}>
            {events.map((event) => (
              <li key={event.id}>
                <span>
                  <ActorBadge actor={event.actor} reasons={event.machineReasons} />
                </span>
                <span>
                  {event.recipient?.address} {DID[event.kind]}{' '}
                  {event.campaign ? `“${event.campaign.name}”` : ''}
                  {event.url != null && <span className={styles.soft}> · {shortUrl(event.url)}</span>}
                  {event.detail != null && <span className={styles.soft}> · {event.detail}</span>}
                </span>
                <Time at={event.occurredAt} theirs={timezone} />
              </li>
            ))}
          </ul>
        );
      }}
    </Shown>
  );
}
