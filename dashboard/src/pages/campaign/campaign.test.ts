import { describe, expect, it } from 'vitest';
import { classification } from './classifying';
import { durationText, spanText, week, weekText } from './figures';
import { csvPath, groupOf } from './recipients';

describe('the week of a campaign', () => {
  const values = week([{ weekday: 2, hour: 9, openers: 12, clickers: 3 }], 'openers');

  it('begins with Monday 0:00', () => {
    expect(values).toHaveLength(168);
    expect(values[24 + 9]).toBe(12);
    expect(week([{ weekday: 7, hour: 23, openers: 0, clickers: 2 }], 'clickers')[167]).toBe(2);
  });

  it('is told with its strongest hour', () => {
    expect(weekText(values, 'opened it')).toContain('Most: 12 on Tuesday 9–10 h');
  });
});

describe('times to act', () => {
  it('have their bounds where those say something else', () => {
    expect(durationText({ seconds: 10_800, atLeast: 7_200, atMost: 14_400 })).toBe('3 h (2 h to 4 h)');
    expect(durationText({ seconds: 10_800, atLeast: 10_790, atMost: 10_810 })).toBe('3 h');
    expect(durationText(null)).toBe('not known');
    expect(spanText(12)).toBe('12 s');
  });
});

describe('recipients as CSV', () => {
  it('are those that the list shows', () => {
    expect(csvPath('Q2FtcDo1==', groupOf(null))).toBe('/api/campaigns/Q2FtcDo1%3D%3D/recipients.csv');
    expect(csvPath('x', groupOf('silent'))).toBe(
      '/api/campaigns/x/recipients.csv?delivered=true&engaged=false',
    );
  });
});

describe('saying what a campaign is', () => {
  const inferred = { id: 'c', type: 'MARKETING', classification: null } as const;
  const said = {
    id: 'c',
    type: 'NEWSLETTER',
    classification: {
      __typename: 'Classification',
      type: 'NEWSLETTER',
      isBulk: true,
      at: '2026-11-22T12:00:00Z',
    },
  } as const;

  it('sends only what was changed', () => {
    expect(classification(inferred, 'MARKETING', 'found')).toEqual({ campaignId: 'c' });
    expect(classification(inferred, 'NEWSLETTER', 'found')).toEqual({ campaignId: 'c', type: 'NEWSLETTER' });
    expect(classification(inferred, 'MARKETING', 'no')).toEqual({ campaignId: 'c', isBulk: false });
  });

  it('takes back what was said', () => {
    expect(classification(said, 'found', 'yes')).toEqual({ campaignId: 'c', type: null });
    expect(classification(said, 'NEWSLETTER', 'found')).toEqual({ campaignId: 'c', isBulk: null });
  });
});
