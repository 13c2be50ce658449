import { useRef, useState } from 'react';
import { Link } from 'react-router';
import { useLive, useSnapshot } from '../../client';
import { CHOICES, isChosen, type Choice } from '../../engagement/choice';
import { PortfolioEngagementDocument, StreamStartDocument, type StreamStartQuery } from '../../gql/graphql';
import { ActorBadge, Button, Empty, FailureNote, Panel, Select, Skeleton, Tag, Time } from '../../parts';
import { begun, shortUrl, withUpdate, type Line } from './stream';
import { DID } from './words';
import styles from './Stream.module.css';

/** Updates read at once; the rest is live. */
const FIRST = 100;
const LINE_REM = 4.25;

/** What happens in the portfolio, as it happens. */
export function Stream({ csmId }: { readonly csmId: string | null }) {
  const [choice, setChoice] = useState<Choice>('acts');
  const read = useSnapshot(StreamStartDocument, { csmId, first: FIRST });
  return (
    <Panel
      title="Just now"
      note="Live; machines’ acts are shown, not counted"
      actions={<Select label="What is shown" isBare value={choice} onChange={setChoice} choices={CHOICES} />}
    >
      {read.failure && <FailureNote failure={read.failure} onRetry={read.reload} />}
      {read.isLoading && <Skeleton lines={8} height="3.25rem" />}
      {read.data && (
        <Lines
          key={read.data.recentEngagement.feedCursor}
          start={read.data.recentEngagement}
          csmId={csmId}
          choice={choice}
          onExpired={read.reload}
        />
      )}
    </Panel>
  );
}

interface LinesProps {
  readonly start: StreamStartQuery['recentEngagement'];
  readonly csmId: string | null;
  readonly choice: Choice;
  readonly onExpired: () => void;
}

/**
 * Lines of one height, placed by transforms: a new one moves the others without the page being laid out anew.
 * While somebody reads (pointer or focus within, or scrolled down), they stand still and new ones are counted.
 */
function Lines({ start, csmId, choice, onExpired }: LinesProps) {
  const [lines, setLines] = useState<readonly Line[]>(() => begun(start.updates));
  const [held, setHeld] = useState<readonly Line[] | null>(null);
  const place = useRef<HTMLDivElement>(null);
  useLive(
    PortfolioEngagementDocument,
    { csmId, after: start.feedCursor },
    {
      onUpdate: ({ portfolioEngagement }) => setLines((before) => withUpdate(before, portfolioEngagement)),
      onFailure: ({ kind }) => {
        if (kind === 'cursor-expired') onExpired();
      },
    },
  );
  const hold = (): void => setHeld((before) => before ?? lines);
  const release = (): void => {
    const element = place.current;
    const isRead = element !== null && (element.scrollTop > 0 || element.contains(document.activeElement));
    if (!isRead) setHeld(null);
  };
  const known = new Set(held?.map((line) => line.id));
  const fresh = held ? lines.filter((line) => !known.has(line.id) && isChosen(line, choice)).length : 0;
  const current = held ? lines.filter((line) => known.has(line.id)) : lines;
  const visible = current.filter((line) => isChosen(line, choice));
  return (
    <>
      <div className={styles.fresh} role="status">
        {fresh > 0 && (
          <Button
            isSmall
            onPress={() => {
              place.current?.scrollTo({ top: 0 });
              setHeld(null);
            }}
          >
            Show {fresh} new
          </Button>
        )}
      </div>
      {/* Not acted on: pointer and focus only tell that somebody reads. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={place}
        className={styles.lines}
        // What scrolls must be within the keyboard's reach.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label="Live stream"
        onPointerEnter={hold}
        onPointerLeave={release}
        onFocus={hold}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget) && event.currentTarget.scrollTop === 0)
            setHeld(null);
        }}
        onScroll={hold}
      >
        {visible.length === 0 && (
          <Empty title="Quiet so far">
            What your customers do with your campaigns appears here within a second.
          </Empty>
        )}
        <ul style={{ blockSize: `${visible.length * LINE_REM}rem` }}>
          {visible.map((line, index) => (
            <li
              key={line.id}
              style={{ transform: `translateY(${index * LINE_REM}rem)` }}
              data-event={line.event?.kind}
            >
              <OneLine line={line} />
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}

function OneLine({ line: { customer, event, who, timezone, isCorrected } }: { readonly line: Line }) {
  return (
    <>
      <span className={styles.what}>
        {event ? (
          <>
            <strong>{who}</strong> {DID[event.kind]} {event.campaign?.name ?? 'a mail'}
            {event.url != null && <span className={styles.soft}> · {shortUrl(event.url)}</span>}
          </>
        ) : (
          <s>{who}: no longer at this customer</s>
        )}
      </span>
      <span className={styles.where}>
        <Link to={`/customers/${customer.id}`}>{customer.name}</Link>
        {event && <ActorBadge actor={event.actor} reasons={event.machineReasons} />}
        {isCorrected && (
          <Tag tone="warn" title="Who acted is judged otherwise than before">
            corrected
          </Tag>
        )}
        {event && (
          <span className={styles.when}>
            <Time at={event.occurredAt} theirs={timezone} as="time" />
          </span>
        )}
      </span>
    </>
  );
}
