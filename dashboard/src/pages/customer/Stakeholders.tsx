import { useCallback, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { usePaged } from '../../client';
import { CustomerStakeholdersDocument, type CustomerStakeholdersQuery } from '../../gql/graphql';
import {
  Empty,
  LevelBadge,
  PagedTable,
  Panel,
  Select,
  Tag,
  Time,
  windowText,
  type Column,
  type Tone,
} from '../../parts';
import { PersonDialog } from './PersonDialog';
import { reachOf, type Reach } from './standing';
import { useNow } from './useNow';
import styles from './Customer.module.css';

type Row = NonNullable<CustomerStakeholdersQuery['customer']>['stakeholders']['nodes'][number];

const FIRST = 100;
const PARAM = 'stakeholder';
const ALL = 'all';

const TONES: Readonly<Record<Reach, Tone>> = {
  engaged: 'good',
  reached: 'act',
  dark: 'warn',
  'not reached': 'plain',
};

const CHOICES: readonly { readonly value: Reach | typeof ALL; readonly label: string }[] = [
  { value: ALL, label: 'Everybody' },
  { value: 'engaged', label: 'Engaged' },
  { value: 'reached', label: 'Reached, not engaged' },
  { value: 'dark', label: 'Dark' },
  { value: 'not reached', label: 'Not reached' },
];

const connectionOf = (result: CustomerStakeholdersQuery) => result.customer?.stakeholders;

/** The people there: reached, engaged, dark, and when to reach each. */
export function Stakeholders({ id }: { readonly id: string }) {
  const [chosen, setChosen] = useState<Reach | typeof ALL>(ALL);
  const [params, setParams] = useSearchParams();
  const now = useNow();
  const list = usePaged(CustomerStakeholdersDocument, { id, first: FIRST }, connectionOf);
  const close = useCallback(
    () =>
      setParams((before) => {
        before.delete(PARAM);
        return before;
      }),
    [setParams],
  );
  const rows = list.rows.filter((row) => chosen === ALL || reachOf(row, now) === chosen);
  const person = params.get(PARAM);
  return (
    <Panel
      title="Stakeholders"
      note="Engaged and reached within 90 days; dark: nothing over 5 delivered mails or 60 days"
      actions={<Select label="Which people" isBare value={chosen} onChange={setChosen} choices={CHOICES} />}
    >
      <PagedTable
        list={list}
        label="The people there"
        columns={columns(id, now)}
        rows={rows}
        keyOf={(row) => row.id}
        empty={<Nobody isAll={chosen === ALL} isWhole={list.onMore === null} />}
        lines={5}
        height="24rem"
        minWidth="46rem"
      />
      {person !== null && <PersonDialog id={person} onClose={close} />}
    </Panel>
  );
}

function Nobody({ isAll, isWhole }: { readonly isAll: boolean; readonly isWhole: boolean }) {
  if (isAll)
    return (
      <Empty title="Nobody is known here">People come with the import, or when a domain is confirmed.</Empty>
    );
  return isWhole ? (
    <Empty title="Nobody like that">Choose another group above.</Empty>
  ) : (
    <Empty title="Nobody like that so far">Not all people here were read yet.</Empty>
  );
}

function columns(id: string, now: Date): readonly Column<Row>[] {
  return [
    {
      name: 'Person',
      width: 'minmax(11rem, 2fr)',
      cell: (row) => (
        <>
          <Link to={`/customers/${id}?${PARAM}=${row.id}`} preventScrollReset>
            {row.name ?? row.addresses[0] ?? 'unnamed'}
          </Link>
          {row.title != null && <span className={styles.soft}> · {row.title}</span>}
        </>
      ),
    },
    {
      name: 'Standing',
      width: '8rem',
      cell: (row) => {
        const reach = reachOf(row, now);
        return (
          <span className={styles.inline}>
            <Tag tone={TONES[reach]}>{reach}</Tag>
            {row.suppressed && <Tag tone="bad">do not mail</Tag>}
          </span>
        );
      },
    },
    {
      name: 'Score of 100',
      width: '8rem',
      cell: ({ score }) => (
        <span className={styles.inline}>
          {score.value != null && <strong className={styles.score}>{score.value.toFixed(1)}</strong>}
          <LevelBadge level={score.level} enoughData={score.enoughData} />
        </span>
      ),
    },
    {
      name: 'Last engaged',
      width: '7rem',
      cell: ({ lastEngagedAt }) =>
        lastEngagedAt == null ? (
          <span className={styles.soft}>never</span>
        ) : (
          <Time at={lastEngagedAt} as="ago" />
        ),
    },
    {
      name: 'Best time (theirs)',
      width: 'minmax(10rem, 1fr)',
      cell: ({ bestTime: { windows, basis } }) =>
        windows[0] && (
          <span className={basis === 'STAKEHOLDER' ? undefined : styles.soft}>
            {windowText(windows[0])}
            {basis !== 'STAKEHOLDER' && ' · not from their own acts'}
          </span>
        ),
    },
  ];
}
