import { useMemo, type ReactNode } from 'react';
import { Link } from 'react-router';
import {
  count,
  Empty,
  Export,
  IntervalPlot,
  Panel,
  percent,
  Rate,
  Table,
  Tag,
  type Column,
} from '../../parts';
import { intervals, markOf, rangeText, ranked, summaryOf, type Group, type Row } from './groups';
import { standingWords, type MetricWords } from './words';
import styles from './Performance.module.css';

interface GroupPanelProps {
  readonly title: string;
  readonly note: string;
  /** What a group is, e.g. “Segment”. */
  readonly kind: string;
  readonly groups: readonly Group[];
  readonly words: MetricWords;
  readonly csv: string;
  /** Why there may be none, and what makes some appear. */
  readonly none: ReactNode;
}

/** Groups side by side: first to look at, then to read. */
export function GroupPanel({ title, note, kind, groups, words, csv, none }: GroupPanelProps) {
  const rows = useMemo(() => ranked(groups, words), [groups, words]);
  return (
    <Panel
      title={title}
      note={note}
      actions={rows.length > 0 && <Export path={csv} of={title.toLowerCase()} />}
    >
      {rows.length === 0 ? (
        <Empty title="Nothing to compare">{none}</Empty>
      ) : (
        <div className={styles.pair}>
          <Plot rows={rows} words={words} />
          <Table
            label={`Table of ${title.toLowerCase()}`}
            rows={rows}
            keyOf={({ key }) => key}
            columns={columnsOf(
              kind,
              words,
              groups.some(({ customers }) => customers !== undefined),
            )}
          />
        </div>
      )}
    </Panel>
  );
}

/** The picture: the best on top. */
function Plot({ rows, words }: { readonly rows: readonly Row[]; readonly words: MetricWords }) {
  const dots = useMemo(() => intervals(rows, words), [rows, words]);
  const mark = useMemo(() => markOf(rows), [rows]);
  return (
    <div>
      <IntervalPlot rows={dots} mark={mark} text={percent} summary={summaryOf(rows, words)} />
      <p className={styles.small}>
        {mark
          ? 'Filled: adjusted for size, with its 95 % interval. Hollow: as counted.'
          : 'As counted, with the 95 % interval. To adjust for size takes three groups with 20 delivered each.'}
      </p>
    </div>
  );
}

/** The columns that all tables of groups have. */
export function columnsOf(kind: string, words: MetricWords, hasCustomers = false): readonly Column<Row>[] {
  return [
    { name: kind, width: '7rem', cell: (row) => <Name row={row} /> },
    {
      name: words.label,
      width: '16rem',
      cell: ({ found }) => <Rate rate={found.rate} of="delivered" />,
    },
    {
      name: 'Adjusted for size',
      width: '9rem',
      cell: ({ found }) =>
        found.adjusted == null ? <span className={styles.soft}>–</span> : rangeText(found),
    },
    {
      name: 'Beside the others',
      width: '8rem',
      cell: ({ found }) => {
        const [text, tone] = standingWords(found.standing, words);
        return <Tag tone={tone}>{text}</Tag>;
      },
    },
    ...(hasCustomers
      ? [
          {
            name: 'Customers',
            width: '5rem',
            isNumber: true,
            cell: ({ customers }: Row) => (customers == null ? '–' : count(customers)),
          },
        ]
      : []),
    { name: 'Campaigns', width: '5rem', isNumber: true, cell: ({ campaigns }) => count(campaigns) },
  ];
}

function Name({ row: { name, type } }: { readonly row: Row }) {
  return type === undefined ? name : <Link to={`/campaigns?type=${type}`}>{name}</Link>;
}
