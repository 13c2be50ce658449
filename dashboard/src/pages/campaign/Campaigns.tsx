import { Link } from 'react-router';
import { useAddress } from '../../app/useAddress';
import { useSeesAll } from '../../app/viewer';
import { usePaged } from '../../client';
import {
  CampaignsDocument,
  type CampaignFilter,
  type CampaignOrder,
  type CampaignsQuery,
  type CampaignType,
} from '../../gql/graphql';
import {
  count,
  Empty,
  Page,
  PagedTable,
  Panel,
  plural,
  SearchField,
  Select,
  Share,
  Switch,
  Time,
  type Choice,
  type Column,
} from '../../parts';
import { TYPES } from './words';
import styles from './Campaign.module.css';

type Row = CampaignsQuery['campaigns']['nodes'][number];

const FIRST = 50;
const ANY = 'any';

const KINDS = Object.entries(TYPES).map(([value, label]) => ({ value: value as CampaignType, label }));

const ORDERS: readonly Choice<CampaignOrder>[] = [
  { value: 'SENT_AT_DESC', label: 'Latest first' },
  { value: 'SENT_AT', label: 'Oldest first' },
  { value: 'NAME', label: 'By name' },
];

const connectionOf = (result: CampaignsQuery) => result.campaigns;

/** The campaigns that the viewer sees. */
export default function Campaigns() {
  const [params, set] = useAddress();
  const seesAll = useSeesAll();
  const type = KINDS.find(({ value }) => value === params.get('type'))?.value ?? ANY;
  const order = ORDERS.find(({ value }) => value === params.get('by'))?.value ?? 'SENT_AT_DESC';
  const search = params.get('search') ?? '';
  const isProvisional = seesAll && params.has('provisional');
  const filter: CampaignFilter = {
    provisional: isProvisional,
    ...(search.trim() ? { search: search.trim().slice(0, 200) } : {}),
    ...(type === ANY ? {} : { type }),
  };
  const list = usePaged(CampaignsDocument, { filter, orderBy: order, first: FIRST }, connectionOf);
  const noun = isProvisional ? 'send' : 'campaign';
  return (
    <Page
      title="Campaigns"
      lead={
        list.total === undefined
          ? 'Bulk mail and what came of it'
          : `${count(list.total)} ${plural(list.total, noun)}`
      }
    >
      <Panel
        title={isProvisional ? 'Sends not held to be bulk' : 'All campaigns'}
        note="What people did; machines’ acts do not count"
        actions={
          seesAll && (
            <Switch isOn={isProvisional} onChange={(on) => set('provisional', on ? '1' : '')}>
              Not held to be bulk
            </Switch>
          )
        }
      >
        <div className={styles.filters}>
          <SearchField
            label="Search by name or subject"
            value={search}
            onChange={(text) => set('search', text)}
          />
          <Select
            label="Type"
            value={type}
            onChange={(value) => set('type', value === ANY ? '' : value)}
            choices={[{ value: ANY, label: 'Any type' }, ...KINDS]}
          />
          <Select label="Order" value={order} onChange={(value) => set('by', value)} choices={ORDERS} />
        </div>
        <PagedTable
          list={list}
          label="Campaigns"
          columns={COLUMNS}
          keyOf={(row) => row.id}
          empty={<None isNarrowed={search !== '' || type !== ANY || isProvisional} />}
          lines={10}
          height="max(24rem, calc(100vh - 22rem))"
          minWidth="78rem"
        />
      </Panel>
    </Page>
  );
}

function None({ isNarrowed }: { readonly isNarrowed: boolean }) {
  return isNarrowed ? (
    <Empty title="Nothing like that">Look for another type or another part of the name.</Empty>
  ) : (
    <Empty title="No campaigns yet">
      The first appears when a platform reports a bulk send, or when one is registered.
    </Empty>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    name: 'Campaign',
    width: 'minmax(11rem, 2fr)',
    cell: ({ id, name, subject }) => (
      <>
        <Link to={`/campaigns/${id}`}>{name}</Link>
        {subject != null && subject !== name && <span className={styles.soft}> · {subject}</span>}
      </>
    ),
  },
  {
    name: 'Type',
    width: '8rem',
    cell: ({ type }) => (type == null ? <span className={styles.soft}>unknown</span> : TYPES[type]),
  },
  {
    name: 'Sent',
    width: '9rem',
    cell: ({ sentAt }) =>
      sentAt == null ? <span className={styles.soft}>not yet</span> : <Time at={sentAt} />,
  },
  {
    name: 'Delivered',
    width: '15rem',
    cell: ({ funnel }) => <Share part={funnel.delivered} whole={funnel.recipients} of="sent" />,
  },
  {
    name: 'Opened',
    width: '15rem',
    cell: ({ funnel }) => <Share part={funnel.openers.human} whole={funnel.delivered} of="delivered" />,
  },
  {
    name: 'Clicked',
    width: '15rem',
    cell: ({ funnel }) => <Share part={funnel.clickers.human} whole={funnel.delivered} of="delivered" />,
  },
];
