import { useMemo } from 'react';
import { useRead } from '../../client';
import { useHappened } from '../../engagement/useHappened';
import { PerformanceSendTimesDocument, type CampaignFilter } from '../../gql/graphql';
import {
  count,
  Empty,
  Export,
  Panel,
  percent,
  plural,
  Shown,
  Skeleton,
  VirtualTable,
  WeekMap,
} from '../../parts';
import { csvPath, EVERY_MS } from './choice';
import { columnsOf } from './GroupPanel';
import { hourGroups, ranked, summaryOf, weekOf, type Group } from './groups';
import type { MetricWords } from './words';
import styles from './Performance.module.css';

interface SendTimesProps {
  readonly filter: CampaignFilter;
  readonly zone: string;
  readonly words: MetricWords;
}

/** What campaigns did by the hour in which they went out, by the viewer's clock. */
export function SendTimes({ filter, zone, words }: SendTimesProps) {
  const read = useRead(PerformanceSendTimesDocument, { filter, timezone: zone }, { about: ['Campaign'] });
  useHappened(read.reload, EVERY_MS);
  const found = read.data?.performance.sendTimes;
  const groups = useMemo(() => hourGroups(found ?? []), [found]);
  return (
    <Panel
      title="Send times"
      note={`By the hour in which campaigns went out, in ${zone}; campaigns differ in more than their hour`}
      actions={groups.length > 0 && <Export path={csvPath('send-times', filter, zone)} of="send times" />}
    >
      <Shown read={read} skeleton={<Skeleton lines={1} height="20rem" />}>
        {() =>
          groups.length === 0 ? (
            <Empty title="No hour to compare">
              Hours appear with the first campaign whose time is known.
            </Empty>
          ) : (
            <Hours groups={groups} words={words} />
          )
        }
      </Shown>
    </Panel>
  );
}

function Hours({ groups, words }: { readonly groups: readonly Group[]; readonly words: MetricWords }) {
  const rows = useMemo(() => ranked(groups, words), [groups, words]);
  const week = useMemo(() => weekOf(rows), [rows]);
  return (
    <div className={styles.pair}>
      <div>
        {week ? (
          <>
            <WeekMap
              values={week.values}
              least={week.least}
              summary={summaryOf(rows, words)}
              text={percent}
              height="17rem"
              isBare
            />
            <p className={styles.small}>
              The stronger, the higher the {words.label.toLowerCase()}: from {percent(week.least)} to{' '}
              {percent(week.most)} of delivered{week.thin > 0 && `; ${thinText(week.thin)}`}. In blank hours
              nothing went out.
            </p>
          </>
        ) : (
          <Empty title="Not enough data">No hour has 20 delivered mails yet.</Empty>
        )}
      </div>
      <VirtualTable
        label="Table of send times"
        columns={columnsOf('Hour', words).map((column, index) => ({
          ...column,
          width: WIDTHS[index] ?? '8rem',
        }))}
        rows={rows}
        keyOf={({ key }) => key}
        height="20rem"
        minWidth="54rem"
      />
    </div>
  );
}

const WIDTHS: readonly string[] = ['minmax(9rem, 1fr)', '17rem', '10rem', '9rem', '6rem'];

function thinText(hours: number): string {
  return `${count(hours)} ${plural(hours, 'hour')} with fewer than 20 delivered ${hours === 1 ? 'is' : 'are'} left out`;
}
