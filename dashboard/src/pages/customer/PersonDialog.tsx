import { useRead } from '../../client';
import { CustomerStakeholderDocument, type CustomerStakeholderQuery } from '../../gql/graphql';
import { Button, Delta, Dialog, Empty, LevelBadge, Shown, Skeleton, Tag, Time } from '../../parts';
import { Week } from './BestHours';
import { Chance } from './Chances';
import { InterestList } from './Interests';
import { Reasons } from './Reasons';
import { ScoreCourse } from './ScoreCourse';
import { PERSONAS, SUPPRESSIONS } from './words';
import styles from './Customer.module.css';

type Found = Extract<NonNullable<CustomerStakeholderQuery['node']>, { __typename: 'Stakeholder' }>;

/** Somebody at the customer, over the customer's page. */
export function PersonDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const read = useRead(CustomerStakeholderDocument, { id });
  const person = read.data?.node?.__typename === 'Stakeholder' ? read.data.node : null;
  return (
    <Dialog
      title={person ? (person.name ?? person.addresses[0] ?? 'Somebody unnamed') : 'Stakeholder'}
      isOpen
      onClose={onClose}
      isWide
    >
      <div className={styles.stack}>
        <Shown read={read} skeleton={<Skeleton lines={6} height="3rem" />}>
          {() =>
            person ? (
              <Person person={person} />
            ) : (
              <Empty title="There is no such person">They were erased, or are in another portfolio.</Empty>
            )
          }
        </Shown>
        <p>
          <Button onPress={onClose}>Close</Button>
        </p>
      </div>
    </Dialog>
  );
}

function Person({ person }: { readonly person: Found }) {
  const { score, persona } = person;
  return (
    <>
      <p className={styles.facts}>
        {person.title != null && <span>{person.title}</span>}
        <span>{person.addresses.join(', ')}</span>
        {person.timezone != null && <span>{person.timezone}</span>}
        {person.trackingConsent === 'DENIED' && <Tag tone="warn">does not want to be tracked</Tag>}
      </p>
      {person.suppressions.map(({ address, reason, since }) => (
        <p key={`${address} ${reason}`}>
          <Tag tone="bad">do not mail</Tag> {address} {SUPPRESSIONS[reason]}, since{' '}
          <Time at={since} as="date" />
        </p>
      ))}
      <p className={styles.inline}>
        <strong>{score.value == null ? 'No score' : `${score.value.toFixed(1)} of 100 points`}</strong>
        <LevelBadge level={score.level} enoughData={score.enoughData} />
        <Delta value={score.trend} unit="points" since="in 30 days" />
        {persona != null && <Tag title={PERSONAS[persona][1]}>{PERSONAS[persona][0]}</Tag>}
      </p>
      <ScoreCourse score={score} />
      <Reasons score={score} />
      <ul className={styles.rows}>
        <Chance
          name="Clicks or replies within 14 days of the next campaign"
          chance={person.responseLikelihood}
        />
      </ul>
      <h3>Interests</h3>
      <InterestList interests={person.interests} />
      <h3>Best time</h3>
      <Week bestTime={person.bestTime} />
    </>
  );
}
