import type { RecommendationRowFragment } from '../../gql/graphql';

export type Row = RecommendationRowFragment;

/** What is to be done, in order, as far as it was read. */
export interface ToDo {
  readonly rows: readonly Row[];
  /** How many there are in all. */
  readonly total: number;
  /** Where the next page begins; null where all were read. */
  readonly next: string | null;
  /** Those that came in live and are not yet shown, so that nothing moves under the reader's hand. */
  readonly waiting: readonly Row[];
}

/** As the service orders them: the most urgent first, of those what is due first. */
export function inOrder(one: Row, other: Row): number {
  return other.priority - one.priority || due(one).localeCompare(due(other));
}

function due(row: Row): string {
  return row.dueAt ?? '9999';
}

/** Whether it stands on the list of what is to be done. */
export function isToDo(row: Pick<Row, 'status'>): boolean {
  return row.status === 'OPEN' || row.status === 'STARTED';
}

/** The list after one recommendation has appeared or changed. */
export function changed(before: ToDo, row: Row): ToDo {
  const shown = before.rows.some((known) => known.id === row.id);
  const waits = before.waiting.some((known) => known.id === row.id);
  if (!isToDo(row)) return shown || waits ? without(before, row.id) : before;
  if (shown) return { ...before, rows: before.rows.map((known) => (known.id === row.id ? row : known)) };
  const waiting = [...before.waiting.filter((known) => known.id !== row.id), row];
  return { ...before, waiting, total: before.total + (waits ? 0 : 1) };
}

/** The list without one that is done. */
export function without(before: ToDo, id: string): ToDo {
  const isOther = (row: Row): boolean => row.id !== id;
  return {
    ...before,
    rows: before.rows.filter(isOther),
    waiting: before.waiting.filter(isOther),
    total: Math.max(0, before.total - 1),
  };
}

/** The list with one back in its place that was taken off; as it came in live meanwhile, if it did. */
export function restored(before: ToDo, row: Row): ToDo {
  const isOther = (known: Row): boolean => known.id !== row.id;
  const found = [...before.rows, ...before.waiting].find(({ id }) => id === row.id);
  return {
    ...before,
    rows: [...before.rows.filter(isOther), found ?? row].sort(inOrder),
    waiting: before.waiting.filter(isOther),
    total: before.total + (found ? 0 : 1),
  };
}

/** The list with those that waited, each in its place. */
export function merged(before: ToDo): ToDo {
  const rows = [...before.rows, ...before.waiting].sort(inOrder);
  return { ...before, rows, waiting: [] };
}

/** The list with its next page. What came in live meanwhile is not listed twice. */
export function extended(before: ToDo, rows: readonly Row[], next: string | null): ToDo {
  const known = new Set(before.rows.map((row) => row.id));
  const more = rows.filter((row) => !known.has(row.id));
  const fresh = new Set(more.map((row) => row.id));
  return {
    ...before,
    rows: [...before.rows, ...more],
    waiting: before.waiting.filter((row) => !fresh.has(row.id)),
    next,
  };
}
