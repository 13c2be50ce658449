import type { BestTimeBasis, CampaignType, Persona, ScoreAct, SuppressionReason } from '../../gql/graphql';

export const TYPES: Readonly<Record<CampaignType, string>> = {
  ANNOUNCEMENT: 'announcement',
  MARKETING: 'marketing',
  NEWSLETTER: 'newsletter',
  PRODUCT_UPDATE: 'product update',
};

/** A type in a sentence; “no type” where it is unknown. */
export function typeText(type: CampaignType | null | undefined): string {
  return type == null ? 'no type' : TYPES[type];
}

export const PERSONAS: Readonly<Record<Persona, readonly [string, string]>> = {
  LOYALIST: ['loyalist', 'Opens more than most, and acts on it more than most'],
  SELECTIVE: ['selective', 'Opens less than most, but acts on what matters'],
  WINDOW_SHOPPER: ['window shopper', 'Opens more than most, but seldom acts on it'],
  DORMANT: ['dormant', 'Neither opens nor acts as much as most'],
};

export const BASES: Readonly<Record<BestTimeBasis, string>> = {
  STAKEHOLDER: 'their own acts',
  CUSTOMER: 'acts of this customer’s people',
  EVERYONE: 'acts of everybody: this customer’s are too few',
  DEFAULT: 'no acts at all: the middle of the working week',
};

export const SUPPRESSIONS: Readonly<Record<SuppressionReason, string>> = {
  COMPLAINT: 'marked a mail as spam',
  HARD_BOUNCE: 'mail comes back for good',
  SOFT_BOUNCES: 'mail came back three times',
  UNSUBSCRIBED: 'unsubscribed',
};

/** Acts that take points from a score. */
export const TAKING: ReadonlySet<ScoreAct> = new Set<ScoreAct>(['COMPLAINT', 'UNSUBSCRIBE']);
