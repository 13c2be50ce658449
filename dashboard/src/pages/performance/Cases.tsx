import { useState } from 'react';
import { Link } from 'react-router';
import { usePaged } from '../../client';
import { PerformanceCasesDocument, type OutcomeGroup, type PerformanceCasesQuery } from '../../gql/graphql';
import {
  count,
  Empty,
  Export,
  PagedTable,
  Panel,
  plural,
  Select,
  Time,
  type Choice,
  type Column,
} from '../../parts';
import { KINDS, OUTCOMES } from '../today/words';
import { casesPath } from './choice';
import styles from './Performance.module.css';

type Row = PerformanceCasesQuery['outcomes']['cases']['nodes'][number];

const FIRST = 50;

const GROUPS: readonly Choice<OutcomeGroup>[] = [
  { value: 'HIGH_ENGAGERS', label: 'Of the follow-up rate' },
  { value: 'TREATED', label: 'Customers with recommendations' },
  { value: 'HELD_OUT', label: 'Customers held out' },
];

type Success = 'any' | 'yes' | 'no';

const SUCCESSES: readonly Choice<Success>[] = [
  { value: 'any', label: 'All of them' },
  { value: 'yes', label: 'Those that count' },
  { value: 'no', label: 'The others' },
];

const SUCCESS: Readonly<Record<Success, boolean | null>> = { any: null, yes: true, no: false };

const connectionOf = (result: PerformanceCasesQuery) => result.outcomes.cases;

interface CasesProps {
  readonly period: { readonly since: string; readonly until: string | null };
}

/** What the figures of outcomes are made of, each with what came of it. */
export function Cases({ period }: CasesProps) {
  const [group, setGroup] = useState<OutcomeGroup>('HIGH_ENGAGERS');
  const [counted, setCounted] = useState<Success>('any');
  const success = SUCCESS[counted];
  const list = usePaged(PerformanceCasesDocument, { ...period, group, success, first: FIRST }, connectionOf);
  return (
    <Panel
      title="Cases behind the outcomes"
      note={
        list.total === undefined
          ? 'What the rates above are made of, the newest first'
          : `${count(list.total)} ${plural(list.total, 'recommendation')}, the newest first`
      }
      actions={
        <>
          <Select label="Which cases" isBare value={group} onChange={setGroup} choices={GROUPS} />
          <Select label="Which of them" isBare value={counted} onChange={setCounted} choices={SUCCESSES} />
          <Export path={casesPath({ ...period, group, success })} of="cases" />
        </>
      }
    >
      <PagedTable
        list={list}
        label="List of cases"
        columns={group === 'HIGH_ENGAGERS' ? ENGAGERS : CUSTOMERS}
        keyOf={keyOf}
        empty={
          <Empty title="No cases">
            {group === 'HELD_OUT'
              ? 'Nobody was held out in this period: the setting HOLDOUT_PERCENT holds customers out by lot.'
              : 'Cases appear with recommendations about highly engaged customers.'}
          </Empty>
        }
        lines={6}
        height="24rem"
        minWidth="56rem"
      />
    </Panel>
  );
}

/** What was kept back has no recommendation; a customer is held out once. */
function keyOf({ recommendation, customer, recommendedAt }: Row): string {
  return recommendation?.id ?? customer?.id ?? recommendedAt;
}

const SHARED: readonly Column<Row>[] = [
  {
    name: 'Customer',
    width: 'minmax(11rem, 2fr)',
    cell: ({ customer }) =>
      customer ? (
        <Link to={`/customers/${customer.id}`}>{customer.name}</Link>
      ) : (
        <span className={styles.soft}>no longer there</span>
      ),
  },
  { name: 'Recommended', width: '11rem', cell: ({ kind }) => KINDS[kind][0] },
  { name: 'Since', width: '10rem', cell: ({ recommendedAt }) => <Time at={recommendedAt} /> },
];

const ENGAGERS: readonly Column<Row>[] = [
  ...SHARED,
  {
    name: 'Follow-up',
    width: '11rem',
    cell: ({ outcome }) =>
      OUTCOMES.find((one) => one.outcome === outcome)?.label ?? <span className={styles.soft}>none</span>,
  },
  { name: 'Counts as contact', width: '9rem', cell: ({ success }) => (success ? 'yes' : 'no') },
];

const CUSTOMERS: readonly Column<Row>[] = [
  ...SHARED,
  { name: 'Replied', width: '10rem', cell: ({ reply }) => moment(reply?.occurredAt) },
  { name: 'Conversation', width: '10rem', cell: ({ conversationAt }) => moment(conversationAt) },
  { name: 'Counts as converted', width: '9rem', cell: ({ success }) => (success ? 'yes' : 'no') },
];

function moment(at: string | null | undefined) {
  return at == null ? <span className={styles.soft}>not within 30 days</span> : <Time at={at} />;
}
