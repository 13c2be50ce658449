import { useState } from 'react';
import { useAgain, useRead } from '../../client';
import { QualityReviewDocument } from '../../gql/graphql';
import { Button, count, Empty, Panel, plural, Shown, Skeleton } from '../../parts';
import { AGAIN_MS } from './again';
import { CaseRow } from './CaseRow';
import { cases, type Case } from './review';
import { useDecisions } from './useDecisions';
import { WhoseDialog } from './WhoseDialog';
import styles from './Quality.module.css';

/** Addresses read at once; the queue moves up as they are decided. */
const PAGE_ROWS = 100;
const SHOWN_CASES = 12;

/** Addresses that a person has to decide about, those waiting longest first. */
export function ReviewQueue({ onDecided }: { readonly onDecided: () => void }) {
  const read = useRead(QualityReviewDocument, { first: PAGE_ROWS }, { about: ['Recipient'] });
  useAgain(read.reload, AGAIN_MS);
  const decisions = useDecisions(() => {
    read.reload();
    onDecided();
  });
  const [asked, setAsked] = useState<Case | null>(null);
  const [limit, setLimit] = useState(SHOWN_CASES);
  return (
    <Panel
      title="To review"
      note="Addresses that could not be matched with certainty, those waiting longest first; each decision holds for all their mail"
    >
      <Shown read={read} skeleton={<Skeleton lines={6} height="3rem" />}>
        {({ recipientsToReview: { nodes, totalCount } }) => {
          const open = cases(nodes).filter(({ key }) => !decisions.hidden.has(key));
          if (open.length === 0) return <NothingToReview isWhole={totalCount <= nodes.length} />;
          return (
            <>
              <p className={styles.soft}>
                <strong>{count(totalCount)}</strong> {plural(totalCount, 'address waits', 'addresses wait')}
              </p>
              <ul className={styles.cases}>
                {open.slice(0, limit).map((one) => (
                  <CaseRow
                    key={one.key}
                    of={one}
                    onConfirm={() => one.proposal && decisions.confirm(one, one.proposal, false)}
                    onReject={() => decisions.reject(one)}
                    onAsk={() => setAsked(one)}
                  />
                ))}
              </ul>
              {open.length > limit && (
                <p>
                  <Button isSmall onPress={() => setLimit(limit + SHOWN_CASES)}>
                    Show more
                  </Button>
                </p>
              )}
            </>
          );
        }}
      </Shown>
      {asked && (
        <WhoseDialog
          of={asked}
          onClose={() => setAsked(null)}
          onChosen={(customer, isDomainTheirs) => {
            setAsked(null);
            decisions.confirm(asked, customer, isDomainTheirs);
          }}
        />
      )}
    </Panel>
  );
}

function NothingToReview({ isWhole }: { readonly isWhole: boolean }) {
  if (!isWhole) return <Empty title="That was all so far">The next appear when these are decided.</Empty>;
  return (
    <Empty title="Nothing to review">
      Every address is somebody’s. One that cannot be matched with certainty appears here.
    </Empty>
  );
}
