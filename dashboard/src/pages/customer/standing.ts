/** Where somebody stands, as the service counts reached, engaged and dark. */
export type Reach = 'engaged' | 'reached' | 'dark' | 'not reached';

interface Person {
  readonly dark: boolean;
  readonly lastSentAt?: string | null;
  readonly lastEngagedAt?: string | null;
}

/** “Reached” and “engaged” look this far back. */
export const REACHED_DAYS = 90;

/** Dark says most, so it comes first; engaged and reached within 90 days. */
export function reachOf({ dark, lastSentAt, lastEngagedAt }: Person, now: Date): Reach {
  if (dark) return 'dark';
  const since = now.getTime() - REACHED_DAYS * 86_400_000;
  if (lastSentAt == null || Date.parse(lastSentAt) <= since) return 'not reached';
  return lastEngagedAt != null && Date.parse(lastEngagedAt) > since ? 'engaged' : 'reached';
}
