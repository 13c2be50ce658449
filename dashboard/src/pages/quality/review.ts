import type { QualityWaitingFragment, UnmatchedReason } from '../../gql/graphql';
import type { Tone } from '../../parts';

export type Waiting = QualityWaitingFragment;

/** A customer that an address may be of. */
export interface Proposal {
  readonly id: string;
  readonly name: string;
}

/** Addresses of one domain that wait for the same answer. */
export interface Case {
  readonly key: string;
  readonly domain: string;
  /** `PROPOSED`: the domain is a customer's, the person is not known there. */
  readonly why: UnmatchedReason | 'PROPOSED';
  /** Null where nobody is proposed. */
  readonly proposal: Proposal | null;
  readonly waiting: readonly Waiting[];
}

/** What the queue asks, in words and with the tone of it. */
export const WHY: Readonly<Record<Case['why'], readonly [string, Tone]>> = {
  PROPOSED: ['their domain, a new person', 'act'],
  UNKNOWN_DOMAIN: ['nobody’s domain', 'warn'],
  AMBIGUOUS: ['several customers’ domain', 'warn'],
  FREEMAIL: ['free mail', 'plain'],
  INTERNAL: ['our own', 'plain'],
  ERASED: ['erased', 'plain'],
};

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/**
 * One case for each domain and question, in the order in which they wait. Free mail says nothing about who is
 * behind an address: there each is a case of its own.
 */
export function cases(waiting: readonly Waiting[]): readonly Case[] {
  const found = new Map<string, Case>();
  for (const one of waiting) {
    const proposed = one.matches.find(({ method }) => method === 'DOMAIN')?.customer ?? null;
    const why = one.unmatchedReason ?? 'PROPOSED';
    const domain = domainOf(one.address);
    const of = why === 'FREEMAIL' ? one.address : domain;
    const key = `${of} ${why} ${proposed?.id ?? ''}`;
    const before = found.get(key)?.waiting ?? [];
    found.set(key, { key, domain, why, proposal: proposed, waiting: [...before, one] });
  }
  return [...found.values()];
}

/** Letters of a domain that most likely begin its owner's name: `mail.ivelmoor-health.co.uk` → `ivelm`. */
export function guessedSearch(domain: string): string {
  const labels = domain.split('.').slice(0, -1);
  const longest = labels.reduce((best, label) => (label.length >= best.length ? label : best), '');
  const words = longest.split('-');
  const word = words.find((one) => one.length >= LETTERS) ?? words[0] ?? '';
  return word.slice(0, LETTERS);
}

const LETTERS = 5;

/** Whether a whole domain may be claimed for a customer. */
export function isClaimable(one: Case): boolean {
  return one.why === 'UNKNOWN_DOMAIN' || one.why === 'AMBIGUOUS';
}
