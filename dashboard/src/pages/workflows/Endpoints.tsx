import { useState } from 'react';
import { useViewer } from '../../app/viewer';
import { useRead } from '../../client';
import { WorkflowsEndpointsDocument, type WorkflowsEndpointFragment } from '../../gql/graphql';
import { Button, Empty, Panel, Shown, Skeleton } from '../../parts';
import { EndpointDialog } from './EndpointDialog';
import { EndpointRow } from './EndpointRow';
import { SecretNote, type Secret } from './SecretNote';
import styles from './Workflows.module.css';

/** Other systems that workflows tell, and what they were told. Admins change them. */
export function Endpoints() {
  const read = useRead(WorkflowsEndpointsDocument, {}, { about: ['WebhookEndpoint'] });
  const isAdmin = useViewer().role === 'ADMIN';
  const [editing, setEditing] = useState<WorkflowsEndpointFragment | 'new' | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  return (
    <Panel
      title="Outgoing webhooks"
      note="Other systems that workflows tell, signed as Standard Webhooks says"
      actions={isAdmin ? <Button onPress={() => setEditing('new')}>New endpoint</Button> : undefined}
    >
      {secret && <SecretNote secret={secret} onDone={() => setSecret(null)} />}
      <Shown read={read} skeleton={<Skeleton lines={2} height="3rem" />}>
        {({ webhookEndpoints }) =>
          webhookEndpoints.length === 0 ? (
            <Empty title="No endpoints yet">
              {isAdmin
                ? 'Make one with the address of the system that should be told; then a workflow can call it.'
                : 'An admin makes one with the address of the system that should be told.'}
            </Empty>
          ) : (
            <ul className={styles.rows}>
              {webhookEndpoints.map((endpoint) => (
                <EndpointRow
                  key={endpoint.id}
                  endpoint={endpoint}
                  isAdmin={isAdmin}
                  onEdit={() => setEditing(endpoint)}
                  onSecret={setSecret}
                />
              ))}
            </ul>
          )
        }
      </Shown>
      {!isAdmin && (
        <p className={styles.soft}>
          Admins make and change endpoints, rotate their secrets and send messages again; you see what was
          sent.
        </p>
      )}
      {editing && (
        <EndpointDialog
          endpoint={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
          onSecret={setSecret}
        />
      )}
    </Panel>
  );
}
