import { useRead } from '../../client';
import { CustomerLikelihoodsDocument, type CustomerLikelihoodFragment } from '../../gql/graphql';
import { Panel, Shown, Skeleton } from '../../parts';
import { chanceNote, chanceText } from './figures';
import styles from './Customer.module.css';

const NAMES = {
  any: 'Any campaign',
  newsletter: 'Newsletter',
  productUpdate: 'Product update',
  marketing: 'Marketing',
  announcement: 'Announcement',
} as const;

/** How likely one of its people responds to the next campaign, by its type. */
export function Chances({ id }: { readonly id: string }) {
  const read = useRead(CustomerLikelihoodsDocument, { id });
  return (
    <Panel
      title="Response to the next campaign"
      note="Probability that one of its people clicks or replies within 14 days"
    >
      <Shown read={read} skeleton={<Skeleton lines={5} height="2.5rem" />}>
        {({ customer }) => (
          <ul className={styles.rows}>
            {(Object.keys(NAMES) as (keyof typeof NAMES)[]).map((name) => {
              const chance = customer?.engagement[name];
              return chance && <Chance key={name} name={NAMES[name]} chance={chance} />;
            })}
          </ul>
        )}
      </Shown>
    </Panel>
  );
}

/** A probability with its interval, drawn as a span from 0 to 100 %. */
export function Chance({
  name,
  chance,
}: {
  readonly name: string;
  readonly chance: CustomerLikelihoodFragment;
}) {
  const { mean, low, high, enoughData } = chance;
  const isKnown = enoughData && mean != null && low != null && high != null;
  return (
    <li>
      <p className={styles.between}>
        <span>{name}</span>
        <strong>{chanceText(chance) ?? 'not enough data'}</strong>
      </p>
      {isKnown && (
        <span className={styles.interval} aria-hidden="true">
          <span style={{ insetInlineStart: `${low * 100}%`, inlineSize: `${(high - low) * 100}%` }} />
          <span style={{ insetInlineStart: `${mean * 100}%` }} />
        </span>
      )}
      <p className={styles.soft}>{chanceNote(chance)}</p>
    </li>
  );
}
