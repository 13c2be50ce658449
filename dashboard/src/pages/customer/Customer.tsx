import { useParams } from 'react-router';
import { useRead } from '../../client';
import { useThrottled } from '../../engagement/useThrottled';
import { CustomerDocument, type CustomerQuery } from '../../gql/graphql';
import { Columns, Day, Empty, FailureNote, Page, Skeleton, Time } from '../../parts';
import { Advice } from './Advice';
import { BestHours } from './BestHours';
import { Chances } from './Chances';
import { Interests } from './Interests';
import { Patterns } from './Patterns';
import { RecentCampaigns } from './RecentCampaigns';
import { ScorePanel } from './ScorePanel';
import { Stakeholders } from './Stakeholders';
import { Timeline } from './Timeline';
import { useNow } from './useNow';
import styles from './Customer.module.css';

type Found = NonNullable<CustomerQuery['customer']>;

/** Figures follow what happens: they are read again at most so often, however much that is. */
const EVERY_MS = 5_000;

/** One customer: how engaged it is and why, what its people do now, and when to reach them. */
export default function Customer() {
  const { id = '' } = useParams();
  // A page of its own for each customer: nothing of one is left on the other's.
  return <OneCustomer key={id} id={id} />;
}

function OneCustomer({ id }: { readonly id: string }) {
  const read = useRead(CustomerDocument, { id });
  const onHappened = useThrottled(read.reload, EVERY_MS);
  if (!read.data) {
    return (
      <Page title="Customer">
        {read.failure ? <FailureNote failure={read.failure} onRetry={read.reload} /> : <Waiting />}
      </Page>
    );
  }
  const { customer } = read.data;
  if (!customer) {
    return (
      <Page title="Customer">
        <Empty title="There is no such customer">It does not exist, or it is in another portfolio.</Empty>
      </Page>
    );
  }
  const { engagement } = customer;
  return (
    <Page title={customer.name} lead={<Lead customer={customer} />}>
      <ScorePanel engagement={engagement} />
      <Columns wide="first">
        <div className={styles.stack}>
          <Advice risks={customer.risks} others={customer.recommendations} />
          <Stakeholders id={id} />
          <RecentCampaigns campaigns={engagement.recentCampaigns} />
          <BestHours bestTime={engagement.bestTime} />
        </div>
        <div className={styles.stack}>
          <Timeline id={id} timezone={customer.timezone} onHappened={onHappened} />
          <Chances id={id} />
          <Interests interests={engagement.interests} />
          <Patterns patterns={engagement.patterns} customerId={id} />
        </div>
      </Columns>
    </Page>
  );
}

/** Who they are, in one line. */
function Lead({ customer: { segment, csm, renewsOn, domains, timezone } }: { readonly customer: Found }) {
  const now = useNow();
  return (
    <span className={styles.facts}>
      {segment != null && <span>{segment}</span>}
      <span>{csm ? `in ${csm.name}’s portfolio` : 'in nobody’s portfolio'}</span>
      {renewsOn != null && (
        <span>
          renews <Day on={renewsOn} />
        </span>
      )}
      {domains.length > 0 && <span>{domains.join(', ')}</span>}
      {timezone != null && (
        <span>
          now <Time at={now.toISOString()} as="time" theirs={timezone} /> ({timezone})
        </span>
      )}
    </span>
  );
}

function Waiting() {
  return (
    <>
      <Skeleton lines={1} height="9rem" />
      <Columns wide="first">
        <Skeleton lines={3} height="16rem" />
        <Skeleton lines={1} height="40rem" />
      </Columns>
    </>
  );
}
