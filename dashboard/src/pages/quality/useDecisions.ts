import { useCallback, useEffect, useRef, useState } from 'react';
import { useChange, type Failure } from '../../client';
import { QualityConfirmDocument, QualityRejectDocument } from '../../gql/graphql';
import { plural, toast, undoable } from '../../parts';
import type { Case, Proposal } from './review';

interface Decisions {
  /** Keys of cases that are decided, as far as the page shows. */
  readonly hidden: ReadonlySet<string>;
  readonly confirm: (of: Case, customer: Proposal, isDomainTheirs: boolean) => void;
  readonly reject: (of: Case) => void;
}

interface Answer {
  readonly failure: Failure | null;
  readonly userErrors: readonly { readonly message: string }[];
}

/** Other addresses of a claimed domain are matched by the worker, a moment later. */
const FOLLOW_MS = 2_500;

/** Decisions about cases: gone at once, sent when they can no longer be undone. */
export function useDecisions(onDecided: () => void): Decisions {
  const sendConfirm = useChange(QualityConfirmDocument);
  const sendReject = useChange(QualityRejectDocument);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const decided = useRef(onDecided);
  useEffect(() => {
    decided.current = onDecided;
  });

  const decide = useCallback((of: Case, text: string, send: (id: string) => Promise<Answer>) => {
    const show = (isHidden: boolean): void =>
      setHidden((before) => {
        const next = new Set(before);
        if (isHidden) next.add(of.key);
        else next.delete(of.key);
        return next;
      });
    show(true);
    const commit = async (): Promise<void> => {
      const problem = await all(of, send);
      if (problem !== null) {
        show(false);
        toast(`That was not done: ${problem}`, 'bad');
      }
      decided.current();
      setTimeout(() => decided.current(), FOLLOW_MS);
    };
    undoable({ text, commit: () => void commit(), undo: () => show(false) });
  }, []);

  return {
    hidden,
    confirm: (of, customer, isDomainTheirs) =>
      decide(of, `${isDomainTheirs ? of.domain : addresses(of)}: ${customer.name}`, async (recipientId) => {
        const input = { recipientId, customerId: customer.id, domainIsTheirs: isDomainTheirs };
        const { data, failure } = await sendConfirm({ input });
        return { failure, userErrors: data?.confirmMatch.userErrors ?? [] };
      }),
    reject: (of) => {
      const customer = of.proposal;
      if (!customer) return;
      decide(of, `${addresses(of)}: not ${customer.name}`, async (recipientId) => {
        const { data, failure } = await sendReject({ input: { recipientId, customerId: customer.id } });
        return { failure, userErrors: data?.rejectMatch.userErrors ?? [] };
      });
    },
  };
}

function addresses({ waiting }: Case): string {
  const [first] = waiting;
  if (waiting.length === 1 && first) return first.address;
  return `${waiting.length} ${plural(waiting.length, 'address', 'addresses')}`;
}

/** One after the other, so that the first refusal ends it; its words, or null. */
async function all(of: Case, send: (id: string) => Promise<Answer>): Promise<string | null> {
  for (const { id } of of.waiting) {
    const { failure, userErrors } = await send(id);
    const problem = failure?.message ?? userErrors[0]?.message;
    if (problem !== undefined) return problem;
  }
  return null;
}
