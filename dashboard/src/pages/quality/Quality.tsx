import { useCallback } from 'react';
import { useSeesAll } from '../../app/viewer';
import { useAgain, useRead } from '../../client';
import { QualityCoverageDocument } from '../../gql/graphql';
import { Columns, NoAccess, Page, Panel } from '../../parts';
import { Coverage } from './Coverage';
import { Failures } from './Failures';
import { Gateways } from './Gateways';
import { Providers } from './Providers';
import { ReviewQueue } from './ReviewQueue';
import { AGAIN_MS } from './again';
import { Working } from './Working';

const LEAD = 'Whether what is reported reaches us, and whether we know whose it is';

/** Whether capture works: who could not be matched, what failed, who fell silent. */
export default function Quality() {
  return useSeesAll() ? <All /> : <Own />;
}

function All() {
  const read = useRead(QualityCoverageDocument, {}, { about: ['Recipient'] });
  useAgain(read.reload, AGAIN_MS);
  return (
    <Page title="Data quality" lead={LEAD}>
      <Coverage read={read} />
      <ReviewQueue onDecided={read.reload} />
      <Providers />
      <Columns>
        <Failures />
        <Working />
      </Columns>
      <Gateways />
    </Page>
  );
}

/** What a CSM can put right: whom their own customers’ addresses belong to. */
function Own() {
  const nothing = useCallback(() => undefined, []);
  return (
    <Page title="Data quality" lead="Whose addresses these are, at your own customers">
      <ReviewQueue onDecided={nothing} />
      <Panel title="Coverage, providers, failed payloads">
        <NoAccess />
      </Panel>
    </Page>
  );
}
