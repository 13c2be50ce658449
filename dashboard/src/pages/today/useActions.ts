import { useMemo } from 'react';
import { useChange, type Changed } from '../../client';
import {
  CompleteFollowUpDocument,
  DismissRecommendationDocument,
  SnoozeRecommendationDocument,
  StartFollowUpDocument,
  type FollowUpOutcome,
} from '../../gql/graphql';
import { momentIn, toast, undoable, useZone } from '../../parts';
import { OUTCOMES } from './words';
import type { Row } from './toDo';

export interface Actions {
  readonly start: (row: Row) => void;
  readonly complete: (row: Row, outcome: FollowUpOutcome) => void;
  readonly snooze: (row: Row, until: Date) => void;
  readonly dismiss: (row: Row, reason: string) => void;
}

interface List {
  readonly take: (id: string) => void;
  readonly putBack: (row: Row) => void;
  readonly mark: (row: Row) => void;
}

interface Payload {
  readonly userErrors: readonly { readonly message: string }[];
}

/** Whom a recommendation is about, in a sentence. */
export function whom(row: Row): string {
  return row.stakeholder?.name ?? row.address ?? row.customer.name;
}

/** What can be done about a recommendation: shown as done at once, sent when it can no longer be undone. */
export function useActions({ take, putBack, mark }: List): Actions {
  const start = useChange(StartFollowUpDocument);
  const complete = useChange(CompleteFollowUpDocument);
  const snooze = useChange(SnoozeRecommendationDocument);
  const dismiss = useChange(DismissRecommendationDocument);
  const zone = useZone();
  return useMemo(() => {
    const away = (row: Row, text: string, send: () => Promise<Changed<Payload>>): void => {
      take(row.id);
      const undo = (): void => putBack(row);
      undoable({ text, undo, commit: () => void settled(send(), undo) });
    };
    return {
      start: (row) => {
        mark({ ...row, status: 'STARTED' });
        void settled(
          start({ input: { id: row.id } }).then(({ data, failure }) => ({
            data: data?.startFollowUp,
            failure,
          })),
          () => mark(row),
        );
      },
      complete: (row, outcome) => {
        const label = OUTCOMES.find((one) => one.outcome === outcome)?.label.toLowerCase() ?? '';
        away(row, `Completed – ${whom(row)}: ${label}`, () =>
          complete({ input: { id: row.id, outcome } }).then(({ data, failure }) => ({
            data: data?.completeFollowUp,
            failure,
          })),
        );
      },
      snooze: (row, until) =>
        away(row, `Snoozed – ${whom(row)}: until ${momentIn(until, zone)}`, () =>
          snooze({ input: { id: row.id, until: until.toISOString() } }).then(({ data, failure }) => ({
            data: data?.snoozeRecommendation,
            failure,
          })),
        ),
      dismiss: (row, reason) =>
        away(row, `Dismissed – ${whom(row)}`, () =>
          dismiss({ input: { id: row.id, reason } }).then(({ data, failure }) => ({
            data: data?.dismissRecommendation,
            failure,
          })),
        ),
    };
  }, [take, putBack, mark, start, complete, snooze, dismiss, zone]);
}

/** Where the service refuses, the page goes back to how it was, and says why. */
async function settled(sent: Promise<Changed<Payload>>, undo: () => void): Promise<void> {
  const { data, failure } = await sent;
  const problem = failure?.message ?? data?.userErrors[0]?.message;
  if (problem === undefined) return;
  undo();
  toast(`That was not done: ${problem}`, 'bad');
}
