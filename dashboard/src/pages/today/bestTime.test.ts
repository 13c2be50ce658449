import { describe, expect, it } from 'vitest';
import { isWithin, nextStart } from './bestTime';
import { snoozes } from './snoozes';

const SUNDAY = new Date('2026-11-22T21:10:00Z');

describe('the next best time', () => {
  it('is an instant in their zone', () => {
    expect(nextStart({ weekday: 4, startHour: 10 }, 'Europe/Oslo', SUNDAY)?.toISOString()).toBe(
      '2026-11-27T09:00:00.000Z',
    );
    expect(nextStart({ weekday: 0, startHour: 9 }, 'Asia/Kolkata', SUNDAY)?.toISOString()).toBe(
      '2026-11-23T03:30:00.000Z',
    );
  });

  it('follows their clocks when these change', () => {
    const before = new Date('2026-10-24T12:00:00Z');
    expect(nextStart({ weekday: 0, startHour: 9 }, 'Europe/Berlin', before)?.toISOString()).toBe(
      '2026-10-26T08:00:00.000Z',
    );
  });

  it('is not where the clocks skip the hour', () => {
    const before = new Date('2026-03-28T12:00:00Z');
    expect(nextStart({ weekday: 6, startHour: 2 }, 'Europe/Berlin', before)).toBeNull();
  });

  it('is now within the window, its end left out', () => {
    const window = { weekday: 6, startHour: 22, endHour: 23 };
    expect(isWithin(window, 'Europe/Berlin', SUNDAY)).toBe(true);
    expect(isWithin({ ...window, startHour: 20, endHour: 22 }, 'Europe/Berlin', SUNDAY)).toBe(false);
  });
});

describe('snoozing', () => {
  it('offers mornings by the viewer’s clock', () => {
    expect(snoozes('Europe/Berlin', SUNDAY, null).map(({ until }) => until.toISOString())).toEqual([
      '2026-11-23T00:10:00.000Z',
      '2026-11-23T08:00:00.000Z',
      '2026-11-25T08:00:00.000Z',
      '2026-11-23T08:00:00.000Z',
      '2026-12-06T21:10:00.000Z',
    ]);
  });

  it('offers nothing after the recommendation expires', () => {
    const labels = snoozes('Europe/Berlin', SUNDAY, '2026-11-23T08:30:00Z').map(({ label }) => label);
    expect(labels).toEqual(['In three hours', 'Tomorrow morning', 'Next Monday']);
  });
});
