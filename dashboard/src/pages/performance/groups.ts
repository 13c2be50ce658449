/** Groups of recipients side by side: as rows, as dots with intervals, in a sentence. */
import type { CampaignType, PerformanceGroupsQuery, PerformanceSendTimesQuery } from '../../gql/graphql';
import { count, percent } from '../../parts/numbers';
import { WEEKDAYS } from '../../parts/times';
import type { Interval, Mark } from '../../parts';
import { TYPES } from '../campaign/words';
import { standingWords, type Metric, type MetricWords } from './words';

type Performance = PerformanceGroupsQuery['performance'];
type SendTime = PerformanceSendTimesQuery['performance']['sendTimes'][number];
type Compared = Performance['segments'][number]['compared'];
export type Comparison = Compared[Metric];

export interface Group {
  readonly key: string;
  readonly name: string;
  readonly campaigns: number;
  readonly compared: Compared;
  /** Of a portfolio; null where it is no CSM's. */
  readonly customers?: number | null;
  /** Of types. */
  readonly type?: CampaignType;
}

export interface Row extends Group {
  readonly found: Comparison;
}

export function segmentGroups(segments: Performance['segments']): readonly Group[] {
  return segments.map(({ segment, ...of }) => ({
    ...of,
    key: segment ?? '',
    name: segment ?? 'No segment given',
  }));
}

export function typeGroups(types: Performance['types']): readonly Group[] {
  return types.map(({ type, ...of }) => ({
    ...of,
    key: type ?? '',
    name: type == null ? 'Type unknown' : TYPES[type],
    ...(type == null ? {} : { type }),
  }));
}

export function topicGroups(topics: Performance['topics']): readonly Group[] {
  return topics.map(({ topic, ...of }) => ({ ...of, key: topic.name, name: topic.name }));
}

export function portfolioGroups(portfolios: Performance['portfolios']): readonly Group[] {
  return portfolios.map(({ csm, customers, ...of }) => ({
    ...of,
    key: csm?.id ?? '',
    name: csm ? csm.name : 'No CSM',
    customers: customers ?? null,
  }));
}

export function hourGroups(sendTimes: readonly SendTime[]): readonly Group[] {
  return sendTimes.map(({ weekday, hour, ...of }) => ({
    ...of,
    key: String(24 * (weekday - 1) + hour),
    name: `${WEEKDAYS[weekday - 1] ?? ''} ${hour}–${hour + 1} h`,
  }));
}

/** What is shown of a group: the adjusted rate, its own where there is none. */
export function plausible({ adjusted, low, high, rate }: Comparison): {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
} {
  const of =
    adjusted == null ? { value: rate.value, low: rate.low, high: rate.high } : { value: adjusted, low, high };
  return { value: of.value ?? null, low: of.low ?? null, high: of.high ?? null };
}

/** By a rate, the best first; then those too small to tell, then those of whom nothing is known. */
export function ranked(groups: readonly Group[], { value: metric, isUpGood }: MetricWords): readonly Row[] {
  const sign = isUpGood ? -1 : 1;
  const rows = groups.map((group) => ({ ...group, found: group.compared[metric] }));
  return rows.sort(
    (one, other) =>
      doubt(one) - doubt(other) ||
      sign * ((plausible(one.found).value ?? 0) - (plausible(other.found).value ?? 0)) ||
      one.name.localeCompare(other.name, 'en'),
  );
}

/** 0 where a rate can be told: an adjusted one always, since it allows for size; 1 where it is mostly chance; 2 without. */
function doubt({ found }: Row): number {
  if (plausible(found).value === null) return 2;
  return found.adjusted != null || found.rate.enoughData ? 0 : 1;
}

const SIDES = { ABOVE: 'above', BELOW: 'below', LIKE_OTHERS: 'like', UNKNOWN: 'unknown' } as const;

const TONES = { good: 'good', bad: 'bad' } as const;

/** Rows as dots with intervals. */
export function intervals(rows: readonly Row[], words: MetricWords): readonly Interval[] {
  return rows.map(({ name, found, campaigns }) => {
    const [standing, tone] = standingWords(found.standing, words);
    const side = SIDES[found.standing];
    return {
      name,
      ...plausible(found),
      counted: found.adjusted == null ? null : (found.rate.value ?? null),
      side,
      tone: tone === 'good' || tone === 'bad' ? TONES[tone] : side === 'unknown' ? 'faint' : 'plain',
      text: [
        name,
        `${count(found.rate.numerator)} of ${count(found.rate.denominator)} delivered, in ${count(campaigns)} ` +
          (campaigns === 1 ? 'campaign' : 'campaigns'),
        ...(found.adjusted == null ? [] : [`adjusted for size: ${rangeText(found)}`]),
        standing,
      ].join('\n'),
    };
  });
}

/** “6.4 %, 6.1 %–6.7 %”: what is most plausible with its interval. */
export function rangeText(found: Comparison): string {
  const { value, low, high } = plausible(found);
  if (value === null) return 'not known';
  return low === null || high === null
    ? percent(value)
    : `${percent(value)}, ${percent(low)}–${percent(high)}`;
}

/** What groups have on average; null where too few have enough data. */
export function usualOf(rows: readonly Row[]): number | null {
  return rows.find(({ found }) => found.usual != null)?.found.usual ?? null;
}

/** The line of what is usual. */
export function markOf(rows: readonly Row[]): Mark | null {
  const usual = usualOf(rows);
  return usual === null ? null : { at: usual, label: `usual ${percent(usual)}` };
}

/** What a plot of groups shows, in a sentence. */
export function summaryOf(rows: readonly Row[], words: MetricWords): string {
  const [best] = rows;
  if (!best) return `No group has a ${words.label.toLowerCase()}`;
  if (doubt(best) > 0) return `${words.label}: no group has enough data`;
  const usual = usualOf(rows);
  const compared = usual === null ? 'too few to compare' : `usual is ${percent(usual)}`;
  const sure = rows.filter(({ found }) => found.standing === 'ABOVE' || found.standing === 'BELOW').length;
  return (
    `${words.label} of ${count(rows.length)} ${rows.length === 1 ? 'group' : 'groups'} with 95 % intervals: best ` +
    `${best.name}, ${rangeText(best.found)}; ${compared}; ${count(sure)} surely ` +
    `${sure === 1 ? 'differs' : 'differ'} from it.`
  );
}

export interface Week {
  /** 168 adjusted rates from Monday 0:00; null where nothing went out, or too little to tell. */
  readonly values: readonly (number | null)[];
  readonly least: number;
  readonly most: number;
  /** Hours that are left out since too few were delivered to. */
  readonly thin: number;
}

/** Hours of sending on the map of a week; null where none has enough data. */
export function weekOf(rows: readonly Row[]): Week | null {
  const values = new Array<number | null>(168).fill(null);
  const known = rows.filter(({ found }) => found.rate.enoughData);
  for (const { key, found } of known) values[Number(key)] = plausible(found).value;
  const rates = values.filter((value) => value !== null);
  if (rates.length === 0) return null;
  return {
    values,
    least: Math.min(...rates),
    most: Math.max(...rates),
    thin: rows.length - known.length,
  };
}
