import { usePaged } from '../../client';
import { QualityGatewaysDocument, type QualityGatewaysQuery } from '../../gql/graphql';
import { Day, Empty, PagedTable, Panel, percent, Tag, type Column } from '../../parts';

type Row = QualityGatewaysQuery['capture']['gateways']['nodes'][number];

const PAGE_ROWS = 50;

const connectionOf = (result: QualityGatewaysQuery) => result.capture.gateways;

/** Domains whose mail gateway follows links before people do. */
export function Gateways() {
  const list = usePaged(QualityGatewaysDocument, { first: PAGE_ROWS }, connectionOf);
  return (
    <Panel
      title="Mail gateways"
      note="Programs that follow links before people do: what was learned of each domain’s, so that its clicks do not count"
    >
      <PagedTable
        list={list}
        label="Domains and their gateways"
        columns={COLUMNS}
        keyOf={({ domain }) => domain}
        empty={
          <Empty title="No gateway is known">
            One is learned once a machine has followed the links of several messages to its domain.
          </Empty>
        }
        lines={5}
        height="22rem"
        minWidth="56rem"
      />
    </Panel>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'Domain', width: 'minmax(12rem, 1fr)', cell: ({ domain }) => domain },
  {
    name: 'Messages swept',
    width: '11rem',
    isNumber: true,
    cell: ({ share, messagesFollowed }) => `${percent(share)} of ${messagesFollowed.toFixed(1)} followed`,
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
];
