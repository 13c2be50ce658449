import { useState } from 'react';
import { useViewer } from '../../app/viewer';
import { useAgain, useChange, usePaged, type Paged } from '../../client';
import {
  QualityFailuresDocument,
  QualityReplayDocument,
  type QualityFailuresQuery,
  type QualityPayloadFragment,
} from '../../gql/graphql';
import {
  Button,
  count,
  Empty,
  MoreRows,
  Panel,
  plural,
  Shown,
  Skeleton,
  Table,
  Tag,
  Time,
  toast,
} from '../../parts';
import { AGAIN_MS } from './again';
import { providerName } from './providers';
import styles from './Quality.module.css';

const PAGE_ROWS = 20;

const connectionOf = (result: QualityFailuresQuery) => result.capture.failedPayloads;

/** Payloads that were set aside with their error; admins can try them again. */
export function Failures() {
  const list = usePaged(QualityFailuresDocument, { first: PAGE_ROWS }, connectionOf, { about: ['Payload'] });
  const { read, total = 0 } = list;
  useAgain(read.reload, AGAIN_MS);
  const isAdmin = useViewer().role === 'ADMIN';
  const [isSending, setSending] = useState(false);
  const send = useChange(QualityReplayDocument);
  const replay = async (ids: readonly string[] | null): Promise<void> => {
    setSending(true);
    const { data, failure } = await send({ input: { ids: ids === null ? null : [...ids] } });
    setSending(false);
    const problem = failure?.message ?? data?.replayPayloads.userErrors[0]?.message;
    const replayed = data?.replayPayloads.replayed ?? 0;
    if (problem !== undefined) toast(`That was not done: ${problem}`, 'bad');
    else toast(`${count(replayed)} ${plural(replayed, 'payload')} will be tried again`);
    setTimeout(read.reload, FOLLOW_MS);
  };
  return (
    <Panel
      title="Failed payloads"
      note="Kept as they came, so that nothing is lost: try them again once the cause is gone"
      actions={
        isAdmin && total > 0 ? (
          <Button isDisabled={isSending} onPress={() => void replay(null)}>
            Try all {count(total)} again
          </Button>
        ) : undefined
      }
    >
      <Shown read={read} skeleton={<Skeleton lines={3} height="2.5rem" />}>
        {() =>
          total === 0 ? (
            <Empty title="Nothing failed">Whatever providers sent could be read and stored.</Empty>
          ) : (
            <List list={list} onReplay={isAdmin && !isSending ? (id) => void replay([id]) : null} />
          )
        }
      </Shown>
      {!isAdmin && total > 0 && <p className={styles.soft}>Admins can try them again.</p>}
    </Panel>
  );
}

/** The worker takes them up within a second. */
const FOLLOW_MS = 1_500;

interface ListProps {
  readonly list: Paged<QualityFailuresQuery, QualityPayloadFragment>;
  readonly onReplay: ((id: string) => void) | null;
}

function List({ list: { rows, total = 0, ...more }, onReplay }: ListProps) {
  return (
    <>
      <Table
        label="Payloads and what is wrong with them"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Provider', width: '6rem', cell: ({ provider }) => providerName(provider) },
          { name: 'Received', width: '8rem', cell: ({ receivedAt }) => <Time at={receivedAt} /> },
          { name: 'What is wrong', width: '14rem', cell: (row) => <Wrong of={row} /> },
          ...(onReplay
            ? [
                {
                  name: 'Way out',
                  width: '6rem',
                  cell: (row: QualityPayloadFragment) => (
                    <Button
                      isSmall
                      aria-label={`Try again: payload of ${providerName(row.provider)}`}
                      onPress={() => onReplay(row.id)}
                    >
                      Try again
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      <MoreRows {...more} read={rows.length} total={total} />
    </>
  );
}

function Wrong({ of }: { readonly of: QualityPayloadFragment }) {
  return (
    <>
      <Tag tone={of.status === 'PARTIAL' ? 'warn' : 'bad'}>
        {of.status === 'PARTIAL' ? 'in part' : 'as a whole'}
      </Tag>{' '}
      <code>{of.error ?? 'no reason was kept'}</code>
      <br />
      <span className={styles.soft}>
        {count(of.sizeBytes)} bytes · tried {of.attempts} {plural(of.attempts, 'time')}
      </span>
    </>
  );
}
