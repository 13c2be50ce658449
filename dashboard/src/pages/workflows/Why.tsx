import { Link } from 'react-router';
import type { WorkflowsEvidenceFragment } from '../../gql/graphql';
import { plural } from '../../parts';
import { reasonText } from './sentences';
import { shortUrl } from '../today/stream';
import styles from './Workflows.module.css';

interface Person {
  readonly stakeholder?: { readonly id: string; readonly name?: string | null } | null;
  readonly customer?: { readonly id: string; readonly name: string } | null;
}

/** The person and their customer, where both are still seen. */
export function Who({ of: { stakeholder, customer } }: { readonly of: Person }) {
  if (!customer) return <span className={styles.soft}>no longer there</span>;
  const name = stakeholder?.name ?? 'Somebody';
  return (
    <span className={styles.who}>
      {stakeholder ? (
        <Link to={`/customers/${customer.id}?stakeholder=${stakeholder.id}`}>{name}</Link>
      ) : (
        name
      )}
      <Link to={`/customers/${customer.id}`} className={styles.quiet}>
        {customer.name}
      </Link>
    </span>
  );
}

interface WhyProps {
  readonly reasons: readonly string[];
  readonly evidence: readonly WorkflowsEvidenceFragment[];
}

/** What matched in words, and the last event of it. */
export function Why({ reasons, evidence }: WhyProps) {
  const last = evidence.at(-1);
  const others = evidence.length - 1;
  return (
    <>
      {reasons.length > 0 ? reasons.map(reasonText).join(' · ') : 'what was ruled out did not happen'}
      {last && (
        <span className={styles.soft}>
          <br />
          {last.campaign ? `“${last.campaign.name}”` : ''}
          {last.url != null && ` ${shortUrl(last.url)}`}
          {others > 0 && `, and ${others} ${plural(others, 'event')} before`}
        </span>
      )}
    </>
  );
}
