import { Link } from 'react-router';
import type { CustomerAdviceFragment, CustomerQuery } from '../../gql/graphql';
import { count, Empty, Panel, Tag, Time } from '../../parts';
import { KINDS } from '../today/words';
import styles from './Customer.module.css';

type Found = NonNullable<CustomerQuery['customer']>;

/** What endangers the customer, then what else there is to do. */
export function Advice({
  risks,
  others,
}: {
  readonly risks: readonly CustomerAdviceFragment[];
  readonly others: Found['recommendations'];
}) {
  const more = others.totalCount - others.nodes.length;
  return (
    <Panel title="Risks and what to do" note="Act on them on Today">
      {risks.length === 0 && others.nodes.length === 0 && (
        <Empty title="Nothing calls for you here">Risks and recommendations appear as things happen.</Empty>
      )}
      {risks.length > 0 && (
        <>
          <h3 className={styles.small}>
            {count(risks.length)} {risks.length === 1 ? 'risk' : 'risks'}
          </h3>
          <ul className={styles.rows}>
            {risks.map((risk) => (
              <One key={risk.id} advice={risk} />
            ))}
          </ul>
        </>
      )}
      {others.nodes.length > 0 && (
        <>
          <h3 className={styles.small}>To do</h3>
          <ul className={styles.rows}>
            {others.nodes.map((advice) => (
              <One key={advice.id} advice={advice} />
            ))}
          </ul>
        </>
      )}
      {more > 0 && (
        <p className={styles.soft}>
          and {count(more)} more on <Link to="/">Today</Link>
        </p>
      )}
    </Panel>
  );
}

function One({ advice: { kind, status, reason, dueAt } }: { readonly advice: CustomerAdviceFragment }) {
  const [label, tone] = KINDS[kind];
  return (
    <li>
      <p className={styles.inline}>
        <Tag tone={tone}>{label}</Tag>
        {status === 'STARTED' && <Tag>started</Tag>}
        {status === 'SNOOZED' && <Tag>snoozed</Tag>}
        {dueAt != null && (
          <span className={styles.soft}>
            due <Time at={dueAt} as="date" />
          </span>
        )}
      </p>
      <p>{reason}</p>
    </li>
  );
}
