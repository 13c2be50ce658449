import type { SearchQuery } from '../../gql/graphql';

/** Something found, and where it is. */
export interface Hit {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly path: string;
}

export interface Group {
  readonly id: string;
  readonly hits: readonly Hit[];
}

/** What was found, by kind; kinds without anything are left out. */
export function grouped(found: SearchQuery): Group[] {
  const customers = found.customers.nodes.map(({ id, name, segment }) => ({
    id,
    name,
    note: segment ?? '',
    path: `/customers/${id}`,
  }));
  const stakeholders = found.stakeholders.nodes.map(({ id, name, title, addresses, customer }) => ({
    id,
    name: name ?? addresses[0] ?? 'Somebody',
    note: [title, customer.name].filter(Boolean).join(', '),
    path: `/customers/${customer.id}?stakeholder=${id}`,
  }));
  const campaigns = found.campaigns.nodes.map(({ id, name, subject }) => ({
    id,
    name,
    note: subject === name ? '' : (subject ?? ''),
    path: `/campaigns/${id}`,
  }));
  return [
    { id: 'Customers', hits: customers },
    { id: 'People', hits: stakeholders },
    { id: 'Campaigns', hits: campaigns },
  ].filter((group) => group.hits.length > 0);
}
