import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  casesPath,
  choiceOf,
  csvPath,
  filterOf,
  outcomesPeriod,
  paramsOf,
  withPeriod,
  type Choice,
} from './choice';

const NOW = new Date('2026-11-22T12:00:00Z');

const of = (address: string): Choice => choiceOf(new URLSearchParams(address));

describe('the choice of an address', () => {
  it('is the last 90 days by clicks where nothing is said', () => {
    expect(of('')).toEqual({ period: '90', from: '', to: '', type: null, search: '', metric: 'click' });
    expect(paramsOf(of('')).toString()).toBe('');
  });

  it('comes back from the address it makes', () => {
    const address = 'period=own&from=2026-10-01&to=2026-10-31&type=NEWSLETTER&search=a+%26+b&rate=open';
    expect(paramsOf(of(address)).toString()).toBe(address);
  });

  it('is as usual where the address says what nobody knows', () => {
    const choice = of('period=eternity&from=soon&to=2026-02-30&type=toString&rate=luck');
    expect(choice).toEqual(of(''));
    expect(of(`search=${'x'.repeat(300)}`).search).toHaveLength(200);
  });

  it('has days of its own only where they count', () => {
    expect(paramsOf({ ...of('period=own&from=2026-10-01'), period: '30' }).toString()).toBe('period=30');
  });
});

describe('the period', () => {
  it('begins with a day of the viewer’s', () => {
    expect(boundsOf(of('period=30'), 'Europe/Berlin', NOW)).toEqual({
      since: '2026-10-22T22:00:00.000Z',
      until: null,
    });
    expect(boundsOf(of('period=all'), 'UTC', NOW)).toEqual({ since: null, until: null });
  });

  it('has its last day whole', () => {
    expect(boundsOf(of('period=own&from=2026-10-01&to=2026-10-31'), 'UTC', NOW)).toEqual({
      since: '2026-10-01T00:00:00.000Z',
      until: '2026-11-01T00:00:00.000Z',
    });
    expect(boundsOf(of('period=own&to=2026-10-31'), 'UTC', NOW)).toEqual({
      since: null,
      until: '2026-11-01T00:00:00.000Z',
    });
  });

  it('is none where it ends before it begins', () => {
    expect(boundsOf(of('period=own&from=2026-10-02&to=2026-10-01'), 'UTC', NOW)).toBeNull();
    expect(boundsOf(of('period=own&from=2026-10-01&to=2026-10-01'), 'UTC', NOW)).not.toBeNull();
  });

  it('of one’s own begins with the days that were shown', () => {
    const own = withPeriod(of('period=30'), 'own', 'UTC', NOW);
    expect([own.period, own.from, own.to]).toEqual(['own', '2026-10-23', '2026-11-22']);
    expect(withPeriod(of('period=all'), 'own', 'UTC', NOW).from).toBe('');
    expect(withPeriod(own, 'own', 'UTC', NOW)).toEqual(own);
  });
});

describe('what the service is asked', () => {
  const bounds = { since: '2026-10-01T00:00:00.000Z', until: '2026-11-01T00:00:00.000Z' };

  it('is narrowed by what was chosen alone', () => {
    expect(filterOf(of('type=MARKETING&search=+spring+'), bounds)).toEqual({
      sentSince: bounds.since,
      sentUntil: bounds.until,
      type: 'MARKETING',
      search: 'spring',
    });
    expect(filterOf(of('search=+'), { since: null, until: null })).toEqual({});
  });

  it('is the same for a table as CSV', () => {
    expect(csvPath('types', {})).toBe('/api/performance/types.csv');
    expect(csvPath('send-times', filterOf(of('search=a%26b'), bounds), 'Europe/Berlin')).toBe(
      '/api/performance/send-times.csv?sentSince=2026-10-01T00%3A00%3A00.000Z' +
        '&sentUntil=2026-11-01T00%3A00%3A00.000Z&search=a%26b&timezone=Europe%2FBerlin',
    );
    expect(casesPath({ group: 'TREATED', success: false, until: null })).toBe(
      '/api/outcomes/cases.csv?group=TREATED&success=false',
    );
  });

  it('has a beginning for outcomes, which want one', () => {
    expect(outcomesPeriod({ since: null, until: null })).toEqual({
      since: '2000-01-01T00:00:00.000Z',
      until: null,
    });
    expect(outcomesPeriod(bounds)).toEqual(bounds);
  });
});
