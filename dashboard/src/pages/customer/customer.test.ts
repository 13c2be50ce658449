import { describe, expect, it } from 'vitest';
import { courseOf, courseText, weeksOf } from './course';
import { chanceNote, chanceText, drawText, pointsText, weekText } from './figures';
import { filterOf, rankingOf } from './ranking';
import { reachOf } from './standing';

const NOW = new Date('2026-11-22T12:00:00Z');

describe('where somebody stands', () => {
  const sent = { dark: false, lastSentAt: '2026-11-01T00:00:00Z', lastEngagedAt: null };

  it('looks back ninety days, as the service counts', () => {
    expect(reachOf(sent, NOW)).toBe('reached');
    expect(reachOf({ ...sent, lastEngagedAt: '2026-11-02T00:00:00Z' }, NOW)).toBe('engaged');
    expect(reachOf({ ...sent, lastEngagedAt: '2026-08-24T11:00:00Z' }, NOW)).toBe('reached');
    expect(reachOf({ ...sent, lastSentAt: '2026-08-24T11:00:00Z' }, NOW)).toBe('not reached');
    expect(reachOf({ dark: false, lastSentAt: null, lastEngagedAt: null }, NOW)).toBe('not reached');
  });

  it('says dark before all else', () => {
    expect(reachOf({ ...sent, dark: true, lastEngagedAt: '2026-11-02T00:00:00Z' }, NOW)).toBe('dark');
  });
});

describe('figures in words', () => {
  const chance = { mean: 0.234, low: 0.12, high: 0.381, enoughData: true, basedOn: 14 };

  it('gives a probability with its interval and what is behind it', () => {
    expect(chanceText(chance)).toBe('23.4\u00a0%');
    expect(chanceNote(chance)).toBe(
      '12.0\u00a0% to 38.1\u00a0% with 90 % confidence, from 14 sends whose end is known',
    );
  });

  it('gives none where too little is known', () => {
    const few = { enoughData: false, basedOn: 1 };
    expect(chanceText(few)).toBeNull();
    expect(chanceNote(few)).toBe('1 send whose end is known: at least 3 are needed');
  });

  it('says how much more somebody is drawn, and signs points', () => {
    expect(drawText(Math.log(2))).toBe('2.0 ×');
    expect([pointsText(12.34), pointsText(-4)]).toEqual(['+12.3', '−4.0']);
  });

  it('names the best window of a week', () => {
    const best = { weekday: 4, startHour: 11, endHour: 14, lift: 5.44 };
    expect(weekText([best], 69, 'Asia/Kolkata')).toContain(
      'Best: Friday 11–14 h (Asia/Kolkata), 5.4 × the average hour, from 69 acts.',
    );
    expect(weekText([], 0, 'UTC')).toBe('No window stands out.');
  });
});

describe('rankings', () => {
  it('ask for neighbouring levels where customers cool, and search what was typed', () => {
    expect(filterOf(rankingOf('cooling'), '  acme ')).toEqual({ levels: ['HIGH', 'MEDIUM'], search: 'acme' });
    expect(filterOf(rankingOf('dark'), '')).toEqual({ dark: true });
    expect(filterOf(rankingOf(null), 'x'.repeat(300)).search).toHaveLength(200);
  });

  it('begin with the most engaged', () => {
    expect([rankingOf(null).id, rankingOf('nonsense').id]).toEqual(['engaged', 'engaged']);
  });
});

describe('the course of a score', () => {
  const points = courseOf([null, 10, 40.25, 33.1], NOW);

  it('has a moment for each value, the last being now', () => {
    expect(points.map(({ at }) => at.toISOString().slice(0, 10))).toEqual([
      '2026-11-19',
      '2026-11-20',
      '2026-11-21',
      '2026-11-22',
    ]);
    expect(points.at(-1)?.at).toEqual(NOW);
  });

  it('is told in a sentence, from when there is a score', () => {
    expect(courseText(points, 'UTC')).toBe(
      'Score over 3 days: 10.0 on Fri 20 Nov, highest 40.3 (Sat 21 Nov), now 33.1 of 100 points.',
    );
    expect(courseText(courseOf([5, 4], NOW), 'UTC')).toContain('Score over 1 days: 5.0 at first');
    expect(courseText(courseOf([null, null], NOW), 'UTC')).toBe('No score over these days.');
  });

  it('is listed week by week, newest first, without the days that have none', () => {
    const values = courseOf([...Array<null>(3).fill(null), ...Array<number>(9).fill(7), 8], NOW);
    expect(weeksOf(values).map(({ value }) => value)).toEqual([8, 7]);
  });
});
