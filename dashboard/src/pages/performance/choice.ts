/** What the page is about: a period, campaigns, and a rate; all of it is in the address. */
import type { CampaignFilter, CampaignType } from '../../gql/graphql';
import { TYPES } from '../campaign/words';
import { dayIn, daysBefore, isDay, startOf } from './days';
import { METRICS, type Metric } from './words';

export type Period = '30' | '90' | '365' | 'all' | 'own';

export interface Choice {
  readonly period: Period;
  /** First and last day of `own`, both within; empty without a limit. */
  readonly from: string;
  readonly to: string;
  readonly type: CampaignType | null;
  readonly search: string;
  readonly metric: Metric;
}

/** Instants; null without a limit. */
export interface Bounds {
  readonly since: string | null;
  readonly until: string | null;
}

export const PERIODS: readonly { readonly value: Period; readonly label: string }[] = [
  { value: '30', label: 'Last 30 days' },
  { value: '90', label: 'Last 90 days' },
  { value: '365', label: 'Last 12 months' },
  { value: 'all', label: 'All time' },
  { value: 'own', label: 'From day to day' },
];

/** Figures follow what happens: they are read again at most so often, since they are of all campaigns chosen. */
export const EVERY_MS = 30_000;

const USUAL: Period = '90';
const MOST_SEARCH = 200;

/** Before anything can have happened: outcomes want a beginning. */
const EVER = '2000-01-01T00:00:00.000Z';

/** What an address chooses; whatever it does not know is as usual. */
export function choiceOf(params: URLSearchParams): Choice {
  const day = (name: string): string => {
    const text = params.get(name) ?? '';
    return isDay(text) ? text : '';
  };
  const type = params.get('type') ?? '';
  return {
    period: PERIODS.find(({ value }) => value === params.get('period'))?.value ?? USUAL,
    from: day('from'),
    to: day('to'),
    type: Object.hasOwn(TYPES, type) ? (type as CampaignType) : null,
    search: (params.get('search') ?? '').slice(0, MOST_SEARCH),
    metric: METRICS.find(({ value }) => value === params.get('rate'))?.value ?? 'click',
  };
}

/** The address of a choice; what is usual is left out. */
export function paramsOf(choice: Choice): URLSearchParams {
  const isOwn = choice.period === 'own';
  const all: readonly (readonly [string, string])[] = [
    ['period', choice.period === USUAL ? '' : choice.period],
    ['from', isOwn ? choice.from : ''],
    ['to', isOwn ? choice.to : ''],
    ['type', choice.type ?? ''],
    ['search', choice.search],
    ['rate', choice.metric === 'click' ? '' : choice.metric],
  ];
  return new URLSearchParams(all.filter(([, value]) => value !== '').map(([name, value]) => [name, value]));
}

/** Another period; days of one's own begin with those that were shown. */
export function withPeriod(choice: Choice, period: Period, zone: string, now: Date): Choice {
  if (period !== 'own' || choice.period === 'own') return { ...choice, period };
  const to = dayIn(now, zone);
  const days = Number(choice.period);
  return { ...choice, period, from: Number.isNaN(days) ? '' : daysBefore(to, days), to };
}

/** When the period begins and ends, by whole days of the viewer's zone; null where the last day is before the first. */
export function boundsOf({ period, from, to }: Choice, zone: string, now: Date): Bounds | null {
  if (period === 'all') return { since: null, until: null };
  if (period !== 'own')
    return { since: startOf(daysBefore(dayIn(now, zone), Number(period)), zone), until: null };
  if (from && to && to < from) return null;
  return {
    since: from ? startOf(from, zone) : null,
    until: to ? startOf(daysBefore(to, -1), zone) : null,
  };
}

/** The campaigns chosen, as the service takes them. */
export function filterOf({ type, search }: Choice, { since, until }: Bounds): CampaignFilter {
  const text = search.trim();
  return {
    ...(since === null ? {} : { sentSince: since }),
    ...(until === null ? {} : { sentUntil: until }),
    ...(type === null ? {} : { type }),
    ...(text ? { search: text } : {}),
  };
}

/** The period as outcomes take it. */
export function outcomesPeriod({ since, until }: Bounds): { since: string; until: string | null } {
  return { since: since ?? EVER, until };
}

/** Where the service has a table of these campaigns as CSV. */
export function csvPath(by: string, filter: CampaignFilter, zone?: string): string {
  return path(`/api/performance/${by}.csv`, { ...filter, timezone: zone });
}

/** Where it has what outcomes are made of. */
export function casesPath(asked: Readonly<Record<string, string | boolean | null>>): string {
  return path('/api/outcomes/cases.csv', asked);
}

function path(door: string, asked: object): string {
  const given = Object.entries(asked as Record<string, unknown>).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value as string | boolean)]],
  );
  const query = new URLSearchParams(given).toString();
  return query ? `${door}?${query}` : door;
}
