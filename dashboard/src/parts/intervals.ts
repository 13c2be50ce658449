/** Dot and whisker: what is most plausible, and how sure that is. */
import type { ChartOption } from './Chart';

export interface Interval {
  readonly name: string;
  /** The dot; null where nothing is known. */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** A hollow dot beside it: what was counted, where `value` was adjusted. */
  readonly counted?: number | null;
  /** Where it stands against the mark; it is told by the dot's shape as well. */
  readonly side: 'above' | 'below' | 'like' | 'unknown';
  /** Whether that is good, bad or neither; it decides the colour. */
  readonly tone: 'good' | 'bad' | 'plain' | 'faint';
  /** All of it in words, in lines. */
  readonly text: string;
}

export interface Mark {
  readonly at: number;
  readonly label: string;
}

export interface Drawn {
  readonly rows: readonly Interval[];
  /** A line across all rows: what is usual, or no difference. */
  readonly mark: Mark | null;
  /** A figure with its unit. */
  readonly text: (value: number) => string;
}

type Colour = (token: string) => string;

const TONES: Readonly<Record<Interval['tone'], string>> = {
  good: '--good',
  bad: '--bad',
  plain: '--series-1',
  faint: '--line-strong',
};

const SHAPES: Readonly<Record<Interval['side'], Readonly<Record<string, string | number>>>> = {
  above: { symbol: 'triangle', symbolSize: 12 },
  below: { symbol: 'triangle', symbolSize: 12, symbolRotate: 180 },
  like: { symbol: 'circle', symbolSize: 10 },
  unknown: { symbol: 'circle', symbolSize: 7 },
};

interface Api {
  readonly value: (dimension: number) => number;
  readonly coord: (point: readonly [number, number]) => readonly [number, number];
  readonly visual: (name: 'color') => string;
}

const CAP_PX = 5;

/** A share’s digits behind the point: a line is drawn where it belongs to a thousandth of a percent. */
const MARK_DECIMALS = 5;

/** A line from low to high with a cap at either end. */
export function whisker(api: Api): object {
  const row = api.value(2);
  const [from, y] = api.coord([api.value(0), row]);
  const [to] = api.coord([api.value(1), row]);
  const style = { stroke: api.visual('color'), lineWidth: 2 };
  const line = (x1: number, y1: number, x2: number, y2: number): object => ({
    type: 'line',
    shape: { x1, y1, x2, y2 },
    style,
  });
  return {
    type: 'group',
    children: [
      line(from, y, to, y),
      line(from, y - CAP_PX, from, y + CAP_PX),
      line(to, y - CAP_PX, to, y + CAP_PX),
    ],
  };
}

/** ECharts' option: names at the left, figures at the right, the first row on top. */
export function intervalOption({ rows, mark, text }: Drawn, colour: Colour): ChartOption {
  const told = (index: number): string => rows[index]?.text ?? '';
  const quiet = { axisTick: { show: false }, axisLine: { show: false }, splitLine: { show: false } };
  return {
    grid: { left: 4, right: 4, top: mark ? 26 : 8, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'item',
      confine: true,
      formatter: ({ value }: { value: readonly number[] }) => told(value[value.length - 1] ?? 0),
    },
    xAxis: {
      type: 'value',
      scale: true,
      splitNumber: 4,
      axisLabel: { formatter: text, hideOverlap: true },
    },
    yAxis: [
      {
        type: 'category',
        inverse: true,
        data: rows.map(({ name }) => name),
        axisLabel: { width: 110, overflow: 'truncate', color: colour('--ink') },
        ...quiet,
      },
      {
        type: 'category',
        inverse: true,
        position: 'right',
        data: rows.map(({ value }) => (value === null ? '–' : text(value))),
        axisLabel: { color: colour('--ink') },
        ...quiet,
      },
    ],
    series: [
      // The mark is always in sight, however far it is from all rows.
      { type: 'scatter', silent: true, symbolSize: 0, data: mark ? [[mark.at, 0]] : [] },
      {
        type: 'custom',
        renderItem: (_: unknown, api: Api) => whisker(api),
        encode: { x: [0, 1], y: 2 },
        clip: true,
        data: rows.flatMap(({ low, high, tone }, index) =>
          low === null || high === null
            ? []
            : [{ value: [low, high, index], itemStyle: { color: colour(TONES[tone]) } }],
        ),
      },
      {
        type: 'scatter',
        symbolSize: 8,
        itemStyle: { color: colour('--surface'), borderColor: colour('--ink-soft'), borderWidth: 1.5 },
        data: rows.flatMap(({ counted }, index) => (counted == null ? [] : [[counted, index]])),
      },
      {
        type: 'scatter',
        data: rows.flatMap(({ value, side, tone }, index) =>
          value === null
            ? []
            : [{ value: [value, index], ...SHAPES[side], itemStyle: { color: colour(TONES[tone]) } }],
        ),
        markLine: mark
          ? {
              silent: true,
              symbol: 'none',
              animation: false,
              // Otherwise it is drawn at a whole percent.
              precision: MARK_DECIMALS,
              lineStyle: { type: 'dashed', color: colour('--line-strong') },
              label: { formatter: mark.label, color: colour('--ink-soft'), position: 'start' },
              data: [{ xAxis: mark.at }],
            }
          : undefined,
      },
    ],
  };
}
