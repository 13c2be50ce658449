import { useState } from 'react';
import { Link } from 'react-router';
import type { CustomerScoreFragment } from '../../gql/graphql';
import { Bar, Button } from '../../parts';
import { pointsText } from './figures';
import { TAKING } from './words';
import styles from './Customer.module.css';

const FEW = 5;

/** What a score rests on, the weightiest first; the points sum to it. */
export function Reasons({ score }: { readonly score: CustomerScoreFragment }) {
  const [isWhole, setIsWhole] = useState(false);
  const { reasons, enoughData } = score;
  if (!enoughData)
    return <p className={styles.soft}>No score yet: at least 3 mails must have been delivered.</p>;
  if (reasons.length === 0)
    return <p className={styles.soft}>Nothing counts now: nobody has done anything of late.</p>;
  const most = Math.max(...reasons.map(({ points }) => Math.abs(points)));
  const shown = isWhole ? reasons : reasons.slice(0, FEW);
  const rest = reasons.length - FEW;
  return (
    <div>
      <h3 className={styles.small}>What the score rests on</h3>
      <ul className={styles.reasons}>
        {shown.map(({ act, label, points, campaign }, index) => (
          <li key={`${act} ${campaign?.id ?? index}`}>
            <span>
              {label}
              {campaign && (
                <span className={styles.soft}>
                  {' on '}
                  <Link to={`/campaigns/${campaign.id}`}>{campaign.name}</Link>
                </span>
              )}
            </span>
            <Bar share={Math.abs(points) / most} tone={TAKING.has(act) ? 'bad' : 'human'} />
            <span className={styles.points}>{pointsText(points)} points</span>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Button look="quiet" isSmall onPress={() => setIsWhole(!isWhole)}>
          {isWhole ? 'Show fewer' : `Show ${rest} more`}
        </Button>
      )}
    </div>
  );
}
