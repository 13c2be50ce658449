import { memo } from 'react';
import { Button, Tag, Time, windowText } from '../../parts';
import type { Asking } from './ActionDialog';
import { Details } from './Details';
import { KINDS } from './words';
import { whom } from './useActions';
import type { Row } from './toDo';
import styles from './Today.module.css';

export interface ToDoRowProps {
  readonly row: Row;
  readonly isOpen: boolean;
  /** Both must stay the same from one drawing to the next: rows that did not change are not drawn again. */
  readonly onToggle: (id: string) => void;
  readonly onAct: (what: Asking['what'] | 'start', row: Row) => void;
}

/** One recommendation: whom, where, why; opened, all that is needed to act on it. */
export const ToDoRow = memo(function ToDoRow({ row, isOpen, onToggle, onAct }: ToDoRowProps) {
  const [kind, tone] = KINDS[row.kind];
  const best = row.bestTime.windows[0];
  const detailsId = `details-${row.id}`;
  return (
    <>
      <button
        type="button"
        data-id={row.id}
        className={styles.head}
        aria-expanded={isOpen}
        aria-controls={detailsId}
        onClick={() => onToggle(row.id)}
      >
        <span className={styles.line}>
          <span className={styles.whom}>{whom(row)}</span>
          <span className={styles.at}>
            {row.stakeholder?.title ? `${row.stakeholder.title}, ` : ''}
            {whom(row) === row.customer.name ? '' : row.customer.name}
          </span>
          <span className={styles.tags}>
            {row.status === 'STARTED' && <Tag tone="act">started</Tag>}
            <Tag tone={tone}>{kind}</Tag>
          </span>
        </span>
        <span className={styles.reason}>{row.reason}</span>
        <span className={styles.meta}>
          <span>priority {Math.round(row.priority)} of 100</span>
          {row.dueAt != null && (
            <span>
              due <Time at={row.dueAt} as="ago" />
            </span>
          )}
          {best && <span>best {windowText(best)}, their time</span>}
        </span>
      </button>
      <div id={detailsId} hidden={!isOpen} className={styles.details}>
        {isOpen && <Details row={row} />}
        <div className={styles.buttons}>
          {row.status === 'OPEN' && (
            <Button onPress={() => onAct('start', row)} aria-keyshortcuts="S">
              Start
            </Button>
          )}
          <Button onPress={() => onAct('complete', row)} aria-keyshortcuts="C">
            Complete …
          </Button>
          <Button onPress={() => onAct('snooze', row)} aria-keyshortcuts="Z">
            Snooze …
          </Button>
          <Button onPress={() => onAct('dismiss', row)} aria-keyshortcuts="D">
            Dismiss …
          </Button>
        </div>
      </div>
    </>
  );
});
