import { useState } from 'react';
import { Link } from 'react-router';
import { usePaged } from '../../client';
import { CampaignRecipientsDocument, type CampaignRecipientsQuery } from '../../gql/graphql';
import { count, Empty, Export, PagedTable, Panel, plural, Select, Tag, Time, type Column } from '../../parts';
import { csvPath, GROUPS, groupOf } from './recipients';
import { STATUSES, UNMATCHED } from './words';
import styles from './Campaign.module.css';

type Row = NonNullable<CampaignRecipientsQuery['campaign']>['recipients']['nodes'][number];

const FIRST = 50;

const connectionOf = (result: CampaignRecipientsQuery) => result.campaign?.recipients;

/** Who it was sent to and what each did; by figure of the funnel, and as CSV. */
export function Recipients({ id, isListed }: { readonly id: string; readonly isListed: boolean }) {
  const [chosen, setChosen] = useState('all');
  const group = groupOf(chosen);
  const list = usePaged(CampaignRecipientsDocument, { id, filter: group.filter, first: FIRST }, connectionOf);
  if (!isListed) {
    return (
      <Panel title="Recipients">
        <Empty title="Not listed">
          It is not held to be a bulk send. Say that it is one to see whom it was sent to.
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel
      title="Recipients"
      note={
        list.total === undefined
          ? 'Who it was sent to'
          : `${count(list.total)} ${plural(list.total, 'recipient')}: ${group.label.toLowerCase()}`
      }
      actions={
        <>
          <Select
            label="Which recipients"
            isBare
            value={chosen}
            onChange={setChosen}
            choices={GROUPS.map((one) => ({ value: one.id, label: one.label }))}
          />
          <Export path={csvPath(id, group)} />
        </>
      }
    >
      <PagedTable
        list={list}
        label="List of recipients"
        columns={COLUMNS}
        keyOf={(row) => row.id}
        empty={<Empty title="Nobody here">No recipient is in this group yet.</Empty>}
        minWidth="72rem"
      />
    </Panel>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    name: 'Recipient',
    width: 'minmax(14rem, 2fr)',
    cell: ({ address, matches }) => {
      const [match] = matches;
      const person = match?.stakeholder;
      return person ? (
        <>
          <Link to={`/customers/${match.customer.id}?stakeholder=${person.id}`}>
            {person.name ?? address}
          </Link>
          {person.name != null && <span className={styles.soft}> · {address}</span>}
        </>
      ) : (
        address
      );
    },
  },
  {
    name: 'Customer',
    width: 'minmax(10rem, 1fr)',
    cell: ({ matches, unmatchedReason }) =>
      matches.length > 0 ? (
        matches.map(({ customer }, index) => (
          <span key={customer.id}>
            {index > 0 && ', '}
            <Link to={`/customers/${customer.id}`}>{customer.name}</Link>
          </span>
        ))
      ) : (
        <span className={styles.soft}>
          {unmatchedReason == null ? 'nobody’s' : UNMATCHED[unmatchedReason]}
        </span>
      ),
  },
  {
    name: 'Delivery',
    width: '8rem',
    cell: ({ delivery: { status, bounce } }) => (
      <span title={bounce?.reason ?? undefined}>{STATUSES[status]}</span>
    ),
  },
  {
    name: 'Opens',
    width: 'minmax(14rem, 1fr)',
    cell: ({ opens, matches }) => <Acts acts={opens} zone={matches[0]?.stakeholder?.timezone} />,
  },
  {
    name: 'Clicks',
    width: 'minmax(14rem, 1fr)',
    cell: ({ clicks, matches }) => <Acts acts={clicks} zone={matches[0]?.stakeholder?.timezone} />,
  },
  {
    name: 'Besides',
    width: '9rem',
    cell: (row) => (
      <span className={styles.inline}>
        {row.repliedAt != null && <Tag tone="good">replied</Tag>}
        {row.forwardedAt != null && <Tag tone="good">forwarded</Tag>}
        {row.unsubscribedAt != null && <Tag tone="warn">unsubscribed</Tag>}
        {row.complainedAt != null && <Tag tone="bad">marked as spam</Tag>}
      </span>
    ),
  },
];

/** “2 by people, 1 by machines” and the first by a person. */
function Acts({
  acts: { human, machine, firstAt },
  zone,
}: {
  readonly acts: Row['opens'] | Row['clicks'];
  readonly zone: string | null | undefined;
}) {
  if (human === 0 && machine === 0) return <span className={styles.soft}>none</span>;
  return (
    <>
      {human > 0 && <strong>{count(human)} by the person</strong>}
      {human > 0 && machine > 0 && ', '}
      {machine > 0 && (
        <span className={styles.soft}>
          {count(machine)} by {machine === 1 ? 'a machine' : 'machines'}
        </span>
      )}
      {firstAt != null && (
        <span className={styles.soft}>
          <br />
          <Time at={firstAt} theirs={zone} />
        </span>
      )}
    </>
  );
}
