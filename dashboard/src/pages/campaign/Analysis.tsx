import { useEffect, useRef, useState } from 'react';
import { useRead } from '../../client';
import { useThrottled } from '../../engagement/useThrottled';
import {
  CampaignAnalysisDocument,
  type CampaignAnalysisQuery,
  type CampaignDurationsFragment,
} from '../../gql/graphql';
import { Columns, count, Empty, Panel, Rate, Select, Shown, Skeleton, Table, WeekMap } from '../../parts';
import { shortUrl } from '../today/stream';
import { durationText, week, weekText } from './figures';
import styles from './Campaign.module.css';

type Found = NonNullable<CampaignAnalysisQuery['campaign']>['analysis'];

/** How often the parts are read again while the campaign progresses. */
const EVERY_MS = 5_000;

/** Time to act, links, segments, hours: read again while `figures` change. */
export function Analysis({ id, figures }: { readonly id: string; readonly figures: object | null }) {
  const read = useRead(CampaignAnalysisDocument, { id });
  useFollowing(figures, read.reload);
  return (
    <Shown read={read} skeleton={<Skeleton lines={1} height="24rem" />}>
      {({ campaign }) =>
        campaign && (
          <>
            <Columns>
              <Times analysis={campaign.analysis} />
              <Segments segments={campaign.analysis.segments} />
            </Columns>
            <Columns>
              <Links links={campaign.analysis.links} />
              <Hours byHour={campaign.analysis.byHour} />
            </Columns>
          </>
        )
      }
    </Shown>
  );
}

/** Calls `act` at most every few seconds after `changing` has changed; the first value is no change. */
function useFollowing(changing: unknown, act: () => void): void {
  const note = useThrottled(act, EVERY_MS);
  const isFirst = useRef(true);
  useEffect(() => {
    if (changing === null) return;
    if (isFirst.current) isFirst.current = false;
    else note();
  }, [changing, note]);
}

function Times({ analysis: { timeToOpen, timeToClick } }: { readonly analysis: Found }) {
  const rows = [
    { name: 'Open', found: timeToOpen },
    { name: 'Click', found: timeToClick },
  ];
  const quartile = (name: string, of: keyof Omit<CampaignDurationsFragment, 'basedOn' | '__typename'>) => ({
    name,
    width: '7rem',
    cell: ({ found }: (typeof rows)[number]) => durationText(found[of]),
  });
  return (
    <Panel
      title="Time to act"
      note="From delivery to the first act by a person; in brackets the bounds where reports were late"
    >
      <Table
        label="Table of times to act"
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          { name: 'First', width: '4rem', cell: ({ name }) => name },
          quartile('A quarter within', 'lowerQuartile'),
          quartile('Half within', 'median'),
          quartile('Three quarters within', 'upperQuartile'),
          {
            name: 'Measured for',
            width: '6rem',
            cell: ({ found }) => `${count(found.basedOn)} ${found.basedOn === 1 ? 'person' : 'people'}`,
          },
        ]}
      />
    </Panel>
  );
}

function Segments({ segments }: { readonly segments: Found['segments'] }) {
  return (
    <Panel title="Segments" note="Of the customers reached; rates of delivered">
      {segments.length === 0 ? (
        <Empty title="No customer was reached">Segments are those of customers.</Empty>
      ) : (
        <Table
          label="Table of segments"
          rows={segments}
          keyOf={({ segment }) => segment ?? ''}
          columns={[
            { name: 'Segment', width: '7rem', cell: ({ segment }) => segment ?? 'none given' },
            { name: 'Open', width: '10rem', cell: ({ rates }) => <Rate rate={rates.open} of="delivered" /> },
            {
              name: 'Click',
              width: '10rem',
              cell: ({ rates }) => <Rate rate={rates.click} of="delivered" />,
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Links({ links }: { readonly links: Found['links'] }) {
  return (
    <Panel title="Links" note="Those most people followed first; shares are of all who followed any link">
      {links.length === 0 ? (
        <Empty title="No link was followed yet">Each appears with its first click.</Empty>
      ) : (
        <Table
          label="Table of links"
          rows={links}
          keyOf={({ url }) => url}
          columns={[
            {
              name: 'Link',
              width: '10rem',
              cell: ({ url }) => <span title={url}>{shortUrl(url)}</span>,
            },
            {
              name: 'Followed by people',
              width: '11rem',
              cell: ({ share }) => <Rate rate={share} of="clickers" isShort />,
            },
            {
              name: 'Clicks',
              width: '8rem',
              cell: ({ clicksHuman, clicksMachine }) => (
                <>
                  {count(clicksHuman)} by people
                  <span className={styles.soft}> · {count(clicksMachine)} by machines</span>
                </>
              ),
            },
          ]}
        />
      )}
    </Panel>
  );
}

const DID = { openers: 'opened it', clickers: 'followed a link' } as const;

function Hours({ byHour }: { readonly byHour: Found['byHour'] }) {
  const [of, setOf] = useState<keyof typeof DID>('openers');
  const values = week(byHour.hours, of);
  const without = of === 'openers' ? byHour.openersWithoutZone : byHour.clickersWithoutZone;
  const isEmpty = values.every((value) => value === 0);
  return (
    <Panel
      title="When people acted"
      note="The first time, by each one’s own clock"
      actions={
        <Select
          label="Which act"
          isBare
          value={of}
          onChange={setOf}
          choices={[
            { value: 'openers', label: 'Opened' },
            { value: 'clickers', label: 'Clicked' },
          ]}
        />
      }
    >
      {isEmpty ? (
        <Empty title="Nobody yet">Hours appear with the first person whose time zone is known.</Empty>
      ) : (
        <WeekMap values={values} summary={weekText(values, DID[of])} text={peopleText} />
      )}
      {without > 0 && (
        <p className={styles.soft}>
          {count(without)} {without === 1 ? 'person is' : 'people are'} left out: their time zone is not
          known.
        </p>
      )}
    </Panel>
  );
}

function peopleText(value: number): string {
  return `${count(value)} ${value === 1 ? 'person' : 'people'}`;
}
