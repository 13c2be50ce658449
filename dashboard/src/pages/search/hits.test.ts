import { expect, it } from 'vitest';
import type { SearchQuery } from '../../gql/graphql';
import { grouped } from './hits';

const NOTHING = { customers: { nodes: [] }, stakeholders: { nodes: [] }, campaigns: { nodes: [] } };

it('what was found stands by kind, people at their customer', () => {
  const found = {
    ...NOTHING,
    stakeholders: {
      nodes: [
        {
          id: 's',
          name: null,
          title: 'CFO',
          addresses: ['a@acme.example'],
          customer: { id: 'c', name: 'Acme' },
        },
      ],
    },
    campaigns: { nodes: [{ id: 'k', name: 'Spring', subject: 'Spring' }] },
  } as unknown as SearchQuery;
  expect(grouped(found)).toEqual([
    {
      id: 'People',
      hits: [{ id: 's', name: 'a@acme.example', note: 'CFO, Acme', path: '/customers/c?stakeholder=s' }],
    },
    { id: 'Campaigns', hits: [{ id: 'k', name: 'Spring', note: '', path: '/campaigns/k' }] },
  ]);
});

it('nothing found is nothing', () => {
  expect(grouped(NOTHING as unknown as SearchQuery)).toEqual([]);
});
