import { useState } from 'react';
import { useAsk, useRead } from '../../client';
import { QualityGatewaysDocument, type QualityGatewaysQuery } from '../../gql/graphql';
import { Day, Empty, Panel, percent, Shown, Skeleton, Tag, VirtualTable } from '../../parts';

type Page = QualityGatewaysQuery['capture']['gateways'];

const PAGE_ROWS = 50;

/** Domains whose mail gateway follows links before people do. */
export function Gateways() {
  const read = useRead(QualityGatewaysDocument, { first: PAGE_ROWS });
  return (
    <Panel
      title="Mail gateways"
      note="Programs that follow links before people do: what was learned of each domain’s, so that its clicks do not count"
    >
      <Shown read={read} skeleton={<Skeleton lines={5} height="2.5rem" />}>
        {({ capture: { gateways } }) =>
          gateways.totalCount === 0 ? (
            <Empty title="No gateway is known">
              One is learned once a machine has followed the links of several messages to its domain.
            </Empty>
          ) : (
            <List first={gateways} />
          )
        }
      </Shown>
    </Panel>
  );
}

function List({ first }: { readonly first: Page }) {
  const ask = useAsk(QualityGatewaysDocument);
  const [later, setLater] = useState<Page['nodes']>([]);
  const [page, setPage] = useState(first.pageInfo);
  const more = async (): Promise<void> => {
    const { data } = await ask({ first: PAGE_ROWS, after: page.endCursor ?? null });
    if (!data) return;
    setLater([...later, ...data.capture.gateways.nodes]);
    setPage(data.capture.gateways.pageInfo);
  };
  return (
    <VirtualTable
      label="Domains and their gateways"
      rows={[...first.nodes, ...later]}
      keyOf={({ domain }) => domain}
      total={first.totalCount}
      onMore={page.hasNextPage ? () => void more() : null}
      height="22rem"
      minWidth="56rem"
      columns={[
        { name: 'Domain', width: 'minmax(12rem, 1fr)', cell: ({ domain }) => domain },
        {
          name: 'Messages swept',
          width: '11rem',
          isNumber: true,
          cell: ({ share, messagesFollowed }) =>
            `${percent(share)} of ${messagesFollowed.toFixed(1)} followed`,
        },
        {
          name: 'First clicks',
          width: '9rem',
          cell: ({ applied }) => (applied ? <Tag tone="machine">held to be its</Tag> : <Tag>as ever</Tag>),
        },
        {
          name: 'In force from',
          width: '8rem',
          cell: ({ inForceFrom }) => <Day on={inForceFrom} />,
        },
        { name: 'In a sentence', width: 'minmax(20rem, 3fr)', cell: ({ explanation }) => explanation },
      ]}
    />
  );
}
