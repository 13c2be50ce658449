import type { ReactNode } from 'react';
import type { Paged } from '../client';
import { FailureNote, Skeleton } from './states';
import { MoreRows, VirtualTable, type Column } from './VirtualTable';

interface PagedTableProps<Row> {
  readonly list: Paged<unknown, Row>;
  /** What the table lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** Those of the rows that are shown, where not all of them are. */
  readonly rows?: readonly Row[];
  /** What stands there without rows. */
  readonly empty: ReactNode;
  /** As many lines as it will about have. */
  readonly lines?: number;
  readonly height?: string;
  readonly minWidth?: string;
}

/** A list that is read page by page, as a table: with what stands there before, without rows, and where it failed. */
export function PagedTable<Row>({
  list,
  rows = list.rows,
  empty,
  lines = 8,
  ...table
}: PagedTableProps<Row>) {
  const { read, total, onMore, isReading, problem } = list;
  if (read.failure && !read.data) return <FailureNote failure={read.failure} onRetry={read.reload} />;
  if (read.isLoading) return <Skeleton lines={lines} height="2.25rem" />;
  const more = { onMore, isReading, problem };
  if (rows.length === 0)
    return (
      <div>
        {empty}
        <MoreRows {...more} />
      </div>
    );
  const isWhole = rows.length === list.rows.length;
  return (
    <VirtualTable {...table} rows={rows} {...more} {...(isWhole && total !== undefined ? { total } : {})} />
  );
}
