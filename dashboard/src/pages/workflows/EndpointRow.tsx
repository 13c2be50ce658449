import { useState } from 'react';
import { useChange } from '../../client';
import {
  WorkflowsChangeEndpointDocument,
  WorkflowsDeleteEndpointDocument,
  WorkflowsPingDocument,
  WorkflowsRotateSecretDocument,
  type WorkflowsEndpointFragment,
} from '../../gql/graphql';
import { Button, Dialog, Menu, Tag, toast } from '../../parts';
import { Deliveries } from './Deliveries';
import type { Problem } from './places';
import type { Secret } from './SecretNote';
import { refusals } from './useForm';
import styles from './Workflows.module.css';

interface EndpointRowProps {
  readonly endpoint: WorkflowsEndpointFragment;
  readonly isAdmin: boolean;
  readonly onEdit: () => void;
  readonly onSecret: (secret: Secret) => void;
}

/** One endpoint: where it is, whether it is told, and what it was told. */
export function EndpointRow({ endpoint, isAdmin, onEdit, onSecret }: EndpointRowProps) {
  const { id, name, url, enabled, disabledBecause } = endpoint;
  const [isOpen, setOpen] = useState(false);
  const [asking, setAsking] = useState<'rotate' | 'delete' | null>(null);
  const act = useEndpointActs(endpoint, onSecret);
  const close = (): void => setAsking(null);
  return (
    <li className={styles.endpoint}>
      <div className={styles.row}>
        <div className={styles.about}>
          <h3>
            {name} <Tag tone={enabled ? 'good' : 'warn'}>{enabled ? 'on' : 'off'}</Tag>
          </h3>
          <p className={styles.soft}>
            <code>{url}</code>
          </p>
          {disabledBecause != null && <p className={styles.problem}>Switched off: {disabledBecause}</p>}
        </div>
        <span className={styles.inline}>
          <Button isSmall aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
            Deliveries <span className="visually-hidden">to {name}</span>
            <span aria-hidden="true">{isOpen ? '▴' : '▾'}</span>
          </Button>
          {isAdmin && (
            <Menu
              label="Change"
              isSmall
              choices={[
                {
                  id: 'ping',
                  label: 'Send a test message',
                  act: () => void act.ping().then(() => setOpen(true)),
                },
                { id: 'edit', label: 'Name and address', act: onEdit },
                {
                  id: 'turn',
                  label: enabled ? 'Switch off' : 'Switch on',
                  act: () => void act.turn(!enabled),
                },
                { id: 'rotate', label: 'New secret', act: () => setAsking('rotate') },
                { id: 'delete', label: 'Delete', act: () => setAsking('delete') },
              ]}
            />
          )}
        </span>
      </div>
      {isOpen && <Deliveries id={id} name={name} isAdmin={isAdmin} />}
      <Dialog title={`A new secret for “${name}”?`} isOpen={asking === 'rotate'} onClose={close}>
        <p>For 24 hours messages are signed with both, so that the receiver can change over.</p>
        <p className={styles.inline}>
          <Button look="main" onPress={() => void act.rotate().then(close)}>
            Make a new secret
          </Button>
          <Button onPress={close}>Cancel</Button>
        </p>
      </Dialog>
      <Dialog title={`Delete “${name}”?`} isOpen={asking === 'delete'} onClose={close}>
        <p>Its log goes with it. A workflow that calls it has to let go of it first.</p>
        <p className={styles.inline}>
          <Button look="risky" onPress={() => void act.remove().then(close)}>
            Delete endpoint
          </Button>
          <Button onPress={close}>Cancel</Button>
        </p>
      </Dialog>
    </li>
  );
}

/** Says what was done, or why not. */
function told(problems: readonly Problem[], done: string): boolean {
  const [problem] = problems;
  if (problem) toast(`That was not done: ${problem.message}`, 'bad');
  else toast(done);
  return problem === undefined;
}

function useEndpointActs(
  { id, name, url, version }: WorkflowsEndpointFragment,
  onSecret: (secret: Secret) => void,
) {
  const sendPing = useChange(WorkflowsPingDocument);
  const change = useChange(WorkflowsChangeEndpointDocument);
  const rotateSecret = useChange(WorkflowsRotateSecretDocument);
  const removeEndpoint = useChange(WorkflowsDeleteEndpointDocument);
  return {
    ping: async (): Promise<void> => {
      const { data, failure } = await sendPing({ id });
      told(refusals(failure, data?.pingWebhookEndpoint.userErrors), `A test message goes to “${name}”`);
    },
    turn: async (enabled: boolean): Promise<void> => {
      const { data, failure } = await change({ id, input: { name, url, enabled, version } });
      const problems = refusals(failure, data?.updateWebhookEndpoint.userErrors);
      told(problems, enabled ? `“${name}” is told again` : `“${name}” is told nothing more`);
    },
    rotate: async (): Promise<void> => {
      const { data, failure } = await rotateSecret({ id });
      const answer = data?.rotateWebhookSecret;
      const isDone = told(refusals(failure, answer?.userErrors), `“${name}” has a new secret`);
      if (isDone && answer?.secret != null)
        onSecret({ endpoint: name, value: answer.secret, isRotated: true });
    },
    remove: async (): Promise<void> => {
      const { data, failure } = await removeEndpoint({ id });
      told(refusals(failure, data?.deleteWebhookEndpoint.userErrors), `“${name}” is deleted`);
    },
  };
}
