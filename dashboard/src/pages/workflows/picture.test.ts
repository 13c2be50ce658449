import { expect, it } from 'vitest';
import type { WorkflowsFiringFragment, WorkflowsPreviewQuery } from '../../gql/graphql';
import { daysOf, heightOf, lanesOf, summaryOf } from './picture';

const NOW = new Date('2026-11-22T12:00:00Z');

function firing(id: string, at: string): WorkflowsFiringFragment {
  return {
    __typename: 'WorkflowFiring',
    at,
    reasons: [],
    stakeholder: { __typename: 'Stakeholder', id, name: id.toUpperCase(), timezone: null },
    customer: null,
    evidence: [],
  };
}

const PREVIEW: WorkflowsPreviewQuery['workflowPreview'] = {
  __typename: 'WorkflowPreview',
  since: '2026-11-19T12:00:00Z',
  lookedAt: 9,
  peopleInAll: 9,
  times: 3,
  people: 2,
  customers: 1,
  days: [
    { __typename: 'WorkflowPreviewDay', day: '2026-11-20T00:00:00Z', times: 2 },
    { __typename: 'WorkflowPreviewDay', day: '2026-11-22T00:00:00Z', times: 1 },
  ],
  firings: [
    firing('a', '2026-11-22T10:00:00Z'),
    firing('b', '2026-11-20T11:00:00Z'),
    firing('a', '2026-11-20T10:00:00Z'),
  ],
};

it('a day on which nothing would have been done is there, as nothing', () => {
  expect(daysOf(PREVIEW, NOW)).toEqual([
    { day: '2026-11-19', times: 0 },
    { day: '2026-11-20', times: 2 },
    { day: '2026-11-21', times: 0 },
    { day: '2026-11-22', times: 1 },
  ]);
});

it('each person has one lane, whoever was last first, as many as there is room for', () => {
  const lanes = lanesOf([...PREVIEW.firings, { ...firing('c', ''), stakeholder: null }], 5);
  expect(lanes.map(({ name, firings }) => [name, firings.length])).toEqual([
    ['A', 2],
    ['B', 1],
  ]);
  const many = Array.from({ length: 9 }, (_, at) => firing(`p${at}`, '2026-11-22T10:00:00Z'));
  expect(lanesOf(many, 3).map(({ name }) => name)).toEqual(['P0', 'P3', 'P6']);
  expect(heightOf(lanes) - heightOf([])).toBe(44);
});

it('the picture is told in a sentence', () => {
  expect(summaryOf(PREVIEW, daysOf(PREVIEW, NOW))).toBe(
    'It would have fired 3 times in 4 days, for 2 people at 1 customer; most, 2, on Fri 20 Nov.',
  );
});
