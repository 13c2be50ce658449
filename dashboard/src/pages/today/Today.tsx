import { useRead } from '../../client';
import { TodayDocument } from '../../gql/graphql';
import { count, Empty, Page, Panel, plural, Shown, Skeleton } from '../../parts';

/** Recommendations read at once. */
const PAGE_ROWS = 40;

/** What to do today. */
export default function Today() {
  const read = useRead(TodayDocument, { first: PAGE_ROWS }, { about: ['Recommendation'] });
  const total = read.data?.recommendations.totalCount;
  return (
    <Page
      title="Today"
      lead={
        total === undefined
          ? 'Who to talk to, and why'
          : `${count(total)} ${plural(total, 'recommendation')}, the most pressing first`
      }
    >
      <Panel title="To do">
        <Shown read={read} skeleton={<Skeleton lines={8} height="3.5rem" />}>
          {({ recommendations }) =>
            recommendations.nodes.length === 0 ? (
              <Empty title="Nothing calls for you">
                When somebody replies, clicks or goes quiet, it stands here.
              </Empty>
            ) : (
              <ol>
                {recommendations.nodes.map((row) => (
                  <li key={row.id}>{row.reason}</li>
                ))}
              </ol>
            )
          }
        </Shown>
      </Panel>
    </Page>
  );
}
