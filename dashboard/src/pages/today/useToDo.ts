import { useCallback, useState } from 'react';
import { useAsk, useLive, useSnapshot, type Failure } from '../../client';
import {
  RecommendationChangedDocument,
  TodayDocument,
  TodayMoreDocument,
  type TodayQuery,
} from '../../gql/graphql';
import { changed, extended, merged, restored, without, type Row, type ToDo } from './toDo';

/** Recommendations read at once. */
const PAGE_ROWS = 40;

export interface LiveToDo {
  /** Null before it was read. */
  readonly toDo: ToDo | null;
  readonly failure: Failure | null;
  readonly reload: () => void;
  /** Null where all were read. */
  readonly more: (() => void) | null;
  readonly isReading: boolean;
  /** Show those that came in live. */
  readonly showWaiting: () => void;
  /** Take one off the list, as done; `putBack` undoes that. */
  readonly take: (id: string) => void;
  readonly putBack: (row: Row) => void;
  /** Show one as it will be. */
  readonly mark: (row: Row) => void;
}

function begun({ recommendations: { nodes, totalCount, pageInfo } }: TodayQuery): ToDo {
  const next = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null;
  return { rows: nodes, total: totalCount, next, waiting: [] };
}

/** What a CSM (null: whoever the viewer sees) is to do, kept up to date. */
export function useToDo(csmId: string | null): LiveToDo {
  const read = useSnapshot(TodayDocument, { csmId, first: PAGE_ROWS });
  const ask = useAsk(TodayMoreDocument);
  const [held, setHeld] = useState<{ of: TodayQuery; toDo: ToDo }>();
  const [isReading, setReading] = useState(false);
  const data = read.data;
  if (data && held?.of !== data) setHeld({ of: data, toDo: begun(data) });
  const toDo = data && held?.of === data ? held.toDo : null;

  const edit = useCallback(
    (how: (before: ToDo) => ToDo) => setHeld((before) => before && { ...before, toDo: how(before.toDo) }),
    [],
  );
  useLive(
    RecommendationChangedDocument,
    { csmId, after: data?.viewer.recommendationCursor ?? null },
    {
      pause: !data,
      onUpdate: ({ recommendationChanged }) =>
        edit((before) => changed(before, recommendationChanged.recommendation)),
      onFailure: ({ kind }) => {
        if (kind === 'cursor-expired') read.reload();
      },
    },
  );

  const next = toDo?.next ?? null;
  const more = useCallback(async () => {
    setReading(true);
    const { data: page } = await ask({ csmId, first: PAGE_ROWS, after: next });
    setReading(false);
    if (!page) return;
    const { nodes, pageInfo } = page.recommendations;
    edit((before) => extended(before, nodes, pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null));
  }, [ask, csmId, next, edit]);

  return {
    toDo,
    failure: read.failure,
    reload: read.reload,
    more: next === null ? null : () => void more(),
    isReading,
    showWaiting: useCallback(() => edit(merged), [edit]),
    take: useCallback((id) => edit((before) => without(before, id)), [edit]),
    mark: useCallback((row) => edit((before) => changed(before, row)), [edit]),
    putBack: useCallback((row) => edit((before) => restored(before, row)), [edit]),
  };
}
