import type { CampaignIdentityFragment, CampaignType, ClassifyCampaignInput } from '../../gql/graphql';

export type Bulk = 'found' | 'yes' | 'no';

const BULK: Readonly<Record<Bulk, boolean | null>> = { found: null, yes: true, no: false };

type Known = Pick<CampaignIdentityFragment, 'id' | 'type' | 'classification'>;

/** What is to be sent: only what differs from what was said before; null takes it back. */
export function classification(
  { id, type, classification: said }: Known,
  chosen: CampaignType | 'found',
  bulk: Bulk,
): ClassifyCampaignInput {
  const wanted = chosen === 'found' ? null : chosen;
  // The type as it was found out, left as it is, was not said.
  const isUntouched = said?.type == null ? wanted === null || wanted === type : wanted === said.type;
  const isBulk = BULK[bulk];
  return {
    campaignId: id,
    ...(isUntouched ? {} : { type: wanted }),
    ...(isBulk === (said?.isBulk ?? null) ? {} : { isBulk }),
  };
}
