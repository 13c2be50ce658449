import { useMemo } from 'react';
import type { CustomerScoreFragment } from '../../gql/graphql';
import { Chart, Table, dateIn, useZone } from '../../parts';
import { courseOf, courseOption, courseText, weeksOf } from './course';

/** How a score came about over ninety days. */
export function ScoreCourse({ score }: { readonly score: CustomerScoreFragment }) {
  const zone = useZone();
  const { daily } = score;
  const points = useMemo(() => courseOf(daily, new Date()), [daily]);
  const option = useMemo(() => courseOption(points, zone), [points, zone]);
  if (daily.length === 0) return null;
  return (
    <Chart
      summary={courseText(points, zone)}
      option={option}
      height="8rem"
      table={
        <Table
          label="The score week by week"
          rows={weeksOf(points)}
          keyOf={({ at }) => at.toISOString()}
          columns={[
            { name: 'Day', width: '8rem', cell: ({ at }) => dateIn(at, zone) },
            { name: 'Score', width: '5rem', isNumber: true, cell: ({ value }) => value?.toFixed(1) ?? '–' },
          ]}
        />
      }
    />
  );
}
