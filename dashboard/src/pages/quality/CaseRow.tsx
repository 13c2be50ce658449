import { Link } from 'react-router';
import { Button, Tag } from '../../parts';
import { WHY, type Case } from './review';
import styles from './Quality.module.css';

interface CaseRowProps {
  readonly of: Case;
  readonly onConfirm: () => void;
  readonly onReject: () => void;
  readonly onAsk: () => void;
}

const SHOWN_ADDRESSES = 3;

/** One question of the queue, with the buttons that answer it. */
export function CaseRow({ of, onConfirm, onReject, onAsk }: CaseRowProps) {
  const [words, tone] = WHY[of.why];
  const shown = of.waiting.slice(0, SHOWN_ADDRESSES).map(({ address }) => address);
  const more = of.waiting.length - shown.length;
  const campaign = of.waiting[0]?.campaign;
  return (
    <li className={styles.case}>
      <div className={styles.about}>
        <p className={styles.head}>
          <strong>{of.why === 'FREEMAIL' ? of.waiting[0]?.address : of.domain}</strong>
          <Tag tone={tone}>{words}</Tag>
          {of.waiting.some(({ engaged }) => engaged) && <Tag tone="human">engaged</Tag>}
        </p>
        <p className={styles.soft}>
          {of.why !== 'FREEMAIL' && (
            <>
              {shown.join(', ')}
              {more > 0 && ` and ${more} more`}
              {' · '}
            </>
          )}
          last sent {campaign && <Link to={`/campaigns/${campaign.id}`}>{campaign.name}</Link>}
        </p>
      </div>
      <div className={styles.answers}>
        {of.proposal ? (
          <>
            <span className={styles.proposal}>
              <Link to={`/customers/${of.proposal.id}`}>{of.proposal.name}</Link>?
            </span>
            <Button
              isSmall
              aria-label={`Yes, theirs: ${of.domain} is ${of.proposal.name}`}
              onPress={onConfirm}
            >
              Yes, theirs
            </Button>
            <Button
              isSmall
              look="quiet"
              aria-label={`No: ${of.domain} is not ${of.proposal.name}`}
              onPress={onReject}
            >
              No
            </Button>
          </>
        ) : (
          <Button isSmall aria-label={`Whose is it? ${of.waiting[0]?.address ?? of.domain}`} onPress={onAsk}>
            Whose is it?
          </Button>
        )}
      </div>
    </li>
  );
}
