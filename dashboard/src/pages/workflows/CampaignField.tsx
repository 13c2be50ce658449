import { useDeferredValue, useState } from 'react';
import { useRead } from '../../client';
import { WorkflowsCampaignsDocument } from '../../gql/graphql';
import { dateIn, useZone } from '../../parts';
import { ComboField } from '../../parts/ComboField';
import type { CampaignChoice } from './draft';

const ANY = 'any';

interface CampaignFieldProps {
  /** Null: any campaign. */
  readonly chosen: CampaignChoice | null;
  readonly problem: string | undefined;
  readonly onChange: (campaign: CampaignChoice | null) => void;
}

/** One campaign, found by typing, or any. */
export function CampaignField({ chosen, problem, onChange }: CampaignFieldProps) {
  const zone = useZone();
  const shown = chosen === null ? '' : (chosen.name ?? 'no longer there');
  const [text, setText] = useState(shown);
  const isTyped = text !== shown;
  const search = useDeferredValue(isTyped ? text.trim().slice(0, 200) : '');
  const read = useRead(WorkflowsCampaignsDocument, { search });
  const found = (read.data?.campaigns.nodes ?? []).map(({ id, name, sentAt }) => ({
    id,
    name,
    note: sentAt == null ? 'not sent yet' : dateIn(new Date(sentAt), zone),
  }));
  const choose = (key: string | null): void => {
    // Leaving the field says again what is chosen, which need not be among those that were found.
    if (key === (chosen?.id ?? ANY)) {
      setText(shown);
      return;
    }
    const campaign = found.find(({ id }) => id === key) ?? null;
    setText(campaign?.name ?? '');
    onChange(campaign && { id: campaign.id, name: campaign.name });
  };
  return (
    <ComboField
      label="Campaign"
      opens="Campaigns"
      placeholder="any campaign"
      problem={problem}
      choices={[{ id: ANY, name: 'any campaign' }, ...found]}
      value={chosen?.id ?? null}
      onChange={choose}
      typed={{ text, onChange: setText, onBlur: () => setText(shown) }}
    />
  );
}
