import { expect, it } from 'vitest';
import type { WorkflowsPlanFragment } from '../../gql/graphql';
import {
  actionInputs,
  blank,
  conditionInput,
  draftOf,
  isSame,
  newDraft,
  nodeOf,
  previewInput,
  workflowInput,
  type ConditionRead,
} from './draft';
import { conditionText } from './sentences';

const READ: ConditionRead = {
  all: [
    {
      happened: {
        kind: 'CLICKED',
        atLeast: 2,
        withinDays: 14,
        campaignId: 'c1',
        campaign: { name: 'Spring' },
        campaignType: null,
        topic: null,
        urlPattern: '*/pricing*',
      },
    },
    { any: [{ silentForDays: 60 }, { unansweredSends: 5 }] },
    { not: { segments: ['startup'] } },
    { levels: ['HIGH', 'LOW'] },
  ],
};

const PLAN: WorkflowsPlanFragment = {
  __typename: 'Workflow',
  id: 'w1',
  name: 'Pricing, twice',
  description: 'For sales',
  enabled: true,
  windowDays: 15,
  version: 3,
  deletedAt: null,
  condition: { __typename: 'Condition', levels: ['HIGH'] },
  actions: {
    __typename: 'WorkflowActions',
    recommend: null,
    raiseRisk: { __typename: 'WorkflowSuggestion', reason: 'Call {stakeholder}.', talkingPoints: ['One.'] },
    dueDays: 2,
    callWebhooks: [{ __typename: 'WebhookEndpoint', id: 'e1', name: 'CRM' }],
  },
};

it('a condition that was read is sent as it was given', () => {
  expect(conditionInput(nodeOf(READ))).toEqual({
    all: [
      {
        happened: {
          kind: 'CLICKED',
          atLeast: 2,
          withinDays: 14,
          campaignId: 'c1',
          campaignType: null,
          topic: null,
          urlPattern: '*/pricing*',
        },
      },
      { any: [{ silentForDays: 60 }, { unansweredSends: 5 }] },
      { not: { segments: ['startup'] } },
      { levels: ['HIGH', 'LOW'] },
    ],
  });
});

it('a campaign that is there no more is kept: it is not any campaign', () => {
  const happened = { kind: 'CLICKED', atLeast: 1, withinDays: 30, campaignId: 'c1', campaign: null } as const;
  const node = nodeOf({ happened });
  expect(conditionInput(node)).toMatchObject({ happened: { campaignId: 'c1' } });
  expect(conditionText(node)).toBe('1 click of a campaign that is there no more within 30 days');
});

it('a workflow that was read is sent as it was given, with the version that was looked at', () => {
  expect(workflowInput(draftOf(PLAN), PLAN.version)).toEqual({
    name: 'Pricing, twice',
    description: 'For sales',
    enabled: true,
    condition: { levels: ['HIGH'] },
    actions: [
      { raiseRisk: { reason: 'Call {stakeholder}.', talkingPoints: ['One.'] } },
      { setDueDate: { days: 2 } },
      { callWebhook: { endpointId: 'e1' } },
    ],
    windowDays: 15,
    version: 3,
  });
});

it('a day without a recommendation is not sent', () => {
  const actions = { suggests: 'nothing', reason: 'x', points: [], dueDays: 3, endpointIds: ['e1'] } as const;
  expect(actionInputs(actions)).toEqual([{ callWebhook: { endpointId: 'e1' } }]);
});

it('a number that is not there is sent so that the service says what is wrong with it', () => {
  expect(conditionInput({ key: 'k', member: 'silentForDays', number: null })).toEqual({ silentForDays: 0 });
});

it('a preview asks of the condition alone, however unfinished the rest is', () => {
  const draft = { ...newDraft(), condition: blank('silentForDays'), windowDays: 7 };
  expect(previewInput(draft)).toEqual({
    name: 'Preview',
    enabled: false,
    condition: { silentForDays: 60 },
    actions: [{ recommend: { reason: 'Preview' } }],
    windowDays: 7,
  });
});

it('forms are the same where they say the same', () => {
  const draft = draftOf(PLAN);
  expect(isSame(draft, draftOf(PLAN))).toBe(true);
  expect(isSame(draft, { ...draft, windowDays: 16 })).toBe(false);
});
