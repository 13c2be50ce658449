import { useAgain, usePaged } from '../../client';
import { WorkflowsRunsDocument, type WorkflowsRunFragment, type WorkflowsRunsQuery } from '../../gql/graphql';
import { count, Empty, PagedTable, Panel, plural, Tag, Time, type Column } from '../../parts';
import { Who, Why } from './Why';
import { STATUSES } from './words';
import styles from './Workflows.module.css';

const PAGE_ROWS = 20;
const AGAIN_MS = 5_000;

const connectionOf = ({ node }: WorkflowsRunsQuery) => (node?.__typename === 'Workflow' ? node.runs : null);

/** When it fired, for whom, on what, and what webhooks were told. */
export function Runs({ id }: { readonly id: string }) {
  const list = usePaged(WorkflowsRunsDocument, { id, first: PAGE_ROWS }, connectionOf);
  const { total } = list;
  useAgain(list.read.reload, AGAIN_MS);
  return (
    <Panel
      title="Run log"
      note={!total ? 'What it did' : `It fired ${count(total)} ${plural(total, 'time')}`}
    >
      <PagedTable
        list={list}
        label="Runs"
        columns={COLUMNS}
        keyOf={(row) => row.id}
        empty={
          <Empty title="It has not fired yet">
            While it is on, it acts within seconds of what it waits for. Clicks and unsubscribes are waited
            out for 15 seconds: a machine may turn out to have made them.
          </Empty>
        }
        lines={3}
        height="28rem"
        minWidth="56rem"
      />
    </Panel>
  );
}

const COLUMNS: readonly Column<WorkflowsRunFragment>[] = [
  {
    name: 'When',
    width: '15rem',
    cell: ({ firedAt, stakeholder }) => <Time at={firedAt} theirs={stakeholder?.timezone} />,
  },
  { name: 'Who', width: 'minmax(10rem, 1fr)', cell: (row) => <Who of={row} /> },
  {
    name: 'Why',
    width: 'minmax(14rem, 2fr)',
    cell: ({ reasons, evidence }) => <Why reasons={reasons} evidence={evidence} />,
  },
  { name: 'What became of it', width: 'minmax(12rem, 1fr)', cell: (row) => <Became of={row} /> },
];

function Became({ of: { withdrawnAt, deliveries } }: { readonly of: WorkflowsRunFragment }) {
  return (
    <span className={styles.inline}>
      {withdrawnAt == null ? (
        <Tag tone="good">stands</Tag>
      ) : (
        <>
          <Tag tone="warn">taken back</Tag> <Time at={withdrawnAt} />
        </>
      )}
      {deliveries.map(({ id, status }) => (
        <Tag key={id} tone={STATUSES[status][1]}>
          webhook {STATUSES[status][0]}
        </Tag>
      ))}
    </span>
  );
}
