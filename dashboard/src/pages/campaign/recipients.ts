import type { RecipientFilter } from '../../gql/graphql';

type Flag = {
  [Name in keyof RecipientFilter]-?: RecipientFilter[Name] extends boolean | null | undefined ? Name : never;
}[keyof RecipientFilter];

/** Which recipients to list: one figure of the funnel at a time. */
export interface Group {
  readonly id: string;
  readonly label: string;
  readonly filter: Partial<Readonly<Record<Flag, boolean>>>;
}

const ALL: Group = { id: 'all', label: 'All recipients', filter: {} };

export const GROUPS: readonly Group[] = [
  ALL,
  { id: 'engaged', label: 'Engaged', filter: { engaged: true } },
  { id: 'silent', label: 'Delivered, not engaged', filter: { delivered: true, engaged: false } },
  { id: 'opened', label: 'Opened', filter: { opened: true } },
  { id: 'clicked', label: 'Clicked', filter: { clicked: true } },
  { id: 'replied', label: 'Replied', filter: { replied: true } },
  { id: 'forwarded', label: 'Forwarded', filter: { forwarded: true } },
  { id: 'unsubscribed', label: 'Unsubscribed', filter: { unsubscribed: true } },
  { id: 'complained', label: 'Marked as spam', filter: { complained: true } },
  { id: 'bounced', label: 'Bounced', filter: { bounced: true } },
  { id: 'rejected', label: 'Not sent', filter: { rejected: true } },
  { id: 'machines', label: 'Clicked by a machine', filter: { clickedByMachine: true } },
  { id: 'unmatched', label: 'No customer’s', filter: { matched: false, internal: false } },
];

/** The group of that id; all where there is none. */
export function groupOf(id: string | null): Group {
  return GROUPS.find((group) => group.id === id) ?? ALL;
}

/** Where the service has the same recipients as CSV. */
export function csvPath(campaignId: string, { filter }: Group): string {
  const asked = new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]));
  const query = asked.toString();
  return `/api/campaigns/${encodeURIComponent(campaignId)}/recipients.csv${query && `?${query}`}`;
}
