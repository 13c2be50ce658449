import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { useAsk, useLive, useSnapshot } from '../../client';
import { ACTS, CHOICES, isChosen, type Choice } from '../../engagement/choice';
import {
  CustomerEngagementRecordedDocument,
  CustomerTimelineDocument,
  type CustomerTimelineQuery,
} from '../../gql/graphql';
import { Button, Empty, FailureNote, Panel, Select, Skeleton } from '../../parts';
import { lineOf, withOlder, withUpdate, type Line } from './timeline';
import { TimelineLine } from './TimelineLine';
import styles from './Timeline.module.css';

const FIRST = 50;
const LINE_PX = 84;

interface TimelineProps {
  readonly id: string;
  readonly timezone: string | null | undefined;
  /** Something happened: figures will follow. */
  readonly onHappened: () => void;
}

/** What its people did, as they do it; older pages on demand. */
export function Timeline({ id, timezone, onHappened }: TimelineProps) {
  const [choice, setChoice] = useState<Choice>('acts');
  const filter = choice === 'all' ? null : { kinds: [...ACTS] };
  const read = useSnapshot(CustomerTimelineDocument, { id, filter, first: FIRST });
  const customer = read.data?.customer;
  return (
    <Panel
      title="Timeline"
      note="Live; machines’ acts are shown, not counted"
      actions={<Select label="What is shown" isBare value={choice} onChange={setChoice} choices={CHOICES} />}
    >
      {read.failure && <FailureNote failure={read.failure} onRetry={read.reload} />}
      {read.isLoading && <Skeleton lines={8} height="3.5rem" />}
      {customer && (
        <Lines
          key={`${choice === 'all' ? 'all' : 'acts'} ${customer.feedCursor}`}
          start={customer}
          filter={filter}
          choice={choice}
          timezone={timezone}
          onExpired={read.reload}
          onHappened={onHappened}
        />
      )}
    </Panel>
  );
}

interface LinesProps {
  readonly start: NonNullable<CustomerTimelineQuery['customer']>;
  readonly filter: { readonly kinds: typeof ACTS extends readonly (infer Kind)[] ? Kind[] : never } | null;
  readonly choice: Choice;
  readonly timezone: string | null | undefined;
  readonly onExpired: () => void;
  readonly onHappened: () => void;
}

/** Lines of one height, placed by transforms: a new one moves the others without the page being laid out anew. */
function Lines({ start, filter, choice, timezone, onExpired, onHappened }: LinesProps) {
  const { id } = start;
  const [lines, setLines] = useState<readonly Line[]>(() => start.events.nodes.map((one) => lineOf(one, id)));
  const [page, setPage] = useState(start.events.pageInfo);
  const [isReading, setIsReading] = useState(false);
  const ask = useAsk(CustomerTimelineDocument);
  const place = useRef<HTMLDivElement>(null);
  useLive(
    CustomerEngagementRecordedDocument,
    { id, after: start.feedCursor },
    {
      onUpdate: ({ engagementRecorded }) => {
        setLines((before) => withUpdate(before, engagementRecorded, id, !page.hasNextPage));
        onHappened();
      },
      onFailure: ({ kind }) => {
        if (kind === 'cursor-expired') onExpired();
      },
    },
  );
  const readMore = async (): Promise<void> => {
    setIsReading(true);
    const { data } = await ask({ id, filter, first: FIRST, after: page.endCursor ?? null });
    setIsReading(false);
    const events = data?.customer?.events;
    if (!events) return;
    setLines((before) => withOlder(before, events.nodes, id));
    setPage(events.pageInfo);
  };
  const visible = lines.filter((line) => isChosen(line, choice));
  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler is not used here
  const virtual = useVirtualizer({
    count: visible.length,
    getScrollElement: () => place.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => visible[index]?.id ?? index,
    overscan: 6,
  });
  return (
    <div
      ref={place}
      className={styles.lines}
      // What scrolls must be within the keyboard's reach.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label="Timeline of the customer"
    >
      {visible.length === 0 && (
        <Empty title="Quiet so far">What its people do with campaigns appears here within a second.</Empty>
      )}
      {visible.length > 0 && (
        <ol style={{ blockSize: `${virtual.getTotalSize()}px` }}>
          {virtual.getVirtualItems().map((item) => {
            const line = visible[item.index];
            return (
              line && (
                <li
                  key={line.id}
                  style={{ transform: `translateY(${item.start}px)` }}
                  data-event={line.event.kind}
                  data-fresh={line.isFresh || undefined}
                >
                  <TimelineLine line={line} customerId={id} timezone={line.timezone ?? timezone} />
                </li>
              )
            );
          })}
        </ol>
      )}
      {page.hasNextPage && (
        <p className={styles.more}>
          <Button isSmall isDisabled={isReading} onPress={() => void readMore()}>
            {isReading ? 'Reading …' : 'Show older'}
          </Button>
        </p>
      )}
    </div>
  );
}
