import { describe, expect, it } from 'vitest';
import { isChosen } from '../../engagement/choice';
import type { CustomerEventFragment } from '../../gql/graphql';
import { lineOf, withOlder, withUpdate, type Update } from './timeline';

const ACME = 'acme';

function event(id: string, minute: number, over: Partial<CustomerEventFragment> = {}): CustomerEventFragment {
  return {
    __typename: 'Event',
    id,
    kind: 'CLICKED',
    actor: 'HUMAN',
    machineReasons: [],
    occurredAt: `2026-11-22T10:${String(minute).padStart(2, '0')}:00+00:00`,
    url: null,
    detail: null,
    campaign: null,
    recipient: null,
    ...over,
  };
}

function update(kind: Update['kind'], id: string, told: CustomerEventFragment | null): Update {
  return { __typename: 'EngagementUpdate', cursor: 'c', kind, eventId: id, event: told };
}

const LINES = [lineOf(event('late', 30), ACME), lineOf(event('early', 10), ACME)];

describe('a customer’s timeline', () => {
  it('puts what is new where its time is', () => {
    const now = withUpdate(LINES, update('RECORDED', 'now', event('now', 40)), ACME, true);
    expect(now.map(({ id }) => id)).toEqual(['now', 'late', 'early']);
    const between = withUpdate(now, update('RECORDED', 'mid', event('mid', 20)), ACME, true);
    expect(between.map(({ id }) => id)).toEqual(['now', 'late', 'mid', 'early']);
    expect(between.map(({ isFresh }) => isFresh)).toEqual([true, false, true, false]);
  });

  it('leaves what is older than what was read to its page, unless all was read', () => {
    const old = update('RECORDED', 'old', event('old', 0));
    expect(withUpdate(LINES, old, ACME, false)).toBe(LINES);
    expect(withUpdate(LINES, old, ACME, true).map(({ id }) => id)).toEqual(['late', 'early', 'old']);
  });

  it('corrects a line where it stands, and shows it whatever it has become', () => {
    const machine = event('late', 30, { actor: 'MACHINE' });
    const [late] = withUpdate(LINES, update('CORRECTED', 'late', machine), ACME, true);
    expect([late?.isCorrected, late?.event.actor]).toEqual([true, 'MACHINE']);
    expect(late && isChosen(late, 'people')).toBe(true);
    expect(isChosen(lineOf(machine, ACME), 'people')).toBe(false);
    expect(isChosen(lineOf(event('sent', 1, { kind: 'DELIVERED', actor: null }), ACME), 'acts')).toBe(false);
  });

  it('says of a line that was taken back that it was, and adds none for one that never stood there', () => {
    const [late] = withUpdate(LINES, update('REMOVED', 'late', null), ACME, true);
    expect(late?.isRemoved).toBe(true);
    expect(withUpdate(LINES, update('REMOVED', 'other', null), ACME, true)).toBe(LINES);
  });

  it('tells the same update twice once', () => {
    const again = update('RECORDED', 'late', event('late', 30));
    expect(withUpdate(LINES, again, ACME, true).map(({ id }) => id)).toEqual(['late', 'early']);
  });

  it('names the person of this customer, not of another', () => {
    const found = lineOf(
      event('e', 1, {
        recipient: {
          __typename: 'Recipient',
          id: 'r',
          address: 'ann@acme.com',
          matches: [
            {
              __typename: 'Match',
              customer: { __typename: 'Customer', id: 'bolt' },
              stakeholder: { __typename: 'Stakeholder', id: 's1', name: 'Bob', timezone: null },
            },
            {
              __typename: 'Match',
              customer: { __typename: 'Customer', id: ACME },
              stakeholder: { __typename: 'Stakeholder', id: 's2', name: 'Ann', timezone: 'Asia/Tokyo' },
            },
          ],
        },
      }),
      ACME,
    );
    expect([found.who, found.stakeholderId, found.timezone]).toEqual(['Ann', 's2', 'Asia/Tokyo']);
  });

  it('adds an older page below, each event once', () => {
    const events = [event('early', 10), event('older', 5)];
    expect(withOlder(LINES, events, ACME).map(({ id }) => id)).toEqual(['late', 'early', 'older']);
  });
});
