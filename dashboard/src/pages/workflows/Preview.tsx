import { useMemo } from 'react';
import type { WorkflowsFiringFragment, WorkflowsPreviewQuery } from '../../gql/graphql';
import {
  Chart,
  count,
  Count,
  dateIn,
  Empty,
  FailureNote,
  Measure,
  Measures,
  Panel,
  plural,
  Select,
  Skeleton,
  Table,
  Time,
  useZone,
  VirtualTable,
  type Choice,
  type Column,
} from '../../parts';
import { daysOf, heightOf, lanesOf, pictureOf, summaryOf } from './picture';
import type { usePreview } from './usePreview';
import { Who, Why } from './Why';
import styles from './Workflows.module.css';

/** How far back a preview looks. */
export type Span = '7' | '30' | '90';

const SPANS: readonly Choice<Span>[] = [
  { value: '7', label: 'the last 7 days' },
  { value: '30', label: 'the last 30 days' },
  { value: '90', label: 'the last 90 days' },
];

interface PreviewProps {
  readonly preview: ReturnType<typeof usePreview>;
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
}

/** For whom the workflow would have acted, when and why, had it been on; asked again with every change. */
export function Preview({ preview: { found, isAsking }, span, onSpan }: PreviewProps) {
  const failure = found?.failure ?? null;
  return (
    <Panel
      title="Preview"
      note="Had it been on, judged by what is known today. Nothing is done."
      actions={<Select label="Over which time" isBare choices={SPANS} value={span} onChange={onSpan} />}
    >
      <p role="status" className={styles.soft}>
        {isAsking ? 'Looking …' : failure?.field ? 'Not yet: the condition is unfinished.' : 'Up to date'}
      </p>
      {found === null && <Skeleton lines={1} height="22rem" />}
      {failure &&
        (failure.field ? (
          <Empty title="The condition is unfinished">{failure.message}</Empty>
        ) : (
          <FailureNote failure={failure} />
        ))}
      {found?.data && (
        <div className={isAsking ? styles.stale : undefined}>
          <Found preview={found.data.workflowPreview} now={found.at} />
        </div>
      )}
    </Panel>
  );
}

type Result = WorkflowsPreviewQuery['workflowPreview'];

const MOST_LANES = 12;

function Found({ preview, now }: { readonly preview: Result; readonly now: Date }) {
  const zone = useZone();
  const { days, lanes, option } = useMemo(() => {
    const days = daysOf(preview, now);
    const lanes = lanesOf(preview.firings, MOST_LANES);
    return { days, lanes, option: pictureOf(days, lanes, { since: new Date(preview.since), now, zone }) };
  }, [preview, now, zone]);
  return (
    <div className={styles.parts}>
      <Measures>
        <Measure name="Would have fired">
          <Count value={preview.times} unit="time" />
        </Measure>
        <Measure name="For">
          <Count value={preview.people} unit="person" units="people" />
        </Measure>
        <Measure name="At">
          <Count value={preview.customers} unit="customer" />
        </Measure>
      </Measures>
      <p className={styles.soft}>
        {preview.lookedAt < preview.peopleInAll
          ? `A sample: ${count(preview.lookedAt)} of ${count(preview.peopleInAll)} people were looked at.`
          : `Everybody whom mail was sent to was looked at: ${count(preview.peopleInAll)} ${plural(preview.peopleInAll, 'person', 'people')}.`}
      </p>
      {preview.times === 0 ? (
        <Empty title="It would have done nothing">
          Nobody met the condition in this time. Look further back, or ask for less.
        </Empty>
      ) : (
        <>
          <Chart
            summary={summaryOf(preview, days)}
            option={option}
            height={`${heightOf(lanes)}px`}
            table={
              <Table
                label="Times a day"
                rows={days.filter(({ times }) => times > 0)}
                keyOf={({ day }) => day}
                columns={[
                  { name: 'Day (UTC)', width: '8rem', cell: ({ day }) => dateIn(new Date(day), 'UTC') },
                  { name: 'Times', width: '4rem', isNumber: true, cell: ({ times }) => count(times) },
                ]}
              />
            }
          />
          <p className={styles.soft}>
            {lanes.length < preview.people
              ? `Above, how often on each day; below, ${lanes.length} of the ${count(preview.people)} people.`
              : 'Above, how often on each day; below, for whom.'}
          </p>
          <h3>Who, when and why</h3>
          <VirtualTable
            label="Whom it would have acted on"
            rows={preview.firings}
            keyOf={(row) => `${row.stakeholder?.id ?? ''} ${row.at}`}
            columns={COLUMNS}
            height="24rem"
            minWidth="34rem"
          />
          {preview.times > preview.firings.length && (
            <p className={styles.soft}>
              The latest {preview.firings.length} of {count(preview.times)} are listed; the days above have
              all.
            </p>
          )}
        </>
      )}
    </div>
  );
}

const COLUMNS: readonly Column<WorkflowsFiringFragment>[] = [
  {
    name: 'When',
    width: '10rem',
    cell: ({ at }) => <Time at={at} />,
  },
  { name: 'Who', width: 'minmax(9rem, 1fr)', cell: (row) => <Who of={row} /> },
  {
    name: 'Why',
    width: 'minmax(13rem, 2fr)',
    cell: ({ reasons, evidence }) => <Why reasons={reasons} evidence={evidence} />,
  },
];
