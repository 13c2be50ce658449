import type { CustomerInterestFragment } from '../../gql/graphql';
import { count, Empty, Panel, Time } from '../../parts';
import { shortUrl } from '../today/stream';
import { drawText } from './figures';
import styles from './Customer.module.css';

/** What its people care about, and the links that say so. */
export function Interests({ interests }: { readonly interests: readonly CustomerInterestFragment[] }) {
  return (
    <Panel title="Interests" note="Topics they click more than everybody does on the same mails">
      <InterestList interests={interests} />
    </Panel>
  );
}

/** The same without the panel. */
export function InterestList({ interests }: { readonly interests: readonly CustomerInterestFragment[] }) {
  if (interests.length === 0) {
    return <Empty title="None known yet">Topics stand out once people have followed some links.</Empty>;
  }
  return (
    <ul className={styles.rows}>
      {interests.map(({ topic, weight, links }) => {
        const [last] = links;
        const clicks = links.reduce((sum, { human }) => sum + human, 0);
        return (
          <li key={topic.name}>
            <p className={styles.between}>
              <strong>{topic.name}</strong>
              <span>{drawText(weight)} as much as everybody</span>
            </p>
            {last && (
              <p className={styles.soft}>
                {count(clicks)} {clicks === 1 ? 'click' : 'clicks'} on {count(links.length)}{' '}
                {links.length === 1 ? 'link' : 'links'}, last {shortUrl(last.url)}{' '}
                <Time at={last.lastAt} as="ago" />
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}
