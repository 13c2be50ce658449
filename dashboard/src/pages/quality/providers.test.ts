import { expect, it } from 'vitest';
import type { QualityProviderFragment } from '../../gql/graphql';
import { perDay, summed } from './providers';

const SENDGRID: QualityProviderFragment = {
  __typename: 'ProviderSeen',
  provider: 'sendgrid',
  lastReceivedAt: '2026-11-22T10:00:00Z',
  longestPauseSeconds: null,
  silentSince: null,
  days: [
    { __typename: 'ProviderDay', day: '2026-11-20T00:00:00Z', payloads: 1, events: 5, unknown: 0 },
    { __typename: 'ProviderDay', day: '2026-11-22T00:00:00Z', payloads: 2, events: 7, unknown: 1 },
  ],
};

it('a day on which nothing came is there, as nothing', () => {
  const { days, series } = perDay([SENDGRID], 3, new Date('2026-11-22T23:59:00Z'));
  expect(days).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
  expect(series).toEqual([{ provider: 'sendgrid', values: [5, 0, 7] }]);
});

it('what a provider sent is the sum of its days', () => {
  expect([summed(SENDGRID.days, 'events'), summed(SENDGRID.days, 'unknown'), summed([], 'events')]).toEqual([
    12, 1, 0,
  ]);
});
