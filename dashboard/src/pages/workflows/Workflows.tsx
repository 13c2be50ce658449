import { useState } from 'react';
import { Link } from 'react-router';
import { useSeesAll } from '../../app/viewer';
import { useAgain, useChange, useRead } from '../../client';
import { WorkflowsDocument, WorkflowsUpdateDocument, type WorkflowsQuery } from '../../gql/graphql';
import {
  ButtonLink,
  count,
  Empty,
  Page,
  Panel,
  plural,
  Shown,
  Skeleton,
  Switch,
  Time,
  toast,
} from '../../parts';
import { Closed } from './Closed';
import { draftOf, workflowInput } from './draft';
import { Endpoints } from './Endpoints';
import { sentenceOf } from './sentences';
import { refusals } from './useForm';
import styles from './Workflows.module.css';

type Row = WorkflowsQuery['workflows'][number];

const AGAIN_MS = 10_000;

/** All workflows, what they do and did last, and the webhooks that they call. */
export default function Workflows() {
  return useSeesAll() ? <All /> : <Closed />;
}

function All() {
  const read = useRead(WorkflowsDocument, {}, { about: ['Workflow'] });
  useAgain(read.reload, AGAIN_MS);
  return (
    <Page
      title="Workflows"
      lead="Triggers of your own: a condition on people, and what is done about whoever it comes to hold for"
      actions={
        <ButtonLink look="main" href="/workflows/new">
          New workflow
        </ButtonLink>
      }
    >
      <Panel
        title="All workflows"
        note="Machines’ acts never count. Each acts once for a person within its window"
      >
        <Shown read={read} skeleton={<Skeleton lines={4} height="4.5rem" />}>
          {({ workflows }) =>
            workflows.length === 0 ? (
              <Empty title="There are no workflows">
                Make one: say whom it should find, see whom it would have found, then turn it on.
              </Empty>
            ) : (
              <ul className={styles.rows}>
                {workflows.map((row) => (
                  <WorkflowRow key={row.id} row={row} />
                ))}
              </ul>
            )
          }
        </Shown>
      </Panel>
      <Endpoints />
    </Page>
  );
}

function WorkflowRow({ row }: { readonly row: Row }) {
  const update = useChange(WorkflowsUpdateDocument);
  const [wanted, setWanted] = useState<boolean | null>(null);
  const turn = async (enabled: boolean): Promise<void> => {
    setWanted(enabled);
    const input = workflowInput({ ...draftOf(row), enabled }, row.version);
    const { data, failure } = await update({ id: row.id, input });
    const [problem] = refusals(failure, data?.updateWorkflow.userErrors);
    setWanted(null);
    if (problem) toast(`That was not done: ${problem.message}`, 'bad');
    else toast(enabled ? `“${row.name}” is on` : `“${row.name}” is off`);
  };
  const isOn = wanted ?? row.enabled;
  return (
    <li className={styles.row}>
      <div className={styles.about}>
        <h3>
          <Link to={`/workflows/${row.id}`}>{row.name}</Link>
        </h3>
        <p>{sentenceOf(row)}</p>
        <p className={styles.soft}>
          <LastRuns runs={row.runs} />
        </p>
      </div>
      <Switch isOn={isOn} isDisabled={wanted !== null} onChange={(on) => void turn(on)}>
        <span>
          {isOn ? 'On' : 'Off'}
          <span className="visually-hidden">: {row.name}</span>
        </span>
      </Switch>
    </li>
  );
}

function LastRuns({ runs: { totalCount, nodes } }: { readonly runs: Row['runs'] }) {
  if (totalCount === 0) return 'Never fired';
  return (
    <>
      Fired {count(totalCount)} {plural(totalCount, 'time')}; last{' '}
      {nodes.map(({ id, firedAt, withdrawnAt, stakeholder, customer }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          {customer ? (
            <Link to={`/customers/${customer.id}${stakeholder ? `?stakeholder=${stakeholder.id}` : ''}`}>
              {stakeholder?.name ?? customer.name}
            </Link>
          ) : (
            'somebody who is no longer there'
          )}{' '}
          <Time at={firedAt} as="ago" />
          {withdrawnAt != null && ' (taken back)'}
        </span>
      ))}
    </>
  );
}
