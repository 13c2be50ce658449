import type { ChartOption } from '../../parts/Chart';
import { dateIn } from '../../parts/times';

const DAY_MS = 86_400_000;
const WEEK = 7;

/** The scores from which the next level begins. */
const LEVELS = [
  { from: 30, name: 'medium' },
  { from: 60, name: 'high' },
];

/** The score at a moment; null before enough mail was delivered. */
export interface CoursePoint {
  readonly at: Date;
  readonly value: number | null;
}

/** A score of each day, oldest first, the last of now, with the moments they are of. */
export function courseOf(daily: readonly (number | null)[], now: Date): CoursePoint[] {
  return daily.map((value, index) => ({
    at: new Date(now.getTime() - (daily.length - 1 - index) * DAY_MS),
    value,
  }));
}

/** Every seventh day, the newest first: what the table has. */
export function weeksOf(points: readonly CoursePoint[]): CoursePoint[] {
  return points.toReversed().filter(({ value }, index) => index % WEEK === 0 && value !== null);
}

/** “Score over 90 days: 12.0 at first, highest 45.3 (3 Oct), now 33.1 of 100 points.” */
export function courseText(points: readonly CoursePoint[], zone: string): string {
  const known = points.filter(isKnown);
  const [first] = known;
  const last = known.at(-1);
  if (!first || !last) return 'No score over these days.';
  const highest = known.reduce((best, point) => (point.value > best.value ? point : best));
  const since = known.length < points.length ? `on ${dateIn(first.at, zone, last.at)}` : 'at first';
  return (
    `Score over ${points.length - 1} days: ${first.value.toFixed(1)} ${since}, highest ` +
    `${highest.value.toFixed(1)} (${dateIn(highest.at, zone, last.at)}), ` +
    `now ${last.value.toFixed(1)} of 100 points.`
  );
}

function isKnown(point: CoursePoint): point is CoursePoint & { readonly value: number } {
  return point.value !== null;
}

/** ECharts' option: a line from 0 to 100, with the levels marked. */
export function courseOption(points: readonly CoursePoint[], zone: string): ChartOption {
  const now = points.at(-1)?.at;
  return {
    grid: { left: 4, right: 12, top: 10, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis',
      formatter: ([told]: { dataIndex: number }[]) => {
        const point = told && points[told.dataIndex];
        if (!point) return '';
        const value = point.value === null ? 'no score yet' : `${point.value.toFixed(1)} of 100 points`;
        return `${dateIn(point.at, zone, now)}: ${value}`;
      },
    },
    xAxis: {
      type: 'category',
      boundaryGap: false,
      data: points.map(({ at }) => dateIn(at, zone, now)),
      axisTick: { show: false },
      axisLabel: {
        interval: 29,
        showMinLabel: true,
        showMaxLabel: true,
        alignMinLabel: 'left',
        alignMaxLabel: 'right',
      },
    },
    yAxis: { type: 'value', min: 0, max: 100, interval: 50, splitLine: { show: false } },
    series: [
      {
        type: 'line',
        data: points.map(({ value }) => value),
        showSymbol: false,
        areaStyle: { opacity: 0.12 },
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { type: 'dotted', color: 'gray', opacity: 0.7 },
          label: { position: 'insideStartTop', formatter: '{b}', color: 'gray' },
          data: LEVELS.map(({ from, name }) => ({ yAxis: from, name })),
        },
      },
    ],
  };
}
