import type { PerformanceLiftFragment, Standing } from '../../gql/graphql';
import { count, percentPoints, plural } from '../../parts/numbers';
import type { Tone } from '../../parts';

export type Metric = 'open' | 'click' | 'reply' | 'unsubscribe';

export interface MetricWords {
  readonly value: Metric;
  readonly label: string;
  /** Who is counted, of those who were delivered to. */
  readonly means: string;
  /** Whether more of it is better. */
  readonly isUpGood: boolean;
}

export const METRICS: readonly MetricWords[] = [
  { value: 'click', label: 'Click rate', means: 'people who followed a link', isUpGood: true },
  { value: 'open', label: 'Open rate', means: 'people who opened', isUpGood: true },
  { value: 'reply', label: 'Reply rate', means: 'people who replied', isUpGood: true },
  { value: 'unsubscribe', label: 'Unsubscribe rate', means: 'people who unsubscribed', isUpGood: false },
];

export function metricWords(metric: Metric): MetricWords {
  const found = METRICS.find(({ value }) => value === metric);
  if (!found) throw new Error(`no rate is called ${metric}`);
  return found;
}

const STANDINGS: Readonly<Record<Standing, string>> = {
  ABOVE: '▲ above usual',
  BELOW: '▼ below usual',
  LIKE_OTHERS: '● like the others',
  UNKNOWN: 'not enough data',
};

/** Where a group stands, and whether that is good. */
export function standingWords(standing: Standing, { isUpGood }: MetricWords): readonly [string, Tone] {
  const words = STANDINGS[standing];
  if (standing === 'ABOVE') return [words, isUpGood ? 'good' : 'bad'];
  if (standing === 'BELOW') return [words, isUpGood ? 'bad' : 'good'];
  return [words, 'plain'];
}

/** “+3.2 points”: a difference of shares with its sign. */
export function pointsText(difference: number): string {
  const shown = percentPoints(Math.abs(difference));
  const sign = Number(shown) === 0 ? '' : difference > 0 ? '+' : '−';
  return `${sign}${shown} points`;
}

/** “+3.2 points (−1.0 to +7.4 points)”. */
export function differenceText({ difference, low, high }: Difference): string {
  if (difference == null || low == null || high == null) return 'not known';
  return `${pointsText(difference)} (${pointsText(low).replace(' points', '')} to ${pointsText(high)})`;
}

type Difference = Pick<PerformanceLiftFragment, 'difference' | 'low' | 'high'>;

type Verdict = Pick<PerformanceLiftFragment, 'verdict' | 'customersNeeded'>;

/** What a comparison of replies with those held out says: in short, how it is meant, and its tone. */
export function verdictWords({ verdict, customersNeeded }: Verdict): readonly [string, string, Tone] {
  const needed = customersNeeded ?? 0;
  switch (verdict) {
    case 'NO_HOLDOUT':
      return [
        'No holdout',
        'Nobody was held out, so that there is nothing to compare with: what is seen here goes along with ' +
          'recommendations and need not come of them.',
        'warn',
      ];
    case 'UNDERPOWERED':
      return [
        'Not enough data',
        `Too few customers to tell. ${count(needed)} more ${plural(needed, 'customer')} would find a ` +
          'difference of 5 points in four of five cases.',
        'warn',
      ];
    case 'HELPS':
      return ['Helps', 'Customers with recommendations replied more often, beyond chance.', 'good'];
    case 'HARMS':
      return ['Harms', 'Customers with recommendations replied less often, beyond chance.', 'bad'];
    case 'NO_RELEVANT_LIFT':
      return [
        'No difference',
        'None beyond chance, although there were enough customers to find one of 5 points.',
        'plain',
      ];
  }
}
