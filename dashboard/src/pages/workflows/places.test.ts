import { expect, it } from 'vitest';
import { newDraft, nodeOf, type Draft } from './draft';
import { placed, placeOf } from './places';

const DRAFT: Draft = {
  ...newDraft(),
  condition: nodeOf({
    all: [
      { any: [{ not: { segments: ['a', 'b'] } }] },
      { happened: { kind: 'OPENED', atLeast: 1, withinDays: 3 } },
    ],
  }),
  actions: { suggests: 'raiseRisk', reason: '', points: ['x', 'y'], dueDays: 4, endpointIds: ['e1', 'e2'] },
};

it.each([
  ['name', 'name'],
  ['windowDays', 'windowDays'],
  ['condition.all', 'condition'],
  ['condition.all.0.any', 'condition.all.0'],
  ['condition.all.0.any.0.not.segments.1', 'condition.all.0.any.0.not.segments'],
  ['condition.all.1.happened.urlPattern', 'condition.all.1.happened.urlPattern'],
  ['actions', 'actions'],
  ['actions.0.raiseRisk.reason', 'reason'],
  ['actions.0.raiseRisk.talkingPoints.1', 'points.1'],
  ['actions.0.raiseRisk.talkingPoints', 'reason'],
  ['actions.1.setDueDate.days', 'dueDays'],
  ['actions.3.callWebhook.endpointId', 'webhooks'],
  ['version', 'whole'],
])('what the service says of %s is shown at %s', (field, place) => {
  expect(placeOf(DRAFT, field.split('.'))).toBe(place);
});

it('without a recommendation the webhooks come first', () => {
  const draft: Draft = { ...DRAFT, actions: { ...DRAFT.actions, suggests: 'nothing' } };
  expect(placeOf(draft, ['actions', '0', 'callWebhook', 'endpointId'])).toBe('webhooks');
});

it('what is about no part is about the whole', () => {
  expect(placed(DRAFT, [{ message: 'too many', field: null }])).toEqual({ whole: 'too many' });
});
