import { useCallback, useRef, useState, type KeyboardEvent } from 'react';
import { Button, Empty, FailureNote, Panel, Skeleton } from '../../parts';
import { ActionDialog, type Asking } from './ActionDialog';
import { ToDoRows } from './ToDoRows';
import { useActions } from './useActions';
import type { LiveToDo } from './useToDo';
import type { Row } from './toDo';
import styles from './Today.module.css';

const KEYS: Readonly<Record<string, Asking['what'] | 'start'>> = {
  s: 'start',
  c: 'complete',
  z: 'snooze',
  d: 'dismiss',
};

/** What is to be done: one row opens at a time; arrows go through them, single keys act on the one in focus. */
export function ToDoList({ list }: { readonly list: LiveToDo }) {
  const actions = useActions(list);
  const [openId, setOpenId] = useState<string | null>(null);
  const [asking, setAsking] = useState<Asking | null>(null);
  const place = useRef<HTMLDivElement>(null);

  const ask = useCallback(
    (what: Asking['what'] | 'start', row: Row): void => {
      if (what === 'start') actions.start(row);
      else setAsking({ what, row });
    },
    [actions],
  );
  const toggle = useCallback((id: string) => setOpenId((before) => (before === id ? null : id)), []);
  /** What is taken off the list leaves the focus on the row that follows. */
  const goOn = (row: Row): void => {
    const heads = headsIn(place.current);
    const index = heads.findIndex((head) => head.dataset.id === row.id);
    const next = heads[index + 1] ?? heads[index - 1];
    setAsking(null);
    requestAnimationFrame(() => next?.focus());
  };
  const listen = (event: KeyboardEvent<HTMLOListElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const heads = headsIn(place.current);
    const index = heads.indexOf(document.activeElement as HTMLElement);
    if (index < 0) return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      heads[index + step]?.focus();
      return;
    }
    const what = KEYS[event.key];
    const row = list.toDo?.rows.find(({ id }) => id === heads[index]?.dataset.id);
    if (what === undefined || !row) return;
    event.preventDefault();
    ask(what, row);
  };

  return (
    <Panel
      title="To do"
      note={<KeyHint />}
      actions={<Waiting count={list.toDo?.waiting.length ?? 0} onShow={list.showWaiting} />}
    >
      {list.failure && <FailureNote failure={list.failure} onRetry={list.reload} />}
      {!list.toDo && !list.failure && <Skeleton lines={10} height="4rem" />}
      {list.toDo?.rows.length === 0 && (
        <Empty title="Nothing calls for you">
          When somebody replies, clicks, leaves or goes quiet, it stands here with what to say.
        </Empty>
      )}
      {list.toDo && list.toDo.rows.length > 0 && (
        <div ref={place}>
          <ToDoRows
            rows={list.toDo.rows}
            total={list.toDo.total}
            openId={openId}
            onKeyDown={listen}
            onToggle={toggle}
            onAct={ask}
          />
        </div>
      )}
      {list.more && (
        <div>
          <Button onPress={list.more} isDisabled={list.isReading}>
            {list.isReading ? 'Reading …' : 'Show more'}
          </Button>
        </div>
      )}
      {asking && (
        <ActionDialog
          asking={asking}
          actions={actions}
          onDone={() => goOn(asking.row)}
          onClose={() => setAsking(null)}
        />
      )}
    </Panel>
  );
}

function headsIn(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('[data-id]') ?? [])];
}

function KeyHint() {
  return (
    <span className={styles.keys}>
      <kbd>↑</kbd> <kbd>↓</kbd> choose · <kbd>Enter</kbd> opens · <kbd>S</kbd> start · <kbd>C</kbd> complete ·{' '}
      <kbd>Z</kbd> snooze · <kbd>D</kbd> dismiss
    </span>
  );
}

/** Those that came in live: they are shown when the reader wants them, so that nothing moves by itself. */
function Waiting({ count, onShow }: { readonly count: number; readonly onShow: () => void }) {
  return (
    <span role="status" className={styles.waiting}>
      {count > 0 && (
        <Button isSmall onPress={onShow}>
          Show {count} new
        </Button>
      )}
    </span>
  );
}
