import type { BestTimeBasis, EventKind, FollowUpOutcome, RecommendationKind } from '../../gql/graphql';
import type { Tone } from '../../parts';

/** A recommendation's kind as its headline, and the tone of what it calls for. */
export const KINDS: Readonly<Record<RecommendationKind, readonly [string, Tone]>> = {
  REPLY_WAITING: ['Reply waiting', 'act'],
  START_CONVERSATION: ['Start a conversation', 'good'],
  SHARE_CONTENT: ['Share content', 'good'],
  CHECK_IN: ['Check in', 'warn'],
  RELATIONSHIP_RISK: ['Relationship at risk', 'bad'],
  FIX_ADDRESS: ['Fix the address', 'warn'],
  MEET_STAKEHOLDER: ['Meet somebody new', 'act'],
  CUSTOM: ['Workflow', 'plain'],
};

export const OUTCOMES: readonly {
  readonly outcome: FollowUpOutcome;
  readonly label: string;
  readonly note: string;
}[] = [
  { outcome: 'CONVERSATION', label: 'Conversation', note: 'You wrote or talked with them' },
  { outcome: 'MEETING', label: 'Meeting', note: 'You met, or have a date' },
  { outcome: 'NO_ANSWER', label: 'No answer', note: 'You tried to reach them' },
  { outcome: 'NOT_NEEDED', label: 'Not needed', note: 'It was settled otherwise' },
];

/** Why somebody does not want a recommendation; what is chosen is sent as the reason. */
export const DISMISSALS: readonly string[] = [
  'Not relevant for this customer',
  'Already in touch about it',
  'Wrong person',
  'The reason is wrong',
];

export const BASES: Readonly<Record<BestTimeBasis, string>> = {
  STAKEHOLDER: 'from their own acts',
  CUSTOMER: 'from their colleagues’ acts',
  EVERYONE: 'from everybody’s acts',
  DEFAULT: 'no acts are known: the middle of the working week',
};

/** What somebody, or something, did: after a name, “Ada clicked”. */
export const DID: Readonly<Record<EventKind, string>> = {
  ACCEPTED: 'was sent',
  AUTO_REPLIED: 'is away (auto-reply)',
  BOUNCED: 'bounced',
  CLICKED: 'clicked',
  COMPLAINED: 'marked as spam',
  DEFERRED: 'is waited for (deferred)',
  DELIVERED: 'received',
  FORWARDED: 'forwarded',
  OPENED: 'opened',
  REJECTED: 'was not sent (rejected)',
  REPLIED: 'replied to',
  RESUBSCRIBED: 'subscribed again to',
  UNKNOWN: 'did something unknown with',
  UNSUBSCRIBED: 'unsubscribed from',
};
