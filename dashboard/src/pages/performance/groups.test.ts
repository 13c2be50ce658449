import { describe, expect, it } from 'vitest';
import {
  hourGroups,
  intervals,
  markOf,
  portfolioGroups,
  ranked,
  rangeText,
  segmentGroups,
  summaryOf,
  weekOf,
  type Comparison,
  type Group,
} from './groups';
import { differenceText, metricWords, standingWords, verdictWords } from './words';

const CLICK = metricWords('click');
const UNSUBSCRIBE = metricWords('unsubscribe');

function found(share: number, whole: number, of: Partial<Comparison> = {}): Comparison {
  return {
    __typename: 'Comparison',
    rate: {
      __typename: 'Rate',
      numerator: Math.round(share * whole),
      denominator: whole,
      value: whole ? share : null,
      low: whole ? Math.max(0, share - 0.1) : null,
      high: whole ? share + 0.1 : null,
      enoughData: whole >= 20,
    },
    adjusted: null,
    low: null,
    high: null,
    usual: null,
    standing: 'UNKNOWN',
    enoughData: false,
    ...of,
  };
}

function group(name: string, of: Comparison, key = name): Group {
  return {
    key,
    name,
    campaigns: 2,
    compared: { __typename: 'Compared', open: of, click: of, reply: of, unsubscribe: of },
  };
}

const KNOWN = {
  adjusted: 0.3,
  low: 0.25,
  high: 0.35,
  usual: 0.2,
  standing: 'ABOVE',
  enoughData: true,
} as const;
const LIKE = {
  adjusted: 0.21,
  low: 0.1,
  high: 0.32,
  usual: 0.2,
  standing: 'LIKE_OTHERS',
  enoughData: true,
} as const;

describe('groups side by side', () => {
  const rows = ranked(
    [
      group('Empty', found(0, 0)),
      group('Small', found(0.9, 5, LIKE)),
      group('Large', found(0.31, 900, KNOWN)),
    ],
    CLICK,
  );

  it('are ranked by the adjusted rate, so that a small one does not top the table', () => {
    expect(rows.map(({ name }) => name)).toEqual(['Large', 'Small', 'Empty']);
  });

  it('are ranked the other way round where less is better', () => {
    const worst = ranked(rows, UNSUBSCRIBE).map(({ name }) => name);
    expect(worst).toEqual(['Small', 'Large', 'Empty']);
  });

  it('are dots with intervals, the counted rate beside the adjusted one', () => {
    const [large, small, empty] = intervals(rows, CLICK);
    expect(large).toMatchObject({
      value: 0.3,
      low: 0.25,
      high: 0.35,
      counted: 0.31,
      side: 'above',
      tone: 'good',
    });
    expect(large?.text).toBe(
      'Large\n279 of 900 delivered, in 2 campaigns\n' +
        'adjusted for size: 30.0\u00a0%, 25.0\u00a0%–35.0\u00a0%\n▲ above usual',
    );
    expect(small).toMatchObject({ counted: 0.9, side: 'like', tone: 'plain' });
    expect(empty).toMatchObject({ value: null, low: null, counted: null, side: 'unknown', tone: 'faint' });
  });

  it('are good or bad by what the rate is of', () => {
    expect(intervals(rows, UNSUBSCRIBE)[0]?.tone).toBe('bad');
    expect(standingWords('BELOW', UNSUBSCRIBE)).toEqual(['▼ below usual', 'good']);
    expect(standingWords('UNKNOWN', CLICK)).toEqual(['not enough data', 'plain']);
  });

  it('show their own rate where none is adjusted', () => {
    const [only] = ranked([group('Only', found(0.5, 40))], CLICK);
    expect(only && rangeText(only.found)).toBe('50.0\u00a0%, 40.0\u00a0%–60.0\u00a0%');
    expect(markOf(only ? [only] : [])).toBeNull();
    expect(only && intervals([only], CLICK)[0]?.counted).toBeNull();
  });

  it('are below all others where they are too small to tell, and nothing adjusts them', () => {
    const few = [group('Few', found(1, 3)), group('Many', found(0.1, 100)), group('None', found(0, 0))];
    expect(ranked(few, CLICK).map(({ name }) => name)).toEqual(['Many', 'Few', 'None']);
    expect(ranked(few, UNSUBSCRIBE).map(({ name }) => name)).toEqual(['Many', 'Few', 'None']);
    expect(summaryOf(ranked(few.slice(0, 1), CLICK), CLICK)).toBe('Click rate: no group has enough data');
  });

  it('are told in a sentence', () => {
    expect(markOf(rows)).toEqual({ at: 0.2, label: 'usual 20.0\u00a0%' });
    expect(summaryOf(rows, CLICK)).toBe(
      'Click rate of 3 groups with 95 % intervals: best Large, 30.0\u00a0%, 25.0\u00a0%–35.0\u00a0%; ' +
        'usual is 20.0\u00a0%; 1 surely differs from it.',
    );
    expect(summaryOf([], CLICK)).toBe('No group has a click rate');
  });
});

