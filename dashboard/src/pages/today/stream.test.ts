import { describe, expect, it } from 'vitest';
import { isChosen } from '../../engagement/choice';
import { begun, KEPT, shortUrl, withUpdate, type Update } from './stream';

function update(eventId: string, over: object = {}, event: object | null = {}): Update {
  return {
    cursor: eventId,
    kind: 'RECORDED',
    eventId,
    customer: { id: 'acme', name: 'Acme' },
    event: event && { id: eventId, kind: 'CLICKED', actor: 'HUMAN', machineReasons: [], ...event },
    recipient: {
      id: 'r',
      address: 'ada@acme.example',
      matches: [{ customer: { id: 'acme' }, stakeholder: { id: 's', name: 'Ada', timezone: 'Europe/Oslo' } }],
    },
    ...over,
  } as unknown as Update;
}

describe('the live stream', () => {
  it('begins with the last updates, newest first, and puts new ones on top', () => {
    const lines = withUpdate(begun([update('2'), update('1')]), update('3'));
    expect(lines.map(({ event }) => event?.id)).toEqual(['3', '2', '1']);
    expect(lines[0]).toMatchObject({ who: 'Ada', timezone: 'Europe/Oslo', isCorrected: false });
  });

  it('says a correction where the line stands, and keeps it in sight', () => {
    const machine = update('1', { kind: 'CORRECTED' }, { actor: 'MACHINE' });
    const lines = withUpdate(begun([update('2'), update('1')]), machine);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ isCorrected: true, event: { actor: 'MACHINE' } });
    expect(lines.map((line) => isChosen(line, 'people'))).toEqual([true, true]);
  });

  it('strikes out what is no longer the customer’s, under the name it had', () => {
    const gone = update('1', { kind: 'REMOVED', recipient: null }, null);
    const [line] = withUpdate(begun([update('1')]), gone);
    expect(line).toMatchObject({ event: null, who: 'Ada' });
    expect(withUpdate([], gone)).toEqual([]);
  });

  it('tells the same event at two customers as two lines', () => {
    const other = update('1', { customer: { id: 'bolt', name: 'Bolt' } });
    expect(begun([update('1'), other])).toHaveLength(2);
  });

  it('falls back to the address of somebody nobody knows', () => {
    const unknown = update('1', { recipient: { id: 'r', address: 'x@acme.example', matches: [] } });
    expect(begun([unknown])[0]?.who).toBe('x@acme.example');
  });

  it.each([
    ['people', [true, false, false]],
    ['acts', [true, true, false]],
    ['all', [true, true, true]],
  ] as const)('shows %s', (shown, expected) => {
    const lines = begun([
      update('3', {}, { kind: 'DELIVERED', actor: null }),
      update('2', {}, { actor: 'MACHINE' }),
      update('1'),
    ]);
    expect([...lines].reverse().map((line) => isChosen(line, shown))).toEqual(expected);
  });

  it('keeps so many lines and no more', () => {
    const updates = Array.from({ length: KEPT + 5 }, (_, number) => update(String(number)));
    expect(begun(updates)).toHaveLength(KEPT);
  });
});

it.each([
  ['https://example.com/pricing?x=1', '/pricing'],
  ['https://example.com/', 'example.com'],
  ['not a link', 'not a link'],
  ['https://example.com/%E2%9C%93', '/✓'],
  ['https://example.com/%ff', 'https://example.com/%ff'],
])('%s is read as %s', (url, short) => {
  expect(shortUrl(url)).toBe(short);
});
