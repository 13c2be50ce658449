import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, type ReactNode } from 'react';
import { Button } from './Button';
import { count } from './numbers';
import styles from './VirtualTable.module.css';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /** A CSS grid track, e.g. `minmax(12rem, 2fr)` or `7rem`. */
  readonly width: string;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
}

interface VirtualTableProps<Row> {
  /** What the table lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Rows in all, where there are more than were read. */
  readonly total?: number;
  /** Read the next page; absent or null where there is none. */
  readonly onMore?: (() => void) | null;
  readonly isReading?: boolean;
  /** Why the next page was not read. */
  readonly problem?: string | null;
  /** Height of the part that scrolls. */
  readonly height?: string;
  /** Below this width the table scrolls sideways. */
  readonly minWidth?: string;
}

const ROW_PX = 44;

/** A long list: only the rows in sight are in the page. It scrolls by keyboard, too. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const {
    label,
    columns,
    rows,
    keyOf,
    total,
    onMore = null,
    isReading = false,
    problem = null,
    height = '32rem',
    minWidth = '40rem',
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler is not used here
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const tracks = columns.map((column) => column.width).join(' ');
  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        style={{ maxBlockSize: height }}
        // What scrolls must be within the keyboard's reach.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <div
          role="table"
          aria-label={label}
          aria-rowcount={(total ?? rows.length) + 1}
          style={{ minInlineSize: minWidth }}
        >
          <div role="rowgroup" className={styles.head}>
            <div role="row" aria-rowindex={1} className={styles.row} style={{ gridTemplateColumns: tracks }}>
              {columns.map((column) => (
                <span
                  key={column.name}
                  role="columnheader"
                  className={column.isNumber ? styles.number : undefined}
                >
                  {column.name}
                </span>
              ))}
            </div>
          </div>
          <div role="rowgroup" className={styles.body} style={{ blockSize: `${virtual.getTotalSize()}px` }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              return (
                <div
                  key={keyOf(row)}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  role="row"
                  aria-rowindex={item.index + 2}
                  className={`${styles.row ?? ''} ${styles.placed ?? ''}`}
                  style={{ gridTemplateColumns: tracks, transform: `translateY(${item.start}px)` }}
                >
                  {columns.map((column) => (
                    <span
                      key={column.name}
                      role="cell"
                      className={column.isNumber ? styles.number : undefined}
                    >
                      {column.cell(row)}
                    </span>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      <MoreRows
        {...{ onMore, isReading, problem }}
        {...(total === undefined ? {} : { read: rows.length, total })}
      />
    </div>
  );
}

interface MoreRowsProps {
  readonly onMore: (() => void) | null;
  readonly isReading: boolean;
  readonly problem: string | null;
  /** Rows that were read, of how many. */
  readonly read?: number;
  readonly total?: number;
}

/** The button for the next page of a list, and what came of it; nothing where all was read. */
export function MoreRows({ onMore, isReading, problem, read = 0, total }: MoreRowsProps) {
  return (
    onMore && (
      <p className={styles.more}>
        <Button isSmall onPress={onMore} isDisabled={isReading}>
          {isReading ? 'Reading …' : 'Show more'}
        </Button>
        {total !== undefined && (
          <span>
            {count(read)} of {count(total)} shown
          </span>
        )}
        <span role="alert">{problem !== null && `No more was read: ${problem}`}</span>
      </p>
    )
  );
}
