import { useState } from 'react';
import { useParams } from 'react-router';
import { useUnsaved } from '../../app/useUnsaved';
import { useSeesAll } from '../../app/viewer';
import { useAsk, useChange, useRead } from '../../client';
import {
  WorkflowsDeleteDocument,
  WorkflowsOneDocument,
  WorkflowsUpdateDocument,
  type WorkflowInput,
  type WorkflowsOneQuery,
  type WorkflowsPlanFragment,
} from '../../gql/graphql';
import { Button, ButtonLink, Dialog, Empty, Page, Shown, Skeleton, Switch, toast } from '../../parts';
import { Closed } from './Closed';
import { draftOf, isSame, workflowInput } from './draft';
import { PlanForm } from './PlanForm';
import type { Problem } from './places';
import { Runs } from './Runs';
import { sentenceOf } from './sentences';
import { refusals, useForm } from './useForm';
import styles from './Workflows.module.css';

/** One workflow: what it is, what it would have done, and what it did. */
export default function Workflow() {
  return useSeesAll() ? <Known /> : <Closed />;
}

function planOf(read: WorkflowsOneQuery | undefined): WorkflowsPlanFragment | null {
  return read?.node?.__typename === 'Workflow' ? read.node : null;
}

function Known() {
  const { id = '' } = useParams();
  const read = useRead(WorkflowsOneDocument, { id });
  const ask = useAsk(WorkflowsOneDocument);
  const [fresh, setFresh] = useState<WorkflowsPlanFragment | null>(null);
  const found = fresh?.id === id ? fresh : planOf(read.data);
  // What is there is put in place of what somebody was writing only when they ask for it.
  const reload = async (): Promise<void> => {
    const { data, failure } = await ask({ id });
    if (failure) toast(`It was not read: ${failure.message}`, 'bad');
    else setFresh(planOf(data));
  };
  if (found && found.deletedAt == null)
    return (
      <Editor key={`${found.id} ${fresh?.version ?? ''}`} found={found} onReload={() => void reload()} />
    );
  return (
    <Page title={found?.name ?? 'Workflow'}>
      <Shown read={read} skeleton={<Skeleton lines={8} height="2.5rem" />}>
        {() =>
          found ? (
            <>
              <Empty title="It was deleted">It acts no more. What it did stays.</Empty>
              <Runs id={found.id} />
            </>
          ) : (
            <Empty title="There is no such workflow">Look at the list of workflows.</Empty>
          )
        }
      </Shown>
    </Page>
  );
}

interface Saved {
  readonly problems: readonly Problem[];
  readonly isOutdated: boolean;
}

/** What is saved, and how it is changed: each change is of the version that was looked at last. */
function useSaved(found: WorkflowsPlanFragment) {
  const [base, setBase] = useState(found);
  const [isSaving, setSaving] = useState(false);
  const update = useChange(WorkflowsUpdateDocument);
  const save = async (input: WorkflowInput): Promise<Saved> => {
    setSaving(true);
    const { data, failure } = await update({ id: base.id, input });
    setSaving(false);
    const answer = data?.updateWorkflow;
    if (answer?.workflow) setBase(answer.workflow);
    const isOutdated = answer?.userErrors.some(({ code }) => code === 'CONFLICT') ?? false;
    return { problems: refusals(failure, answer?.userErrors), isOutdated };
  };
  return { base, isSaving, save };
}

function Editor({
  found,
  onReload,
}: {
  readonly found: WorkflowsPlanFragment;
  readonly onReload: () => void;
}) {
  const { base, isSaving, save } = useSaved(found);
  const form = useForm(draftOf(base));
  const [isOutdated, setOutdated] = useState(false);
  const kept = draftOf(base);
  const isChanged = !isSame({ ...form.draft, enabled: kept.enabled }, kept);
  const { question, leave } = useUnsaved(isChanged);
  const saveDraft = async (): Promise<void> => {
    if (!isChanged) {
      toast('Nothing was changed');
      return;
    }
    const input = workflowInput({ ...form.draft, enabled: base.enabled }, base.version);
    const { problems, isOutdated: isLate } = await save(input);
    setOutdated(isLate);
    form.refuse(problems);
    if (problems.length === 0) toast(`“${input.name}” is saved`);
  };
  const turn = async (enabled: boolean): Promise<void> => {
    const { problems, isOutdated: isLate } = await save(workflowInput({ ...kept, enabled }, base.version));
    setOutdated(isLate);
    const [problem] = problems;
    if (problem) toast(`That was not done: ${problem.message}`, 'bad');
    else toast(enabled ? `“${base.name}” is on` : `“${base.name}” is off`);
  };
  return (
    <Page
      title={base.name}
      lead={sentenceOf(base)}
      actions={
        <>
          <Switch isOn={base.enabled} isDisabled={isSaving} onChange={(on) => void turn(on)}>
            {base.enabled ? 'On' : 'Off'}
          </Switch>
          <Removal workflow={base} onRemoved={() => leave('/workflows')} />
        </>
      }
    >
      <PlanForm
        form={form}
        isNew={false}
        isSaving={isSaving}
        isChanged={isChanged}
        onSave={() => void saveDraft()}
      >
        {isOutdated && <Button onPress={onReload}>Load what is there now</Button>}
        <ButtonLink href="/workflows" look="quiet">
          All workflows
        </ButtonLink>
      </PlanForm>
      <Runs id={base.id} />
      {question}
    </Page>
  );
}

function Removal({
  workflow: { id, name },
  onRemoved,
}: {
  readonly workflow: WorkflowsPlanFragment;
  readonly onRemoved: () => void;
}) {
  const [isAsking, setAsking] = useState(false);
  const remove = useChange(WorkflowsDeleteDocument);
  const commit = async (): Promise<void> => {
    const { data, failure } = await remove({ id });
    const [problem] = refusals(failure, data?.deleteWorkflow.userErrors);
    setAsking(false);
    if (problem) {
      toast(`That was not done: ${problem.message}`, 'bad');
      return;
    }
    toast(`“${name}” is deleted`);
    onRemoved();
  };
  return (
    <>
      <Button look="risky" onPress={() => setAsking(true)}>
        Delete
      </Button>
      <Dialog title={`Delete “${name}”?`} isOpen={isAsking} onClose={() => setAsking(false)}>
        <p>It acts no more. What it recommended, and its log, stay.</p>
        <p className={styles.inline}>
          <Button look="risky" onPress={() => void commit()}>
            Delete workflow
          </Button>
          <Button onPress={() => setAsking(false)}>Cancel</Button>
        </p>
      </Dialog>
    </>
  );
}
