import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import { ToDoRow, type ToDoRowProps } from './ToDoRow';
import { kept } from './kept';
import type { Row } from './toDo';
import styles from './Today.module.css';

interface ToDoRowsProps extends Pick<ToDoRowProps, 'onToggle' | 'onAct'> {
  readonly rows: readonly Row[];
  /** How many there are in all, read or not. */
  readonly total: number;
  readonly openId: string | null;
  readonly onKeyDown: (event: KeyboardEvent<HTMLOListElement>) => void;
}

/** A closed row on a desk; what a row really takes is measured. */
const ROW_PX = 92;
const AROUND = 6;

/** Only the rows in sight are in the page, and besides them the open one and that in focus. */
export function ToDoRows({ rows, total, openId, onKeyDown, ...acts }: ToDoRowsProps) {
  const place = useRef<HTMLOListElement>(null);
  const [focusedId, setFocusedId] = useState<string | null>(null);
  const above = useTopOf(place);
  const rangeExtractor = useCallback(
    (range: Range) =>
      kept(
        defaultRangeExtractor(range),
        rows.findIndex(({ id }) => id === focusedId),
        rows.findIndex(({ id }) => id === openId),
        rows.length,
      ),
    [rows, focusedId, openId],
  );
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.id ?? index,
    scrollMargin: above,
    overscan: AROUND,
    rangeExtractor,
  });
  const noteFocus = (event: FocusEvent<HTMLOListElement>): void =>
    setFocusedId(event.target.closest<HTMLElement>('[data-row]')?.dataset.row ?? null);
  return (
    // The keys are those of the buttons within; the list only hears them in one place.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ol
      ref={place}
      className={styles.list}
      style={{ blockSize: `${virtual.getTotalSize()}px` }}
      onKeyDown={onKeyDown}
      onFocus={noteFocus}
      onBlur={() => setFocusedId(null)}
    >
      {virtual.getVirtualItems().map(({ index, start }) => {
        const row = rows[index];
        return (
          row && (
            <li
              key={row.id}
              ref={virtual.measureElement}
              data-index={index}
              data-row={row.id}
              data-open={row.id === openId}
              aria-posinset={index + 1}
              aria-setsize={total}
              className={styles.row}
              style={{ transform: `translateY(${start - above}px)` }}
            >
              <ToDoRow row={row} isOpen={row.id === openId} {...acts} />
            </li>
          )
        );
      })}
    </ol>
  );
}

/** Pixels of the page above an element, measured whenever the page grows or shrinks, before it is painted. */
function useTopOf(place: { readonly current: HTMLElement | null }): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      if (place.current) setTop(Math.round(place.current.getBoundingClientRect().top + scrollY));
    });
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [place]);
  return top;
}
