import type { CustomerEngagementRecordedSubscription, CustomerEventFragment } from '../../gql/graphql';

type Happened = CustomerEventFragment;
export type Update = CustomerEngagementRecordedSubscription['engagementRecorded'];

/** A line of a customer's timeline, as it is known now. */
export interface Line {
  readonly id: string;
  readonly event: Happened;
  readonly who: string;
  readonly stakeholderId: string | null;
  readonly timezone: string | null;
  /** Who acted is judged otherwise than when it was first shown. */
  readonly isCorrected: boolean;
  /** It is no longer this customer's. */
  readonly isRemoved: boolean;
  /** It came while the page was open. */
  readonly isFresh: boolean;
}

/** An event at this customer as a line. */
export function lineOf(event: Happened, customerId: string): Line {
  const found = event.recipient?.matches.find((match) => match.customer.id === customerId)?.stakeholder;
  return {
    id: event.id,
    event,
    who: found?.name ?? event.recipient?.address ?? 'Somebody',
    stakeholderId: found?.id ?? null,
    timezone: found?.timezone ?? null,
    isCorrected: false,
    isRemoved: false,
    isFresh: false,
  };
}

/**
 * The lines (newest first) after an update: a correction stands where the line was; a new one takes its place in
 * time. `isWhole` says that nothing older is left to read; else what is older than the last line comes with its page.
 */
export function withUpdate(
  lines: readonly Line[],
  { kind, eventId, event }: Update,
  customerId: string,
  isWhole: boolean,
): readonly Line[] {
  const known = lines.find((line) => line.id === eventId);
  if (known) {
    const next: Line =
      event == null || kind === 'REMOVED'
        ? { ...known, isRemoved: true }
        : {
            ...lineOf(event, customerId),
            isCorrected: kind === 'CORRECTED' || known.isCorrected,
            isFresh: known.isFresh,
          };
    return lines.map((line) => (line === known ? next : line));
  }
  if (event == null || kind === 'REMOVED') return lines;
  const line = { ...lineOf(event, customerId), isCorrected: kind === 'CORRECTED', isFresh: true };
  const at = Date.parse(event.occurredAt);
  const place = lines.findIndex((other) => Date.parse(other.event.occurredAt) <= at);
  if (place < 0) return isWhole || lines.length === 0 ? [...lines, line] : lines;
  return [...lines.slice(0, place), line, ...lines.slice(place)];
}

/** The lines with an older page below; what came twice stands once. */
export function withOlder(
  lines: readonly Line[],
  events: readonly Happened[],
  customerId: string,
): readonly Line[] {
  const known = new Set(lines.map((line) => line.id));
  return [
    ...lines,
    ...events.filter((event) => !known.has(event.id)).map((event) => lineOf(event, customerId)),
  ];
}
