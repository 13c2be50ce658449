import { useState } from 'react';
import { useAgain, useChange, usePaged } from '../../client';
import {
  WorkflowsDeliveriesDocument,
  WorkflowsResendDocument,
  type WorkflowsDeliveriesQuery,
  type WorkflowsDeliveryFragment,
} from '../../gql/graphql';
import {
  Button,
  Dialog,
  Empty,
  FailureNote,
  MoreRows,
  plural,
  Skeleton,
  Table,
  Tag,
  Time,
  toast,
} from '../../parts';
import { refusals } from './useForm';
import { MESSAGES, STATUSES } from './words';
import styles from './Workflows.module.css';

const PAGE_ROWS = 20;
const AGAIN_MS = 3_000;

const connectionOf = ({ node }: WorkflowsDeliveriesQuery) =>
  node?.__typename === 'WebhookEndpoint' ? node.deliveries : null;

interface DeliveriesProps {
  readonly id: string;
  /** The endpoint’s. */
  readonly name: string;
  readonly isAdmin: boolean;
}

/** What was sent to an endpoint, newest first, and what became of it. */
export function Deliveries({ id, name, isAdmin }: DeliveriesProps) {
  const list = usePaged(WorkflowsDeliveriesDocument, { id, first: PAGE_ROWS }, connectionOf);
  const { read, rows, total = 0, ...more } = list;
  useAgain(read.reload, AGAIN_MS);
  const [looked, setLooked] = useState<WorkflowsDeliveryFragment | null>(null);
  if (read.failure && !read.data) return <FailureNote failure={read.failure} onRetry={read.reload} />;
  if (read.isLoading) return <Skeleton lines={2} height="2.5rem" />;
  if (rows.length === 0)
    return <Empty title="Nothing was sent yet">Messages are listed for 30 days after each has ended.</Empty>;
  return (
    <>
      <Table
        label={`Messages to ${name}`}
        rows={rows}
        keyOf={(row) => row.id}
        columns={[
          { name: 'Message', width: '10rem', cell: (row) => MESSAGES[row.type] ?? row.type },
          { name: 'Written', width: '9rem', cell: ({ createdAt }) => <Time at={createdAt} /> },
          { name: 'What became of it', width: '16rem', cell: (row) => <Became of={row} /> },
          {
            name: 'More',
            width: '10rem',
            cell: (row) => (
              <span className={styles.inline}>
                <Button
                  isSmall
                  look="quiet"
                  aria-label={`Look at ${row.messageId}`}
                  onPress={() => setLooked(row)}
                >
                  Look
                </Button>
                {isAdmin && row.status !== 'PENDING' && <Resend of={row} onSent={read.reload} />}
              </span>
            ),
          },
        ]}
      />
      <MoreRows {...more} read={rows.length} total={total} />
      {looked && <Look at={looked} onClose={() => setLooked(null)} />}
    </>
  );
}

function Became({ of }: { readonly of: WorkflowsDeliveryFragment }) {
  const [word, tone] = STATUSES[of.status];
  return (
    <>
      <Tag tone={tone}>{word}</Tag>{' '}
      {of.attempts === 0 ? 'not tried yet' : `tried ${of.attempts} ${plural(of.attempts, 'time')}`}
      {of.responseStatus != null && `, last answer ${of.responseStatus}`}
      {of.error != null && (
        <span className={styles.soft}>
          <br />
          {of.error}
        </span>
      )}
      {of.status === 'PENDING' && of.attempts > 0 && (
        <span className={styles.soft}>
          <br />
          again <Time at={of.dueAt} as="ago" />
        </span>
      )}
    </>
  );
}

function Resend({
  of: { id, messageId },
  onSent,
}: {
  readonly of: WorkflowsDeliveryFragment;
  readonly onSent: () => void;
}) {
  const resend = useChange(WorkflowsResendDocument);
  const send = async (): Promise<void> => {
    const { data, failure } = await resend({ id });
    const [problem] = refusals(failure, data?.resendDelivery.userErrors);
    if (problem) toast(`That was not done: ${problem.message}`, 'bad');
    else toast('It is sent again, under the same id');
    onSent();
  };
  return (
    <Button isSmall aria-label={`Send again: ${messageId}`} onPress={() => void send()}>
      Send again
    </Button>
  );
}

/** A message as it is sent, and what was answered. */
function Look({ at, onClose }: { readonly at: WorkflowsDeliveryFragment; readonly onClose: () => void }) {
  return (
    <Dialog title={MESSAGES[at.type] ?? at.type} isOpen isWide onClose={onClose}>
      <dl className={styles.facts}>
        <dt>webhook-id</dt>
        <dd>
          <code>{at.messageId}</code>
        </dd>
        <dt>Last tried</dt>
        <dd>{at.attemptedAt == null ? 'not yet' : <Time at={at.attemptedAt} />}</dd>
        <dt>Answer</dt>
        <dd>
          {at.responseStatus ?? 'none'} {at.response != null && <code>{at.response}</code>}
        </dd>
      </dl>
      <h3>Body</h3>
      <pre className={styles.body}>{readable(at.body)}</pre>
      <p>
        <Button onPress={onClose}>Close</Button>
      </p>
    </Dialog>
  );
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
