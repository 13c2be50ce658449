import { useState } from 'react';
import type { Read } from '../../client';
import type { QualityCoverageQuery } from '../../gql/graphql';
import {
  Bar,
  count,
  Delta,
  Measure,
  Measures,
  Panel,
  percent,
  Share,
  Shown,
  Skeleton,
  Table,
} from '../../parts';

type Figures = QualityCoverageQuery['capture']['coverage'];

interface Reason {
  readonly name: string;
  readonly value: number;
  readonly means: string;
}

function reasons({ unconfirmed, byReason }: Figures): readonly Reason[] {
  return [
    {
      name: 'Nobody’s domain',
      value: byReason.unknownDomain,
      means: 'No customer is known to use it. Say whose it is below.',
    },
    {
      name: 'Free mail',
      value: byReason.freemail,
      means: 'Anybody can have an address there. Import the person’s address, or say who it is below.',
    },
    {
      name: 'Several customers’ domain',
      value: byReason.ambiguous,
      means: 'More than one customer uses it, so that somebody has to say which.',
    },
    {
      name: 'By domain alone',
      value: unconfirmed,
      means: 'Matched, and counted in coverage; the person is not known until somebody confirms.',
    },
  ];
}

/** How far recipients are known, and why the others are not. */
export function Coverage({ read }: { readonly read: Read<QualityCoverageQuery> }) {
  return (
    <Panel
      title="Coverage"
      note="Recipients of all campaigns that are matched to a customer; each counts once for each campaign"
    >
      <Shown read={read} skeleton={<Skeleton lines={6} height="2rem" />}>
        {({ capture }) => <Covered of={capture.coverage} />}
      </Shown>
    </Panel>
  );
}

function Covered({ of }: { readonly of: Figures }) {
  const [before] = useState(of);
  const external = of.recipients - of.internal;
  const open = reasons(of).reduce((sum, { value }) => sum + value, 0);
  const moved = of.rate != null && before.rate != null ? of.rate - before.rate : null;
  return (
    <>
      <Measures>
        <Measure
          name="Coverage"
          note={
            <>
              {count(of.matched)} of {count(external)} recipients who are not our own
            </>
          }
        >
          {of.rate == null ? 'none yet' : percent(of.rate)}
        </Measure>
        <Measure
          name="Since you opened this page"
          note={`${signed(of.matched - before.matched)} matched recipients`}
        >
          <Delta value={moved} unit="percentage points" since="" />
        </Measure>
        <Measure name="Our own addresses" note="left out of coverage">
          {count(of.internal)} of {count(of.recipients)}
        </Measure>
      </Measures>
      <Table
        label="Why recipients are not known"
        rows={reasons(of)}
        keyOf={({ name }) => name}
        columns={[
          { name: 'Reason', width: '9rem', cell: ({ name }) => name },
          {
            name: 'Recipients',
            width: '13rem',
            cell: ({ value }) => <Share part={value} whole={external} of="not our own" />,
          },
          {
            name: 'Of what is open',
            width: '6rem',
            cell: ({ value }) => <Bar share={open ? value / open : 0} tone="warn" />,
          },
          { name: 'What it means', width: '16rem', cell: ({ means }) => means },
        ]}
      />
    </>
  );
}

function signed(value: number): string {
  return value === 0 ? 'no more' : `${value > 0 ? '+' : '−'}${count(Math.abs(value))}`;
}
