import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import { init, use as register, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useTheme } from '../app/theme';
import type { ChartOption } from './Chart';
import styles from './Chart.module.css';

register([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  CustomChart,
  DatasetComponent,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  TooltipComponent,
  VisualMapComponent,
]);

/** The drawing itself; only `Chart` uses it. */
export default function Drawing({ option }: { readonly option: ChartOption }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const theme = useTheme();
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const made = init(element, null, { renderer: 'canvas' });
    chart.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(dressed(option), { notMerge: true });
  }, [option, theme]);
  return <div ref={place} className={styles.drawing} />;
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The option in our colours and type. Tooltips are drawn on the canvas: as HTML they would need inline styles. */
function dressed(option: ChartOption): ChartOption {
  const ink = token('--ink');
  const soft = token('--ink-soft');
  const line = token('--line');
  const axis = {
    axisLine: { lineStyle: { color: line } },
    axisTick: { lineStyle: { color: line } },
    axisLabel: { color: soft },
    nameTextStyle: { color: soft },
    splitLine: { lineStyle: { color: line } },
  };
  const given = option as Record<string, unknown>;
  return {
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 250,
    color: [1, 2, 3, 4, 5].map((number) => token(`--series-${number}`)),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
    grid: { left: 8, right: 12, top: 24, bottom: 8, containLabel: true },
    ...given,
    ...(given.legend ? { legend: merged({ textStyle: { color: soft } }, given.legend) } : {}),
    ...(given.xAxis ? { xAxis: merged(axis, given.xAxis) } : {}),
    ...(given.yAxis ? { yAxis: merged(axis, given.yAxis) } : {}),
    ...(given.visualMap ? { visualMap: merged({ textStyle: { color: soft } }, given.visualMap) } : {}),
    tooltip: merged(
      { backgroundColor: token('--raised'), borderColor: line, textStyle: { color: ink } },
      { ...(given.tooltip as object | undefined), renderMode: 'richText' },
    ),
  };
}

/** `given` (or each of a list) over `base`, two levels deep. */
function merged(base: Record<string, object | string>, given: unknown): unknown {
  if (Array.isArray(given)) return given.map((one: unknown) => merged(base, one));
  const over = given as Record<string, unknown>;
  const result: Record<string, unknown> = { ...base, ...over };
  for (const [name, value] of Object.entries(base)) {
    if (typeof value === 'object' && typeof over[name] === 'object')
      result[name] = { ...value, ...over[name] };
  }
  return result;
}
