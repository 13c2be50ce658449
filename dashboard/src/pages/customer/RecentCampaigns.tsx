import { Link } from 'react-router';
import type { CustomerQuery } from '../../gql/graphql';
import { Empty, Panel, Share, Table, Time } from '../../parts';
import { typeText } from './words';
import styles from './Customer.module.css';

type Reach = NonNullable<CustomerQuery['customer']>['engagement']['recentCampaigns'][number];

/** The latest campaigns that the customer's people were sent. */
export function RecentCampaigns({ campaigns }: { readonly campaigns: readonly Reach[] }) {
  return (
    <Panel title="Recent campaigns" note="The latest first; figures are of this customer’s people alone">
      {campaigns.length === 0 ? (
        <Empty title="No campaign yet">The first that any of its people is sent appears here.</Empty>
      ) : (
        <Table
          label="Table of recent campaigns"
          rows={campaigns}
          keyOf={({ campaign, sentAt }) => campaign?.id ?? sentAt}
          columns={[
            {
              name: 'Campaign',
              width: '12rem',
              cell: ({ campaign }) =>
                campaign ? (
                  <>
                    <Link to={`/campaigns/${campaign.id}`}>{campaign.name}</Link>
                    <span className={styles.soft}> · {typeText(campaign.type)}</span>
                  </>
                ) : (
                  'no longer a campaign'
                ),
            },
            { name: 'Sent', width: '9rem', cell: ({ sentAt }) => <Time at={sentAt} /> },
            {
              name: 'Delivered',
              width: '10rem',
              cell: ({ delivered, recipients }) => <Share part={delivered} whole={recipients} of="sent" />,
            },
            {
              name: 'Engaged',
              width: '11rem',
              cell: ({ engaged, delivered }) => <Share part={engaged} whole={delivered} of="delivered" />,
            },
          ]}
        />
      )}
    </Panel>
  );
}
