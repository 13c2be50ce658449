import { expect, it } from 'vitest';
import { cases, guessedSearch, isClaimable, type Waiting } from './review';

function waiting(address: string, over: Partial<Waiting> = {}): Waiting {
  return {
    __typename: 'Recipient',
    id: address,
    address,
    unmatchedReason: 'UNKNOWN_DOMAIN',
    engaged: false,
    campaign: { __typename: 'Campaign', id: 'k', name: 'Spring' },
    matches: [],
    ...over,
  };
}

const PROPOSED: Partial<Waiting> = {
  unmatchedReason: null,
  matches: [
    {
      __typename: 'Match',
      method: 'DOMAIN',
      customer: { __typename: 'Customer', id: 'c', name: 'Acme' },
    },
  ],
};

it('addresses of a domain that ask the same are one case, in the order in which they wait', () => {
  const found = cases([
    waiting('b@new.example'),
    waiting('x@other.example'),
    waiting('a@new.example'),
    waiting('new@acme.com', PROPOSED),
  ]);
  expect(found.map((one) => [one.domain, one.why, one.proposal?.name, one.waiting.length])).toEqual([
    ['new.example', 'UNKNOWN_DOMAIN', undefined, 2],
    ['other.example', 'UNKNOWN_DOMAIN', undefined, 1],
    ['acme.com', 'PROPOSED', 'Acme', 1],
  ]);
});

it('free mail is a case for each address, and its domain is nobody’s to claim', () => {
  const found = cases([
    waiting('a@gmail.com', { unmatchedReason: 'FREEMAIL' }),
    waiting('b@gmail.com', { unmatchedReason: 'FREEMAIL' }),
  ]);
  expect(found.map((one) => [one.waiting.length, isClaimable(one)])).toEqual([
    [1, false],
    [1, false],
  ]);
});

it.each([
  ['ivelmoorhealth.com', 'ivelm'],
  ['old-saltwyn-media.com', 'saltw'],
  ['mail.acme.co.uk', 'acme'],
  ['localhost', ''],
])('a customer of %s is searched by “%s”', (domain, text) => {
  expect(guessedSearch(domain)).toBe(text);
});
