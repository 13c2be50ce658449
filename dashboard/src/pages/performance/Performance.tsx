import { useMemo } from 'react';
import { useSeesAll, useViewer } from '../../app/viewer';
import { useRead } from '../../client';
import { useHappened } from '../../engagement/useHappened';
import {
  PerformanceGroupsDocument,
  type CampaignFilter,
  type PerformanceGroupsQuery,
} from '../../gql/graphql';
import { Empty, NoAccess, Page, Panel, Shown, Skeleton } from '../../parts';
import { csvPath, EVERY_MS, filterOf, type Bounds } from './choice';
import { Controls } from './Controls';
import { GroupPanel } from './GroupPanel';
import { portfolioGroups, segmentGroups, topicGroups, typeGroups } from './groups';
import { Outcomes } from './Outcomes';
import { SendTimes } from './SendTimes';
import { Totals } from './Totals';
import { useChoice, type Chosen } from './useChoice';
import { metricWords, type MetricWords } from './words';

/** What campaigns did by what they have in common, portfolios side by side, and whether following up helps. */
export default function Performance() {
  const { role } = useViewer();
  const seesAll = useSeesAll();
  const chosen = useChoice();
  if (!seesAll && role !== 'CSM') {
    return (
      <Page title="Performance">
        <NoAccess>CSMs see their own portfolio, managers and admins all of them.</NoAccess>
      </Page>
    );
  }
  return (
    <Page
      title="Performance"
      lead={
        seesAll
          ? 'What works, with whom and when, and whether following up helps'
          : 'What works with your own customers, and when'
      }
    >
      <Controls {...chosen} />
      {chosen.bounds === null ? (
        <Panel title="No days to look at">
          <Empty title="The last day is before the first">Choose another first or last day above.</Empty>
        </Panel>
      ) : (
        <Chosen chosen={chosen} bounds={chosen.bounds} />
      )}
    </Page>
  );
}

function Chosen({ chosen, bounds }: { readonly chosen: Chosen; readonly bounds: Bounds }) {
  const { choice, zone } = chosen;
  const seesAll = useSeesAll();
  const filter = useMemo(() => filterOf(choice, bounds), [choice, bounds]);
  const words = metricWords(choice.metric);
  const read = useRead(PerformanceGroupsDocument, { filter }, { about: ['Campaign'] });
  useHappened(read.reload, EVERY_MS);
  return (
    <>
      <Shown read={read} skeleton={<Waiting />}>
        {({ performance }) => <Groups performance={performance} filter={filter} words={words} />}
      </Shown>
      <SendTimes filter={filter} zone={zone} words={words} />
      {seesAll ? (
        <Outcomes bounds={bounds} />
      ) : (
        <Panel title="Outcomes">
          <NoAccess>
            They compare customers of all portfolios. Managers and admins see them; ask one of them if you
            should.
          </NoAccess>
        </Panel>
      )}
    </>
  );
}

interface GroupsProps {
  readonly performance: PerformanceGroupsQuery['performance'];
  readonly filter: CampaignFilter;
  readonly words: MetricWords;
}

function Groups({ performance, filter, words }: GroupsProps) {
  const seesAll = useSeesAll();
  const segments = useMemo(() => segmentGroups(performance.segments), [performance]);
  const types = useMemo(() => typeGroups(performance.types), [performance]);
  const topics = useMemo(() => topicGroups(performance.topics), [performance]);
  const portfolios = useMemo(() => portfolioGroups(performance.portfolios), [performance]);
  if (performance.total.campaigns === 0) {
    return (
      <Panel title="All together">
        <Empty title="No such campaign was sent in this period">
          Choose a longer period, or other campaigns.
        </Empty>
      </Panel>
    );
  }
  return (
    <>
      <Totals total={performance.total} />
      <GroupPanel
        title="Segments"
        note="Of the customers reached"
        kind="Segment"
        groups={segments}
        words={words}
        csv={csvPath('segments', filter)}
        none="No customer was reached: segments are those of customers."
      />
      <GroupPanel
        title="Types"
        note="Of campaigns; a campaign’s own page says how its type was told"
        kind="Type"
        groups={types}
        words={words}
        csv={csvPath('types', filter)}
        none="No campaign was sent."
      />
      <GroupPanel
        title="Topics"
        note="As declared for campaigns; one may be about several"
        kind="Topic"
        groups={topics}
        words={words}
        csv={csvPath('topics', filter)}
        none="No topic was declared for these campaigns."
      />
      <GroupPanel
        title={seesAll ? 'CSMs' : 'Your portfolio'}
        note={
          seesAll
            ? 'By whose customers were reached, on the same campaigns; small portfolios are drawn towards what is usual'
            : 'Beside all portfolios together, where there are three at least'
        }
        kind="CSM"
        groups={portfolios}
        words={words}
        csv={csvPath('portfolios', filter)}
        none="No customer was reached."
      />
    </>
  );
}

function Waiting() {
  return (
    <>
      <Skeleton lines={1} height="9rem" />
      {['Segments', 'Types', 'Topics', 'CSMs'].map((name) => (
        <Skeleton key={name} lines={1} height="17rem" />
      ))}
    </>
  );
}
