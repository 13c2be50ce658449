import type { CustomerQuery } from '../../gql/graphql';
import { Delta, LevelBadge, Measure, Measures, Panel, Share } from '../../parts';
import { Reasons } from './Reasons';
import { ScoreCourse } from './ScoreCourse';
import { REACHED_DAYS } from './standing';
import styles from './Customer.module.css';

type Engagement = NonNullable<CustomerQuery['customer']>['engagement'];

/** The score, where it goes, and what it rests on. */
export function ScorePanel({ engagement }: { readonly engagement: Engagement }) {
  const { score, stakeholdersReached, stakeholdersEngaged, stakeholdersDark } = engagement;
  return (
    <Panel title="Engagement" note="What people did of their own accord; machines’ acts do not count">
      <Measures>
        <Measure name="Score" note={<Delta value={score.trend} unit="points" since="in 30 days" />}>
          {score.value == null ? '–' : score.value.toFixed(1)}
          <span className={styles.unit}> of 100 points </span>
          <LevelBadge level={score.level} enoughData={score.enoughData} />
        </Measure>
        <Measure name="Stakeholders reached" note={`sent something within ${REACHED_DAYS} days`}>
          {stakeholdersReached}
        </Measure>
        <Measure
          name="Stakeholders engaged"
          note={<Share part={stakeholdersEngaged} whole={stakeholdersReached} of="reached" />}
        >
          {stakeholdersEngaged}
        </Measure>
        <Measure name="Stakeholders dark" note="nothing over 5 delivered mails or 60 days">
          {stakeholdersDark}
        </Measure>
      </Measures>
      <ScoreCourse score={score} />
      <Reasons score={score} />
    </Panel>
  );
}