describe('names of groups', () => {
  const compared = group('', found(0, 0)).compared;

  it('say where there is none', () => {
    expect(
      segmentGroups([{ __typename: 'SegmentPerformance', segment: null, campaigns: 1, compared }])[0]?.name,
    ).toBe('No segment given');
    expect(
      portfolioGroups([{ __typename: 'Portfolio', csm: null, customers: null, campaigns: 1, compared }])[0],
    ).toMatchObject({
      key: '',
      name: 'No CSM',
      customers: null,
    });
  });
});

describe('the week of send times', () => {
  const hour = (weekday: number, at: number, of: Comparison) => ({
    __typename: 'SendTimePerformance' as const,
    weekday,
    hour: at,
    campaigns: 1,
    compared: group('', of).compared,
  });

  it('leaves blank when nothing went out, and says what is too little to tell', () => {
    const groups = hourGroups([
      hour(1, 0, found(0.1, 100)),
      hour(7, 23, found(0.4, 100, KNOWN)),
      hour(3, 9, found(1, 3)),
    ]);
    const week = weekOf(ranked(groups, CLICK));
    expect(groups[1]?.name).toBe('Sunday 23–24 h');
    expect(week).toMatchObject({ least: 0.1, most: 0.3, thin: 1 });
    expect(week?.values).toHaveLength(168);
    expect([week?.values[0], week?.values[1], week?.values[167], week?.values[57]]).toEqual([
      0.1,
      null,
      0.3,
      null,
    ]);
  });

  it('is none where no hour has enough data', () => {
    expect(weekOf(ranked(hourGroups([hour(1, 0, found(0.5, 4))]), CLICK))).toBeNull();
  });
});

describe('what recommendations change', () => {
  it('is a difference with its sign and interval', () => {
    expect(differenceText({ difference: 0.032, low: -0.01, high: 0.074 })).toBe(
      '+3.2 points (−1.0 to +7.4 points)',
    );
    expect(differenceText({ difference: 0, low: -0.0001, high: 0.02 })).toBe(
      '0.0 points (0.0 to +2.0 points)',
    );
    expect(differenceText({ difference: null, low: null, high: null })).toBe('not known');
  });

  it('says how many more customers it would take', () => {
    const [word, meaning] = verdictWords({ verdict: 'UNDERPOWERED', customersNeeded: 1204 });
    expect(word).toBe('Not enough data');
    expect(meaning).toBe(
      'Too few customers to tell. 1,204 more customers would find a difference of 5 points in four of five cases.',
    );
  });

  it('is no lift without a holdout', () => {
    expect(verdictWords({ verdict: 'NO_HOLDOUT', customersNeeded: null })[0]).toBe('No holdout');
    expect(verdictWords({ verdict: 'HARMS', customersNeeded: 0 })[2]).toBe('bad');
  });
});
