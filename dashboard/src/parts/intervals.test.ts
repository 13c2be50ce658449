import { describe, expect, it } from 'vitest';
import { intervalOption, whisker, type Interval } from './intervals';

const ROWS: readonly Interval[] = [
  { name: 'A', value: 0.3, low: 0.2, high: 0.4, counted: 0.5, side: 'above', tone: 'good', text: 'A: 30' },
  { name: 'B', value: null, low: null, high: null, side: 'unknown', tone: 'faint', text: 'B: nothing' },
];

const option = intervalOption(
  { rows: ROWS, mark: { at: 0.25, label: 'usual' }, text: String },
  (token) => token,
) as {
  series: readonly { data: readonly unknown[]; markLine?: { data: readonly unknown[]; precision: number } }[];
  yAxis: readonly { data: readonly string[] }[];
  tooltip: { formatter: (of: { value: readonly number[] }) => string };
};

describe('dot and whisker', () => {
  it('draws what is known and names what is not', () => {
    const [within, whiskers, counted, dots] = option.series;
    expect(within?.data).toEqual([[0.25, 0]]);
    expect(whiskers?.data).toEqual([{ value: [0.2, 0.4, 0], itemStyle: { color: '--good' } }]);
    expect(counted?.data).toEqual([[0.5, 0]]);
    expect(dots?.data).toEqual([
      { value: [0.3, 0], symbol: 'triangle', symbolSize: 12, itemStyle: { color: '--good' } },
    ]);
    expect(dots?.markLine?.data).toEqual([{ xAxis: 0.25 }]);
    expect(dots?.markLine?.precision).toBe(5);
    expect(option.yAxis.map(({ data }) => data)).toEqual([
      ['A', 'B'],
      ['0.3', '–'],
    ]);
  });

  it('tells a row in words wherever it is pointed at', () => {
    expect(option.tooltip.formatter({ value: [0.2, 0.4, 0] })).toBe('A: 30');
    expect(option.tooltip.formatter({ value: [0.5, 1] })).toBe('B: nothing');
  });

  it('is a line with a cap at either end', () => {
    const drawn = whisker({
      value: (dimension) => [0.2, 0.4, 3][dimension] ?? 0,
      coord: ([x, y]) => [x * 100, y * 10],
      visual: () => 'green',
    }) as { children: readonly { shape: object; style: object }[] };
    expect(drawn.children.map(({ shape }) => shape)).toEqual([
      { x1: 20, y1: 30, x2: 40, y2: 30 },
      { x1: 20, y1: 25, x2: 20, y2: 35 },
      { x1: 40, y1: 25, x2: 40, y2: 35 },
    ]);
  });
});
