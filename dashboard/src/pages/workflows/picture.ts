import type { WorkflowsFiringFragment, WorkflowsPreviewQuery } from '../../gql/graphql';
import type { ChartOption } from '../../parts/Chart';
import { plural } from '../../parts/numbers';
import { dateIn, momentIn } from '../../parts/times';
import { reasonText } from './sentences';

type Preview = WorkflowsPreviewQuery['workflowPreview'];

export interface Day {
  /** A date in UTC, e.g. `2026-11-22`. */
  readonly day: string;
  readonly times: number;
}

const DAY_MS = 86_400_000;

/** Every day of the period, also those on which nothing would have been done. */
export function daysOf({ since, days }: Pick<Preview, 'since' | 'days'>, now: Date): readonly Day[] {
  const times = new Map(days.map((one) => [one.day.slice(0, 10), one.times]));
  const first = Math.floor(Date.parse(since) / DAY_MS);
  const last = Math.floor(now.getTime() / DAY_MS);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const day = new Date((first + index) * DAY_MS).toISOString().slice(0, 10);
    return { day, times: times.get(day) ?? 0 };
  });
}

export interface Lane {
  readonly name: string;
  readonly firings: readonly WorkflowsFiringFragment[];
}

/**
 * Who it would have fired for, whoever it was last first. Of more than there is room for, some from everywhere in the
 * list: the latest alone would often be those of one morning.
 */
export function lanesOf(firings: readonly WorkflowsFiringFragment[], most: number): readonly Lane[] {
  const found = new Map<string, Lane>();
  for (const firing of firings) {
    const who = firing.stakeholder;
    if (!who) continue;
    const before = found.get(who.id);
    found.set(who.id, {
      name: who.name ?? 'Somebody without a name',
      firings: [...(before?.firings ?? []), firing],
    });
  }
  const all = [...found.values()];
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, lane) => all[Math.floor((lane * all.length) / most)]).flatMap(
    (lane) => lane ?? [],
  );
}

/** What came to be in one sentence, with the days on which most of it was. */
export function summaryOf({ times, people, customers }: Preview, days: readonly Day[]): string {
  const most = days.reduce<Day>((best, day) => (day.times > best.times ? day : best), {
    day: '',
    times: 0,
  });
  const counted = `It would have fired ${times} ${plural(times, 'time')} in ${days.length} days, for ${people} ${plural(people, 'person', 'people')} at ${customers} ${plural(customers, 'customer')}`;
  return times === 0 ? counted : `${counted}; most, ${most.times}, on ${dateIn(new Date(most.day), 'UTC')}.`;
}

const NAME_PX = 120;
const BARS_PX = 110;
const LANE_PX = 22;
const GAP_PX = 34;

/** How tall the picture is, pixels. */
export function heightOf(lanes: readonly Lane[]): number {
  return GAP_PX + BARS_PX + GAP_PX + lanes.length * LANE_PX + GAP_PX;
}

/** How often on each day, and below, on the same line of time, for whom. */
export function pictureOf(
  days: readonly Day[],
  lanes: readonly Lane[],
  { since, now, zone }: { readonly since: Date; readonly now: Date; readonly zone: string },
): ChartOption {
  const time = { type: 'time', min: since.getTime(), max: now.getTime() } as const;
  const sides = { left: NAME_PX, right: 16 };
  return {
    grid: [
      { ...sides, top: GAP_PX, height: BARS_PX },
      { ...sides, top: GAP_PX + BARS_PX + GAP_PX, height: lanes.length * LANE_PX },
    ],
    tooltip: { trigger: 'item' },
    xAxis: [
      { ...time, gridIndex: 0, axisLabel: { hideOverlap: true }, splitLine: { show: false } },
      { ...time, gridIndex: 1, axisLabel: { show: false }, axisTick: { show: false } },
    ],
    yAxis: [
      { gridIndex: 0, type: 'value', minInterval: 1, name: 'times a day' },
      {
        gridIndex: 1,
        type: 'category',
        inverse: true,
        data: lanes.map(({ name }) => name),
        axisLabel: { width: NAME_PX - 12, overflow: 'truncate', interval: 0 },
        splitLine: { show: true },
        axisTick: { show: false },
      },
    ],
    series: [
      {
        type: 'bar',
        barMaxWidth: 14,
        data: days.map(({ day, times }) => [Date.parse(day) + DAY_MS / 2, times]),
        tooltip: {
          formatter: (hit: { readonly dataIndex: number }) => dayText(days[hit.dataIndex]),
        },
      },
      {
        type: 'scatter',
        xAxisIndex: 1,
        yAxisIndex: 1,
        symbolSize: 11,
        data: lanes.flatMap(({ firings }, lane) => firings.map(({ at }) => [Date.parse(at), lane])),
        tooltip: {
          formatter: (hit: { readonly dataIndex: number }) =>
            firingText(lanes.flatMap(({ firings }) => firings)[hit.dataIndex], zone),
        },
      },
    ],
  };
}

function dayText(day: Day | undefined): string {
  return day ? `${dateIn(new Date(day.day), 'UTC')}\n${day.times} ${plural(day.times, 'time')}` : '';
}

function firingText(firing: WorkflowsFiringFragment | undefined, zone: string): string {
  if (!firing) return '';
  const who = [firing.stakeholder?.name, firing.customer?.name].filter(Boolean).join(', ');
  return [who, momentIn(new Date(firing.at), zone), ...firing.reasons.map(reasonText)].join('\n');
}
