import { useMemo, type ReactNode } from 'react';
import { useTheme } from '../app/theme';
import { Chart } from './Chart';
import { intervalOption, type Drawn } from './intervals';

interface IntervalPlotProps extends Drawn {
  /** What the plot shows with its main figure, for screen readers. */
  readonly summary: string;
  /** The same figures as a table, where the page has none beside it. */
  readonly table?: ReactNode;
}

const ROW_REM = 1.9;
const AXES_REM = 4;

/** Groups side by side, each a dot with its interval: ▲ surely above the mark, ▼ surely below, ● like it. */
export function IntervalPlot({ rows, mark, text, summary, table }: IntervalPlotProps) {
  const theme = useTheme();
  const option = useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    return intervalOption({ rows, mark, text }, (token) => style.getPropertyValue(token).trim());
  }, [rows, mark, text, theme]); // eslint-disable-line react-hooks/exhaustive-deps -- colours follow the theme
  const height = `${(rows.length * ROW_REM + AXES_REM).toFixed(1)}rem`;
  return (
    <Chart summary={summary} option={option} height={height} {...(table === undefined ? {} : { table })} />
  );
}
