import { describe, expect, it } from 'vitest';
import { dayIn, daysBefore, isDay, startOf } from './days';

describe('days', () => {
  it('are those of the zone', () => {
    const at = new Date('2026-11-22T23:30:00Z');
    expect(dayIn(at, 'UTC')).toBe('2026-11-22');
    expect(dayIn(at, 'Europe/Berlin')).toBe('2026-11-23');
    expect(dayIn(at, 'America/New_York')).toBe('2026-11-22');
  });

  it('are counted back over months, and forward', () => {
    expect(daysBefore('2026-03-01', 1)).toBe('2026-02-28');
    expect(daysBefore('2026-12-31', -1)).toBe('2027-01-01');
  });

  it('begin at midnight by the clocks of that day', () => {
    expect(startOf('2026-11-22', 'Europe/Berlin')).toBe('2026-11-21T23:00:00.000Z');
    expect(startOf('2026-07-01', 'Europe/Berlin')).toBe('2026-06-30T22:00:00.000Z');
    expect(startOf('2026-11-22', 'Asia/Kathmandu')).toBe('2026-11-21T18:15:00.000Z');
  });

  it('begin right also when the clocks change on them', () => {
    expect(startOf('2026-10-25', 'Europe/Berlin')).toBe('2026-10-24T22:00:00.000Z');
    expect(startOf('2026-10-26', 'Europe/Berlin')).toBe('2026-10-25T23:00:00.000Z');
    expect(startOf('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z');
  });

  it('are of the calendar', () => {
    expect(isDay('2024-02-29')).toBe(true);
    expect(isDay('2026-02-29')).toBe(false);
    expect(isDay('2026-2-9')).toBe(false);
    expect(isDay('yesterday')).toBe(false);
  });
});
