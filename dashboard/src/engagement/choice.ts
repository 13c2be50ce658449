import type { Actor, EventKind } from '../gql/graphql';

/** What of a list of events is shown: people's acts, machines' beside them, or deliveries too. */
export type Choice = 'people' | 'acts' | 'all';

export const CHOICES: readonly { readonly value: Choice; readonly label: string }[] = [
  { value: 'people', label: 'What people did' },
  { value: 'acts', label: 'People and machines' },
  { value: 'all', label: 'All, deliveries too' },
];

/** What somebody does with a mail, as against what happens to it on its way. */
export const ACTS: readonly EventKind[] = [
  'OPENED',
  'CLICKED',
  'REPLIED',
  'FORWARDED',
  'UNSUBSCRIBED',
  'RESUBSCRIBED',
  'COMPLAINED',
  'AUTO_REPLIED',
];

const KNOWN: ReadonlySet<EventKind> = new Set(ACTS);

interface Line {
  /** Null where it was taken away. */
  readonly event: { readonly kind: EventKind; readonly actor?: Actor | null } | null;
  /** Who acted is judged otherwise than when it was first shown. */
  readonly isCorrected: boolean;
}

/** Whether the line is among those asked for; what was corrected or taken away stays, whatever it has become. */
export function isChosen({ event, isCorrected }: Line, choice: Choice): boolean {
  if (choice === 'all' || event === null || isCorrected) return true;
  return KNOWN.has(event.kind) && (choice === 'acts' || event.actor !== 'MACHINE');
}
