import type { CustomerFilter, CustomerOrder, Level } from '../../gql/graphql';

/** A way to look at the customers: an order, and who is in it. */
export interface Ranking {
  readonly id: string;
  readonly label: string;
  readonly orderBy: CustomerOrder;
  /** Whom it leaves out, beside what is searched for. */
  readonly filter: { readonly levels?: Level[]; readonly dark?: true };
  /** Who is listed, in the page's lead. */
  readonly lead: string;
}

const MOST_ENGAGED: Ranking = {
  id: 'engaged',
  label: 'Most engaged first',
  orderBy: 'MOST_ENGAGED',
  filter: {},
  lead: 'the highest score first',
};

export const RANKINGS: readonly Ranking[] = [
  MOST_ENGAGED,
  {
    id: 'cooling',
    label: 'Cooling: engaged, silent longest',
    orderBy: 'LAST_ENGAGED_AT',
    filter: { levels: ['HIGH', 'MEDIUM'] },
    lead: 'of high or medium score, silent for longest first',
  },
  {
    id: 'dark',
    label: 'Gone dark',
    orderBy: 'DARK_AT',
    filter: { dark: true },
    lead: 'of whom nobody has done anything for 60 days though mail arrived',
  },
  {
    id: 'renewing',
    label: 'Renewing soonest',
    orderBy: 'RENEWS_ON',
    filter: {},
    lead: 'renewing soonest first',
  },
  { id: 'name', label: 'By name', orderBy: 'NAME', filter: {}, lead: 'by name' },
  {
    id: 'new',
    label: 'Newest first',
    orderBy: 'CREATED_AT_DESC',
    filter: {},
    lead: 'known for the shortest time first',
  },
];

/** The ranking of that id; the first where there is none. */
export function rankingOf(id: string | null): Ranking {
  return RANKINGS.find((ranking) => ranking.id === id) ?? MOST_ENGAGED;
}

/** What the service is asked for. Searches are cut at the 200 characters it takes. */
export function filterOf(ranking: Ranking, search: string): CustomerFilter {
  const text = search.trim().slice(0, 200);
  return { ...ranking.filter, ...(text ? { search: text } : {}) };
}
