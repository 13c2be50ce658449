import { Link } from 'react-router';
import type { CustomerQuery } from '../../gql/graphql';
import { duration, Empty, Panel, percent, Share } from '../../parts';
import { typeText } from './words';
import styles from './Customer.module.css';

type Known = NonNullable<CustomerQuery['customer']>['engagement']['patterns'];

/** How its people read bulk mail: pace, types, and whose part of it grows or shrinks. */
export function Patterns({
  patterns: { paceHours, types, shifts },
  customerId,
}: {
  readonly patterns: Known;
  readonly customerId: string;
}) {
  if (types.length === 0 && paceHours == null) {
    return (
      <Panel title="Habits">
        <Empty title="None known yet">They show once a few campaigns have reached people here.</Empty>
      </Panel>
    );
  }
  return (
    <Panel title="Habits">
      <p>
        {paceHours == null
          ? 'Nobody has acted on anything yet.'
          : `Half of the first acts came within ${duration(paceHours * 3600) ?? 'half a minute'} of a send.`}
      </p>
      <ul className={styles.rows}>
        {types.map(({ type, delivered, engaged }) => (
          <li key={type ?? 'none'} className={styles.between}>
            <span>{typeText(type)}</span>
            <Share part={engaged} whole={delivered} of="delivered engaged with" />
          </li>
        ))}
      </ul>
      {shifts.length > 0 && (
        <>
          <h3 className={styles.small}>Whose part of the engagement moved in 30 days</h3>
          <ul className={styles.rows}>
            {shifts.map(({ stakeholder, shareBefore, shareNow }, index) => (
              <li key={stakeholder?.id ?? index} className={styles.between}>
                {stakeholder ? (
                  <Link to={`/customers/${customerId}?stakeholder=${stakeholder.id}`}>
                    {stakeholder.name ?? 'somebody unnamed'}
                  </Link>
                ) : (
                  <span>somebody who is gone</span>
                )}
                <span>
                  {percent(shareBefore)} → {percent(shareNow)} of the whole
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}
