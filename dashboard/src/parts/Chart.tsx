import { lazy, Suspense, type ReactNode } from 'react';
import type { EChartsCoreOption } from 'echarts/core';
import { Skeleton } from './states';
import styles from './Chart.module.css';

const Drawing = lazy(() => import('./Drawing'));

export type ChartOption = EChartsCoreOption;

interface ChartProps {
  /** What the chart shows, in one sentence with its main figure: what a screen reader tells. */
  readonly summary: string;
  /** ECharts' own option; colours, fonts and the tooltip's way of drawing are set for it. */
  readonly option: ChartOption;
  readonly height?: string;
  /** The same figures as a table, one press away; give it wherever a chart has more than its summary says. */
  readonly table?: ReactNode;
}

/** A chart of ECharts, which is loaded when the first one is shown. It has its room before, so nothing jumps. */
export function Chart({ summary, option, height = '16rem', table }: ChartProps) {
  return (
    <figure className={styles.figure}>
      <div style={{ blockSize: height }} role="img" aria-label={summary}>
        <Suspense fallback={<Skeleton lines={1} height={height} />}>
          <Drawing option={option} />
        </Suspense>
      </div>
      {table !== undefined && (
        <details className={styles.table}>
          <summary>The same as a table</summary>
          <div className={styles.scroll}>{table}</div>
        </details>
      )}
    </figure>
  );
}
