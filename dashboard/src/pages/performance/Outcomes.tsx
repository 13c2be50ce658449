import { useMemo } from 'react';
import { useRead } from '../../client';
import { useHappened } from '../../engagement/useHappened';
import {
  PerformanceOutcomesDocument,
  type PerformanceLiftFragment,
  type PerformanceOutcomesQuery,
} from '../../gql/graphql';
import {
  count,
  IntervalPlot,
  Measure,
  Measures,
  Panel,
  percent,
  Rate,
  Shown,
  Skeleton,
  Table,
  Tag,
  type Interval,
  type RateValue,
} from '../../parts';
import { Cases } from './Cases';
import { EVERY_MS, outcomesPeriod, type Bounds } from './choice';
import { Sureness } from './Totals';
import { differenceText, pointsText, verdictWords } from './words';
import styles from './Performance.module.css';

type Found = PerformanceOutcomesQuery['outcomes'];

/** Whether it works: coverage, follow-ups, and what recommendations changed. */
export function Outcomes({ bounds }: { readonly bounds: Bounds }) {
  const period = useMemo(() => outcomesPeriod(bounds), [bounds]);
  const read = useRead(PerformanceOutcomesDocument, period, { about: ['Recommendation', 'Event'] });
  useHappened(read.reload, EVERY_MS);
  return (
    <>
      <Panel
        title="Outcomes"
        note="Recommendations that appeared in the period, whatever the campaigns chosen above"
      >
        <Shown read={read} skeleton={<Skeleton lines={1} height="24rem" />}>
          {({ outcomes }) => (
            <>
              <Reached outcomes={outcomes} />
              <Lifts outcomes={outcomes} />
            </>
          )}
        </Shown>
      </Panel>
      <Cases period={period} />
    </>
  );
}

function Reached({ outcomes: { coverage, followUps } }: { readonly outcomes: Found }) {
  return (
    <Measures>
      <Share
        name="Coverage"
        rate={coverage}
        of="recipients matched, of all time; the aim is more than 95 %"
      />
      <Share
        name="Follow-up rate"
        rate={followUps.rate}
        of={`recommendations about the highly engaged led to contact; ${count(followUps.waiting)} still may`}
      />
    </Measures>
  );
}

function Share({ name, rate, of }: { readonly name: string; readonly rate: RateValue; readonly of: string }) {
  return (
    <Measure
      name={name}
      note={
        <>
          {count(rate.numerator)} of {count(rate.denominator)} {of}
          <br />
          <Sureness rate={rate} />
        </>
      }
    >
      {rate.value == null ? '–' : percent(rate.value)}
    </Measure>
  );
}

interface Lift {
  readonly name: string;
  /** On the plot, which has less room. */
  readonly short: string;
  readonly note: string;
  readonly found: PerformanceLiftFragment;
}

function Lifts({ outcomes: { conversionLift, replyLift } }: { readonly outcomes: Found }) {
  const rows = useMemo<readonly Lift[]>(
    () => [
      {
        name: 'Conversation, meeting or reply',
        short: 'Conversation',
        note: 'follow-ups can be written down for customers with recommendations alone, which flatters it',
        found: conversionLift,
      },
      { name: 'Reply', short: 'Reply', note: 'seen of both alike', found: replyLift },
    ],
    [conversionLift, replyLift],
  );
  const dots = useMemo(() => rows.map(dot), [rows]);
  const [verdict, meaning, tone] = verdictWords(replyLift);
  return (
    <>
      <h3>What recommendations change</h3>
      <p className={styles.verdict}>
        <Tag tone={tone}>{verdict}</Tag>
        <span>{meaning}</span>
      </p>
      {replyLift.difference != null && (
        <IntervalPlot
          rows={dots}
          mark={NONE}
          text={pointsText}
          summary={`Customers with recommendations less those held out by lot, with 95 % intervals. Reply: ${differenceText(replyLift)}.`}
        />
      )}
      <Table
        label="Table of what recommendations change"
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          {
            name: 'Within 30 days',
            width: '12rem',
            cell: ({ name, note }) => (
              <>
                {name}
                <br />
                <span className={styles.small}>{note}</span>
              </>
            ),
          },
          {
            name: 'With recommendations',
            width: '13rem',
            cell: ({ found }) => <Rate rate={found.treated} of="customers" />,
          },
          {
            name: 'Held out by lot',
            width: '13rem',
            cell: ({ found }) => <Rate rate={found.heldOut} of="customers" />,
          },
          {
            name: 'Difference, 95 % interval',
            width: '12rem',
            cell: ({ found }) => differenceText(found),
          },
          {
            name: 'What it says',
            width: '12rem',
            cell: ({ found }) => {
              const [word, , of] = verdictWords(found);
              return <Tag tone={of}>{word}</Tag>;
            },
          },
        ]}
      />
    </>
  );
}

const NONE = { at: 0, label: 'no difference' };

const SIDES = { HELPS: 'above', HARMS: 'below', NO_RELEVANT_LIFT: 'like' } as const;

function dot({ name, short, found }: Lift): Interval {
  const { verdict, difference, low, high } = found;
  const side = verdict === 'NO_HOLDOUT' || verdict === 'UNDERPOWERED' ? 'unknown' : SIDES[verdict];
  return {
    name: short,
    value: difference ?? null,
    low: low ?? null,
    high: high ?? null,
    side,
    tone: side === 'above' ? 'good' : side === 'below' ? 'bad' : side === 'like' ? 'plain' : 'faint',
    text: [name, differenceText(found), verdictWords(found)[0]].join('\n'),
  };
}
