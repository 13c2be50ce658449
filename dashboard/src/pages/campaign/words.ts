import type {
  BulkSign,
  CampaignType,
  DeliveryStatus,
  DetectionMethod,
  UnmatchedReason,
} from '../../gql/graphql';

export const TYPES: Readonly<Record<CampaignType, string>> = {
  NEWSLETTER: 'Newsletter',
  PRODUCT_UPDATE: 'Product update',
  MARKETING: 'Marketing',
  ANNOUNCEMENT: 'Announcement',
};

export const METHODS: Readonly<Record<DetectionMethod, string>> = {
  CAMPAIGN_ID: 'The platform reports a campaign id that its messages share',
  DECLARED: 'It was registered as a campaign',
  SUBJECT: 'Its messages share sender and subject on one day',
  TAG: 'Its messages share a tag on one day',
};

export const SIGNS: Readonly<Record<BulkSign, string>> = {
  FEEDBACK_ID: 'Feedback-ID',
  LIST_ID: 'List-Id',
  LIST_UNSUBSCRIBE: 'List-Unsubscribe',
  LIST_UNSUBSCRIBE_POST: 'List-Unsubscribe-Post',
  PRECEDENCE: 'Precedence: bulk or list',
  PROVIDER_HEADER: 'a bulk platform’s headers',
};

export const STATUSES: Readonly<Record<DeliveryStatus, string>> = {
  ACCEPTED: 'accepted',
  COMPLAINED: 'marked as spam',
  DEFERRED: 'deferred',
  DELIVERED: 'delivered',
  HARD_BOUNCED: 'bounced for good',
  REJECTED: 'not sent',
  SENT: 'sent',
  SOFT_BOUNCED: 'bounced for now',
};

export const UNMATCHED: Readonly<Record<UnmatchedReason, string>> = {
  AMBIGUOUS: 'several customers use its domain',
  ERASED: 'the person was erased',
  FREEMAIL: 'a free mail address',
  INTERNAL: 'one of your own',
  UNKNOWN_DOMAIN: 'no customer is known to use its domain',
};
