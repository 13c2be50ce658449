import type { StreamUpdateFragment } from '../../gql/graphql';

export type Update = StreamUpdateFragment;
type Happened = NonNullable<Update['event']>;

/** A line of the live stream: an event at a customer, as it is known now. */
export interface Line {
  readonly id: string;
  readonly customer: Update['customer'];
  /** Null where it was taken away: it is no longer this customer's. */
  readonly event: Happened | null;
  readonly who: string;
  readonly timezone: string | null;
  readonly isCorrected: boolean;
}

/** Lines kept; the oldest go. */
export const KEPT = 200;

/** Lines as the feed's last updates tell them, newest first. */
export function begun(updates: readonly Update[]): readonly Line[] {
  return [...updates].reverse().reduce<readonly Line[]>(withUpdate, []);
}

/** The lines after an update: a new one on top, a correction where the line stands. */
export function withUpdate(lines: readonly Line[], update: Update): readonly Line[] {
  const id = `${update.customer.id} ${update.eventId}`;
  const known = lines.find((line) => line.id === id);
  const line: Line = {
    id,
    customer: update.customer,
    event: update.event ?? null,
    who: nameOf(update) ?? known?.who ?? 'Somebody',
    timezone: matchOf(update)?.timezone ?? known?.timezone ?? null,
    isCorrected: update.kind === 'CORRECTED' || (known?.isCorrected ?? false),
  };
  if (known) return lines.map((other) => (other.id === id ? line : other));
  if (update.kind === 'REMOVED') return lines;
  return [line, ...lines].slice(0, KEPT);
}

function matchOf(update: Update) {
  return update.recipient?.matches.find((match) => match.customer.id === update.customer.id)?.stakeholder;
}

function nameOf(update: Update): string | null {
  return matchOf(update)?.name ?? update.recipient?.address ?? null;
}

/** A link as a person reads it: its path, or its host where it has none. */
export function shortUrl(url: string): string {
  try {
    const { hostname, pathname } = new URL(url);
    return pathname === '/' ? hostname : decodeURI(pathname);
  } catch {
    return url;
  }
}
