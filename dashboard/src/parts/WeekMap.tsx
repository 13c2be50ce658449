import { useMemo } from 'react';
import { useTheme } from '../app/theme';
import { Chart, type ChartOption } from './Chart';
import { WEEKDAYS } from './times';

interface WeekMapProps {
  /** 168 figures from Monday 0:00 on; null where there is none, which is left blank. */
  readonly values: readonly (number | null)[];
  /** Colours begin here, at the map's least figure; absent: at 0, for figures that add up. */
  readonly least?: number;
  /** What the map shows with its main figure, for screen readers. */
  readonly summary: string;
  /** A figure with its unit, e.g. “2.3 × the average hour”. */
  readonly text: (value: number) => string;
  readonly height?: string;
  /** Without its own table, where the page has one beside it. */
  readonly isBare?: boolean;
}

const HOURS = 24;
const SHORT = WEEKDAYS.map((day) => day.slice(0, 3));

/** The hours of a week as a map, the stronger the more: Monday on top, midnight at the left. */
export function WeekMap({ values, least, summary, text, height = '15rem', isBare = false }: WeekMapProps) {
  const theme = useTheme();
  const option = useMemo(() => drawn(values, text, least), [values, text, least, theme]); // eslint-disable-line react-hooks/exhaustive-deps -- colours follow the theme
  const table = isBare ? {} : { table: <Table values={values} text={text} /> };
  return <Chart summary={summary} option={option} height={height} {...table} />;
}

function drawn(
  values: readonly (number | null)[],
  text: (value: number) => string,
  least: number | undefined,
): ChartOption {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    grid: { left: 4, right: 8, top: 4, bottom: 4, containLabel: true },
    tooltip: {
      formatter: ({ value }: { value: readonly [number, number, number] }) =>
        `${WEEKDAYS[value[1]] ?? ''} ${value[0]}–${value[0] + 1} h: ${text(value[2])}`,
    },
    xAxis: {
      type: 'category',
      data: Array.from({ length: HOURS }, (_, hour) => String(hour)),
      axisLabel: { interval: 2 },
      splitLine: { show: false },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: SHORT,
      splitLine: { show: false },
      axisTick: { show: false },
    },
    visualMap: {
      show: false,
      min: least ?? 0,
      max: Math.max(...values.map((value) => value ?? 0), (least ?? 0) + Number.EPSILON),
      inRange: { color: [colour(least === undefined ? '--sunken' : '--act-ground'), colour('--series-1')] },
    },
    series: [
      {
        type: 'heatmap',
        data: values.flatMap((value, index) =>
          value === null ? [] : [[index % HOURS, Math.floor(index / HOURS), value]],
        ),
        itemStyle: { borderColor: colour('--surface'), borderWidth: 1 },
      },
    ],
  };
}

/** Days as rows and hours as columns would be wider than any window: one row for each hour with something in it. */
function Table({
  values,
  text,
}: {
  readonly values: readonly (number | null)[];
  readonly text: (value: number) => string;
}) {
  const some = values.flatMap((value, index) => (value !== null && value > 0 ? [{ value, index }] : []));
  const best = [...some].sort((one, other) => other.value - one.value).slice(0, 24);
  return (
    <table>
      <caption className="visually-hidden">The strongest hours, the strongest first</caption>
      <thead>
        <tr>
          <th scope="col">Hour</th>
          <th scope="col">How much</th>
        </tr>
      </thead>
      <tbody>
        {best.map(({ value, index }) => (
          <tr key={index}>
            <th scope="row">
              {WEEKDAYS[Math.floor(index / HOURS)]} {index % HOURS}–{(index % HOURS) + 1} h
            </th>
            <td>{text(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
