import type { CampaignType, EventKind, Level, WebhookStatus } from '../../gql/graphql';
import type { Tone } from '../../parts';
import type { Member, Suggests } from './draft';

/** Every kind of condition, in the order in which they are offered. */
export const MEMBERS: Readonly<Record<Member, string>> = {
  happened: 'Something happened',
  silentForDays: 'Silence',
  unansweredSends: 'Mails left unanswered',
  levels: 'Level of engagement',
  segments: 'Customer’s segment',
  all: 'All of these',
  any: 'At least one of these',
  not: 'Not this',
};

/** An event that a condition may wait for: one of it, several. */
export const EVENTS: Readonly<Record<Exclude<EventKind, 'UNKNOWN'>, readonly [string, string]>> = {
  CLICKED: ['click', 'clicks'],
  OPENED: ['open', 'opens'],
  REPLIED: ['reply', 'replies'],
  FORWARDED: ['forward', 'forwards'],
  UNSUBSCRIBED: ['unsubscribe', 'unsubscribes'],
  RESUBSCRIBED: ['new subscription', 'new subscriptions'],
  COMPLAINED: ['spam complaint', 'spam complaints'],
  AUTO_REPLIED: ['auto-reply', 'auto-replies'],
  BOUNCED: ['bounce', 'bounces'],
  DELIVERED: ['delivered mail', 'delivered mails'],
  ACCEPTED: ['sent mail', 'sent mails'],
  DEFERRED: ['deferral', 'deferrals'],
  REJECTED: ['rejected mail', 'rejected mails'],
};

export const LEVELS: Readonly<Record<Level, string>> = {
  HIGH: 'high',
  MEDIUM: 'medium',
  LOW: 'low',
  NONE: 'none',
};

export const TYPES: Readonly<Record<CampaignType, string>> = {
  NEWSLETTER: 'newsletters',
  PRODUCT_UPDATE: 'product updates',
  MARKETING: 'marketing mail',
  ANNOUNCEMENT: 'announcements',
};

export const SUGGESTS: Readonly<Record<Suggests, readonly [string, string]>> = {
  recommend: ['Recommend a follow-up', 'On the Today page of whoever looks after the customer'],
  raiseRisk: ['Raise a risk', 'The same, and among the customer’s risks'],
  nothing: ['Recommend nothing', 'It only calls webhooks'],
};

export const STATUSES: Readonly<Record<WebhookStatus, readonly [string, Tone]>> = {
  PENDING: ['waiting', 'act'],
  DELIVERED: ['delivered', 'good'],
  FAILED: ['failed', 'bad'],
  CANCELLED: ['cancelled', 'plain'],
};

/** The types of message, for people. */
export const MESSAGES: Readonly<Record<string, string>> = {
  'workflow.fired': 'A workflow fired',
  'workflow.withdrawn': 'A firing was taken back',
  ping: 'Test message',
};
