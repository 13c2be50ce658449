import { expect, it } from 'vitest';
import { nodeOf, type ActionsDraft, type ConditionRead } from './draft';
import { conditionText, reasonText, sentence } from './sentences';

const EVENT = { kind: 'CLICKED', atLeast: 2, withinDays: 14 } as const;

it.each<readonly [ConditionRead, string]>([
  [{ happened: { ...EVENT, atLeast: 1 } }, '1 click within 14 days'],
  [
    { happened: { ...EVENT, urlPattern: '*/pricing*' } },
    '2 clicks on links like “*/pricing*” within 14 days',
  ],
  [
    {
      happened: {
        ...EVENT,
        campaignId: 'c',
        campaign: { name: 'Spring' },
        campaignType: 'NEWSLETTER',
        topic: 'prices',
      },
    },
    '2 clicks of “Spring” of newsletters about “prices” within 14 days',
  ],
  [{ silentForDays: 1 }, 'nothing done with any mail for 1 day'],
  [{ unansweredSends: 5 }, '5 mails in a row unanswered'],
  [{ segments: ['SMB', 'startup'] }, 'a customer of segment SMB or startup'],
  [{ levels: ['HIGH', 'MEDIUM', 'LOW'] }, 'engagement is high, medium or low'],
  [
    { all: [{ levels: ['HIGH'] }, { not: { segments: ['SMB'] } }] },
    'engagement is high and not (a customer of segment SMB)',
  ],
  [
    { all: [{ levels: ['HIGH'] }, { any: [{ silentForDays: 9 }, { unansweredSends: 3 }] }] },
    'engagement is high and (nothing done with any mail for 9 days or 3 mails in a row unanswered)',
  ],
  [{ any: [] }, '…'],
])('%j is said as “%s”', (read, text) => {
  expect(conditionText(nodeOf(read))).toBe(text);
});

const ACTIONS: ActionsDraft = {
  suggests: 'raiseRisk',
  reason: 'x',
  points: [],
  dueDays: 1,
  endpointIds: ['e', 'f'],
};

it('a workflow is one sentence', () => {
  expect(sentence(nodeOf({ silentForDays: 60 }), ACTIONS, (id) => ({ e: 'CRM' })[id] ?? 'a webhook')).toBe(
    'When nothing done with any mail for 60 days: raise a risk, due in 1 day; tell CRM and a webhook.',
  );
});

it.each([
  ['2 × CLICKED within 30 days', '2 clicks within 30 days'],
  ['1 × COMPLAINED within 90 days', '1 spam complaint within 90 days'],
  ['level HIGH', 'engagement is high'],
  ['5 mails in a row unanswered', '5 mails in a row unanswered'],
  ['7 × INVENTED within 2 days', '7 × INVENTED within 2 days'],
])('“%s” is told as “%s”', (reason, text) => {
  expect(reasonText(reason)).toBe(text);
});
