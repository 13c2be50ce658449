import { useRead } from '../../client';
import { QualityCaptureDocument, type QualityProviderFragment } from '../../gql/graphql';
import { Chart, count, Empty, Panel, plural, Shown, Skeleton, Table, Tag, Time, useZone } from '../../parts';
import { duration } from '../../parts/times';
import { perDay, providerName, summed } from './providers';

/** Days that the chart and the sums look back. */
const DAYS = 14;

/** Who reports to us, and their last word. */
export function Providers() {
  const read = useRead(QualityCaptureDocument, {});
  return (
    <Panel title="Providers and their last word" note={`Events that each sent, of the last ${DAYS} days`}>
      <Shown read={read} skeleton={<Skeleton lines={5} height="2.5rem" />}>
        {({ capture: { providers } }) =>
          providers.length === 0 ? (
            <Empty title="No provider was heard of yet">
              Give a provider this service’s webhook address; its first report appears here.
            </Empty>
          ) : (
            <>
              <ByDay providers={providers} />
              <LastWords providers={providers} />
            </>
          )
        }
      </Shown>
    </Panel>
  );
}

interface ProvidersProps {
  readonly providers: readonly QualityProviderFragment[];
}

function ByDay({ providers }: ProvidersProps) {
  const { days, series } = perDay(providers, DAYS, new Date());
  const total = series.reduce((sum, { values }) => sum + values.reduce((one, other) => one + other, 0), 0);
  return (
    <Chart
      height="13rem"
      summary={`Events by day: ${count(total)} in ${DAYS} days from ${providers.length} ${plural(providers.length, 'provider')}.`}
      option={{
        legend: { top: 0, left: 0, icon: 'roundRect', itemWidth: 12 },
        grid: { left: 8, right: 12, top: 52, bottom: 8, containLabel: true },
        tooltip: { trigger: 'axis' },
        xAxis: { type: 'category', data: days.map((day) => day.slice(5)) },
        yAxis: { type: 'value', name: 'events', nameLocation: 'end', nameGap: 10, minInterval: 1 },
        series: series.map(({ provider, values }) => ({
          type: 'bar',
          name: providerName(provider),
          stack: 'events',
          data: values,
          barMaxWidth: 36,
        })),
      }}
    />
  );
}

function LastWords({ providers }: ProvidersProps) {
  const zone = useZone();
  return (
    <Table
      key={zone}
      label="Providers, each with its last word"
      rows={providers}
      keyOf={({ provider }) => provider}
      columns={[
        { name: 'Provider', width: '7rem', cell: ({ provider }) => providerName(provider) },
        {
          name: 'Last heard of',
          width: '8rem',
          cell: ({ lastReceivedAt }) => <Time at={lastReceivedAt} as="ago" />,
        },
        { name: 'State', width: '9rem', cell: (row) => <Silence of={row} /> },
        {
          name: 'Longest pause, 28 days',
          width: '7rem',
          isNumber: true,
          cell: ({ longestPauseSeconds: seconds }) =>
            seconds == null ? 'none yet' : (duration(seconds) ?? `${seconds.toFixed(1)} s`),
        },
        {
          name: `Payloads, ${DAYS} days`,
          width: '6rem',
          isNumber: true,
          cell: ({ days }) => count(summed(days, 'payloads')),
        },
        {
          name: `Events, ${DAYS} days`,
          width: '6rem',
          isNumber: true,
          cell: ({ days }) => count(summed(days, 'events')),
        },
        {
          name: 'Of a kind not known',
          width: '7rem',
          isNumber: true,
          cell: ({ days }) => `${count(summed(days, 'unknown'))} of ${count(summed(days, 'events'))}`,
        },
      ]}
    />
  );
}

function Silence({ of }: { readonly of: QualityProviderFragment }) {
  if (of.silentSince == null) return <Tag tone="good">as usual</Tag>;
  return (
    <>
      <Tag tone="bad">silent</Tag> since <Time at={of.silentSince} />
    </>
  );
}
