import { useAgain, useRead } from '../../client';
import { QualityCaptureDocument, type QualityCaptureQuery } from '../../gql/graphql';
import { count, Panel, plural, Shown, Skeleton, Tag, Time } from '../../parts';
import { AGAIN_MS } from './again';
import styles from './Quality.module.css';

type Capture = QualityCaptureQuery['capture'];

/** What waits, and what could not be placed yet. */
export function Working() {
  const read = useRead(QualityCaptureDocument, {});
  useAgain(read.reload, AGAIN_MS);
  return (
    <Panel title="What waits" note="Work not done yet, and reports that nothing is known to belong to">
      <Shown read={read} skeleton={<Skeleton lines={5} height="2rem" />}>
        {({ capture }) => (
          <>
            <ul className={styles.lines}>
              {lines(capture).map(({ value, unit, units, means, isGood }) => (
                <li key={means}>
                  <span>
                    <strong>{count(value)}</strong> {plural(value, unit, units)} {means}
                  </span>
                  {!isGood && <Tag tone="warn">look</Tag>}
                </li>
              ))}
            </ul>
            {capture.pulls.map(({ source, pulledAt, error }) => (
              <p key={source}>
                <strong>{source}</strong> is asked for what is new
                {pulledAt == null ? (
                  ': it never answered'
                ) : (
                  <>
                    , last answered <Time at={pulledAt} as="ago" />
                  </>
                )}{' '}
                {error != null && <Tag tone="bad">{error}</Tag>}
              </p>
            ))}
          </>
        )}
      </Shown>
    </Panel>
  );
}

interface Line {
  readonly value: number;
  readonly unit: string;
  readonly units?: string;
  readonly means: string;
  readonly isGood: boolean;
}

/** Seconds that the oldest payload may wait before somebody should look. */
const LAG_SECONDS = 60;

function lines({ pendingPayloads, lagSeconds, orphans, unplacedAnswers, judging }: Capture): readonly Line[] {
  const waited = lagSeconds > 0 ? `, the oldest for ${lagSeconds.toFixed(lagSeconds < 10 ? 1 : 0)} s` : '';
  return [
    {
      value: pendingPayloads,
      unit: 'payload',
      means: `to be worked off${waited}`,
      isGood: lagSeconds < LAG_SECONDS,
    },
    {
      value: orphans.totalCount,
      unit: 'event',
      means: 'without a campaign; they wait for another event to tell',
      isGood: true,
    },
    {
      value: unplacedAnswers.waiting,
      unit: 'answer by mail',
      units: 'answers by mail',
      means: 'whose message may still be found, for 30 days',
      isGood: true,
    },
    {
      value: unplacedAnswers.givenUp,
      unit: 'answer by mail',
      units: 'answers by mail',
      means: 'whose message was never found',
      isGood: true,
    },
    {
      value: judging.outdatedRecipients,
      unit: 'recipient',
      means: `judged by older rules than version ${judging.version}`,
      isGood: judging.outdatedRecipients === 0,
    },
  ];
}
