import { useState } from 'react';
import { useUnsaved } from '../../app/useUnsaved';
import { useSeesAll } from '../../app/viewer';
import { useChange } from '../../client';
import { WorkflowsCreateDocument } from '../../gql/graphql';
import { ButtonLink, Page, toast } from '../../parts';
import { Closed } from './Closed';
import { isSame, newDraft, workflowInput } from './draft';
import { PlanForm } from './PlanForm';
import { refusals, useForm } from './useForm';

/** A workflow that is not there yet. */
export default function NewWorkflow() {
  return useSeesAll() ? <Writing /> : <Closed />;
}

function Writing() {
  const [start] = useState(newDraft);
  const form = useForm(start);
  const [isSaving, setSaving] = useState(false);
  const create = useChange(WorkflowsCreateDocument);
  const { question, leave } = useUnsaved(!isSame(form.draft, start));
  const save = async (): Promise<void> => {
    setSaving(true);
    const { data, failure } = await create({ input: workflowInput(form.draft) });
    setSaving(false);
    const made = data?.createWorkflow.workflow;
    if (!made) {
      form.refuse(refusals(failure, data?.createWorkflow.userErrors));
      return;
    }
    toast(made.enabled ? `“${made.name}” is saved and on` : `“${made.name}” is saved, and off for now`);
    leave(`/workflows/${made.id}`);
  };
  return (
    <Page
      title="New workflow"
      lead="A condition on people, and what is done about whoever it comes to hold for"
    >
      <PlanForm form={form} isNew isSaving={isSaving} isChanged onSave={() => void save()}>
        <ButtonLink href="/workflows">Cancel</ButtonLink>
      </PlanForm>
      {question}
    </Page>
  );
}
