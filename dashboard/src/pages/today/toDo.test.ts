import { describe, expect, it } from 'vitest';
import { changed, extended, merged, restored, without, type Row, type ToDo } from './toDo';

function row(id: string, priority: number, over: Partial<Row> = {}): Row {
  return { id, priority, status: 'OPEN', dueAt: null, ...over } as Row;
}

function list(...rows: Row[]): ToDo {
  return { rows, total: rows.length, next: null, waiting: [] };
}

const ids = (rows: readonly Row[]): string[] => rows.map(({ id }) => id);

describe('what is to be done', () => {
  it('lets a new recommendation wait until the reader wants it, then puts it in its place', () => {
    const after = changed(list(row('a', 90), row('b', 50)), row('c', 70));
    expect(ids(after.rows)).toEqual(['a', 'b']);
    expect(ids(after.waiting)).toEqual(['c']);
    expect(after.total).toBe(3);
    expect(ids(merged(after).rows)).toEqual(['a', 'c', 'b']);
    expect(merged(after).waiting).toEqual([]);
  });

  it('counts one that is told twice once', () => {
    const after = changed(changed(list(row('a', 90)), row('c', 70)), row('c', 71));
    expect(after.total).toBe(2);
    expect(after.waiting).toEqual([row('c', 71)]);
  });

  it('changes one that is shown where it stands', () => {
    const after = changed(list(row('a', 90), row('b', 50)), row('b', 99, { status: 'STARTED' }));
    expect(after.rows.map(({ status }) => status)).toEqual(['OPEN', 'STARTED']);
    expect(after.total).toBe(2);
  });

  it.each(['COMPLETED', 'DISMISSED', 'SNOOZED', 'WITHDRAWN', 'EXPIRED'] as const)(
    'drops what is %s',
    (status) => {
      const after = changed(list(row('a', 90), row('b', 50)), row('a', 90, { status }));
      expect(ids(after.rows)).toEqual(['b']);
      expect(after.total).toBe(1);
    },
  );

  it('is left alone by what was done elsewhere and never stood on it', () => {
    const before = list(row('a', 90));
    expect(changed(before, row('z', 10, { status: 'COMPLETED' }))).toBe(before);
  });

  it('puts of equal urgency what is due first first, and what has no day last', () => {
    const late = row('late', 90, { dueAt: '2026-11-20T08:00:00Z' });
    const early = row('early', 90, { dueAt: '2026-11-19T08:00:00Z' });
    const after = merged({ ...list(row('never', 90)), waiting: [late, early] });
    expect(ids(after.rows)).toEqual(['early', 'late', 'never']);
  });

  it('lists what came in live and stands on the next page once', () => {
    const before = { ...changed(list(row('a', 90)), row('b', 50)), next: 'x' };
    const after = extended(before, [row('a', 90), row('b', 50), row('c', 40)], null);
    expect(ids(after.rows)).toEqual(['a', 'b', 'c']);
    expect(after.waiting).toEqual([]);
    expect(after.next).toBeNull();
  });

  it('puts back what was undone, and lets others wait on', () => {
    const taken = changed(without(list(row('a', 90), row('b', 50)), 'a'), row('c', 70));
    const after = restored(taken, row('a', 90));
    expect(ids(after.rows)).toEqual(['a', 'b']);
    expect(ids(after.waiting)).toEqual(['c']);
    expect(after.total).toBe(3);
  });

  it('puts back once what changed before it was undone, as it is now', () => {
    const taken = changed(without(list(row('a', 90)), 'a'), row('a', 95));
    const after = restored(taken, row('a', 90));
    expect(after).toEqual({ ...list(row('a', 95)), next: null });
  });

  it('never counts below none', () => {
    expect(without(list(), 'a').total).toBe(0);
  });
});
