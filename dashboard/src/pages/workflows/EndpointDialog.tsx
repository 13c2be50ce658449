import { useState } from 'react';
import { useChange } from '../../client';
import {
  WorkflowsChangeEndpointDocument,
  WorkflowsMakeEndpointDocument,
  type WorkflowsEndpointFragment,
} from '../../gql/graphql';
import { Button, Dialog, TextField, toast } from '../../parts';
import type { Problem } from './places';
import type { Secret } from './SecretNote';
import { refusals } from './useForm';
import styles from './Workflows.module.css';

interface EndpointDialogProps {
  /** Null: a new one. */
  readonly endpoint: WorkflowsEndpointFragment | null;
  readonly onClose: () => void;
  readonly onSecret: (secret: Secret) => void;
}

/** An endpoint's name and address. */
export function EndpointDialog({ endpoint, onClose, onSecret }: EndpointDialogProps) {
  const [name, setName] = useState(endpoint?.name ?? '');
  const [url, setUrl] = useState(endpoint?.url ?? 'https://');
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [isSaving, setSaving] = useState(false);
  const make = useChange(WorkflowsMakeEndpointDocument);
  const change = useChange(WorkflowsChangeEndpointDocument);
  const said = (field: string): string | undefined =>
    problems.find((problem) => problem.field?.[0] === field)?.message;
  const elsewhere = problems.find(({ field }) => field?.[0] !== 'name' && field?.[0] !== 'url');
  const save = async (): Promise<void> => {
    setSaving(true);
    const found = endpoint
      ? await saveKnown(endpoint)
      : await make({ input: { name, url } }).then(({ data, failure }) => ({
          failure,
          answer: data?.createWebhookEndpoint,
          secret: data?.createWebhookEndpoint.secret ?? null,
        }));
    setSaving(false);
    const wrong = refusals(found.failure, found.answer?.userErrors);
    setProblems(wrong);
    if (wrong.length > 0) return;
    if (found.secret !== null) onSecret({ endpoint: name.trim(), value: found.secret, isRotated: false });
    toast(`“${name.trim()}” is saved`);
    onClose();
  };
  const saveKnown = async ({ id, enabled, version }: WorkflowsEndpointFragment) => {
    const { data, failure } = await change({ id, input: { name, url, enabled, version } });
    return { failure, answer: data?.updateWebhookEndpoint, secret: null };
  };
  return (
    <Dialog title={endpoint ? `Change “${endpoint.name}”` : 'New endpoint'} isOpen onClose={onClose}>
      <form
        className={styles.parts}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          maxLength={200}
          problem={said('name')}
          // eslint-disable-next-line jsx-a11y/no-autofocus -- a dialog that was asked for
          autoFocus
        />
        <TextField
          label="Address"
          type="url"
          description="https, in the open internet"
          value={url}
          onChange={setUrl}
          problem={said('url')}
        />
        {elsewhere && (
          <p role="alert" className={styles.problem}>
            {elsewhere.message}
          </p>
        )}
        <p className={styles.inline}>
          <Button type="submit" look="main" isDisabled={isSaving}>
            Save endpoint
          </Button>
          <Button onPress={onClose}>Cancel</Button>
        </p>
      </form>
    </Dialog>
  );
}
