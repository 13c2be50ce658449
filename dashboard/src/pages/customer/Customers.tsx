import { Link } from 'react-router';
import { useAddress } from '../../app/useAddress';
import { useSeesAll } from '../../app/viewer';
import { usePaged } from '../../client';
import { CustomersDocument, type CustomersQuery } from '../../gql/graphql';
import {
  count,
  Day,
  Delta,
  Empty,
  LevelBadge,
  Page,
  PagedTable,
  Panel,
  plural,
  SearchField,
  Select,
  type Column,
} from '../../parts';
import { filterOf, RANKINGS, rankingOf } from './ranking';
import styles from './Customer.module.css';

type Row = CustomersQuery['customers']['nodes'][number];

const FIRST = 50;

const connectionOf = (result: CustomersQuery) => result.customers;

/** The customers that the viewer sees, ranked and searched. */
export default function Customers() {
  const [params, set] = useAddress();
  const ranking = rankingOf(params.get('by'));
  const search = params.get('search') ?? '';
  const list = usePaged(
    CustomersDocument,
    { filter: filterOf(ranking, search), orderBy: ranking.orderBy, first: FIRST },
    connectionOf,
  );
  return (
    <Page
      title="Customers"
      lead={
        list.total === undefined
          ? ranking.lead
          : `${count(list.total)} ${plural(list.total, 'customer')}, ${ranking.lead}`
      }
    >
      <Panel title="Ranking" note="Scores are of 0 to 100 points; stakeholders of the last 90 days">
        <div className={styles.filters}>
          <SearchField
            label="Search by name, domain or id"
            value={search}
            onChange={(text) => set('search', text)}
          />
          <Select
            label="Order"
            value={ranking.id}
            onChange={(id) => set('by', id)}
            choices={RANKINGS.map(({ id, label }) => ({ value: id, label }))}
          />
        </div>
        <PagedTable
          list={list}
          label="Customers"
          columns={useColumns()}
          keyOf={(row) => row.id}
          empty={<None isSearched={search !== ''} />}
          lines={10}
          height="max(24rem, calc(100vh - 22rem))"
          minWidth="64rem"
        />
      </Panel>
    </Page>
  );
}

function None({ isSearched }: { readonly isSearched: boolean }) {
  return isSearched ? (
    <Empty title="Nothing like that">Search for another part of the name, the domain or the id.</Empty>
  ) : (
    <Empty title="No customers here">
      They appear when they are imported, or when one fits this ranking.
    </Empty>
  );
}

function useColumns(): readonly Column<Row>[] {
  const seesAll = useSeesAll();
  return [
    {
      name: 'Customer',
      width: 'minmax(12rem, 2fr)',
      cell: ({ id, name, segment }) => (
        <>
          <Link to={`/customers/${id}`}>{name}</Link>
          {segment != null && <span className={styles.soft}> · {segment}</span>}
        </>
      ),
    },
    {
      name: 'Score',
      width: '10rem',
      cell: ({ engagement: { score } }) => (
        <span className={styles.inline}>
          {score.value != null && <strong className={styles.score}>{score.value.toFixed(1)}</strong>}
          <LevelBadge level={score.level} enoughData={score.enoughData} />
        </span>
      ),
    },
    {
      name: 'Trend',
      width: 'minmax(11rem, 1fr)',
      cell: ({ engagement: { score } }) => <Delta value={score.trend} unit="points" since="in 30 days" />,
    },
    {
      name: 'Stakeholders',
      width: 'minmax(17rem, 1.2fr)',
      cell: ({ engagement }) => (
        <>
          {count(engagement.stakeholdersEngaged)} of {count(engagement.stakeholdersReached)} reached engaged
          {engagement.stakeholdersDark > 0 && (
            <span className={styles.warn}> · {count(engagement.stakeholdersDark)} dark</span>
          )}
        </>
      ),
    },
    ...(seesAll
      ? [{ name: 'CSM', width: 'minmax(7rem, 1fr)', cell: ({ csm }: Row) => csm?.name ?? 'nobody' }]
      : []),
    {
      name: 'Renews',
      width: '9rem',
      cell: ({ renewsOn }) =>
        renewsOn == null ? <span className={styles.soft}>unknown</span> : <Day on={renewsOn} />,
    },
  ];
}
