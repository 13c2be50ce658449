import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useClient, useQuery, type OperationContext, type TypedDocumentNode } from 'urql';
import { subscribe } from 'wonka';
import { keptFetch } from './client';
import { failureOf, type Failure } from './failure';
import { trusted } from './trusted';

export interface Read<Result> {
  /** What was read last; kept while it is read again, and where the service could not be reached for that. */
  readonly data: Result | undefined;
  readonly failure: Failure | null;
  /** Nothing to show yet. */
  readonly isLoading: boolean;
  /** Read from the service, past the cache. */
  readonly reload: () => void;
}

export interface ReadOptions {
  /** Read nothing for now. */
  readonly pause?: boolean;
  /** Type names whose change reads this again, also where the result was empty. */
  readonly about?: readonly string[];
}

interface Held<Result> {
  /** The operation that it is the answer to. */
  readonly of: number | undefined;
  readonly answer: Result;
  /** The same as long as answers say the same, so that nothing is drawn anew. */
  readonly data: Result;
}

function heldOf<Result>(
  answer: Result,
  of: number | undefined,
  before: Held<Result> | undefined,
): Held<Result> {
  const isSame = before?.of === of && JSON.stringify(before?.data) === JSON.stringify(answer);
  return { of, answer, data: isSame && before ? before.data : answer };
}

/** What says nothing of what was read before: that is shown on. */
const PASSING: ReadonlySet<Failure['kind']> = new Set(['offline', 'unavailable', 'broken']);

/** Read a query; the cache answers at once where it can, and the service has the last word. */
export function useRead<Result, Variables extends object>(
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
  { pause = false, about }: ReadOptions = {},
): Read<Result> {
  const names = about?.join() ?? '';
  const context = useMemo<Partial<OperationContext>>(
    () => (names ? { additionalTypenames: names.split(',') } : {}),
    [names],
  );
  const [state, again] = useQuery<Result, Record<string, unknown>>({
    query: trusted(document),
    variables: variables as Record<string, unknown>,
    pause,
    context,
  });
  const reload = useCallback(() => again({ requestPolicy: 'network-only' }), [again]);
  const failure = failureOf(state.error);
  const of = state.operation?.key;
  const [held, setHeld] = useState<Held<Result>>();
  // Where the whole of an answer failed, the specification has it null.
  if (state.data != null && held?.answer !== state.data) setHeld(heldOf(state.data, of, held));
  const isKept = failure !== null && PASSING.has(failure.kind) && held?.of === of;
  const data = state.data != null || isKept ? held?.data : undefined;
  return {
    data,
    failure,
    isLoading: !pause && data === undefined && !state.error,
    reload,
  };
}

export interface Changed<Result> {
  readonly data: Result | undefined;
  readonly failure: Failure | null;
}

/** A mutation: call it with its variables. It never throws; look at `failure`, and at `userErrors` in the data. */
export function useChange<Result, Variables extends object>(
  document: TypedDocumentNode<Result, Variables>,
): (variables: Variables) => Promise<Changed<Result>> {
  const client = useClient();
  return useCallback(
    async (variables) => {
      const result = await client
        .mutation(trusted(document), variables as Record<string, unknown>, { fetch: keptFetch })
        .toPromise();
      return { data: result.data ?? undefined, failure: failureOf(result.error) };
    },
    [client, document],
  );
}

/** A query asked by an event of the page, e.g. the next page of a list. It never throws. */
export function useAsk<Result, Variables extends object>(
  document: TypedDocumentNode<Result, Variables>,
): (variables: Variables) => Promise<Changed<Result>> {
  const client = useClient();
  return useCallback(
    async (variables) => {
      const context = { requestPolicy: 'network-only' } as const;
      const result = await client
        .query(trusted(document), variables as Record<string, unknown>, context)
        .toPromise();
      return { data: result.data ?? undefined, failure: failureOf(result.error) };
    },
    [client, document],
  );
}

/**
 * Read a query once, from the service, and again only by `reload` or with other variables: what a live page
 * begins with. Whatever changes afterwards comes by `useLive`, so nothing else replaces what the page shows.
 */
export function useSnapshot<Result, Variables extends object>(
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
): Read<Result> {
  const ask = useAsk(document);
  const asked = JSON.stringify(variables);
  const [found, setFound] = useState<{ of: string } & Changed<Result>>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isWanted = true;
    void ask(JSON.parse(asked) as Variables).then((result) => {
      if (isWanted) setFound({ of: asked, ...result });
    });
    return () => {
      isWanted = false;
    };
  }, [ask, asked, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const isCurrent = found?.of === asked;
  return {
    data: isCurrent ? found.data : undefined,
    failure: isCurrent ? found.failure : null,
    isLoading: !isCurrent,
    reload,
  };
}

interface LiveOptions<Result> {
  readonly onUpdate: (result: Result) => void;
  /** The cursor is too old, or something refused the subscription: read the page's snapshot again. */
  readonly onFailure?: (failure: Failure) => void;
  readonly pause?: boolean;
}

/**
 * Listen. Every update reaches `onUpdate`, in order. A subscription with `$after` that selects `cursor` goes on
 * where it stopped after a lost connection; begin it with the cursor of what the page has read.
 */
export function useLive<Result, Variables extends object>(
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
  { onUpdate, onFailure, pause = false }: LiveOptions<Result>,
): void {
  const client = useClient();
  const latest = useRef({ onUpdate, onFailure });
  useEffect(() => {
    latest.current = { onUpdate, onFailure };
  });
  const asked = JSON.stringify(variables);
  useEffect(() => {
    if (pause) return undefined;
    const sent = trusted(document);
    const results = client.subscription(sent, JSON.parse(asked) as Record<string, unknown>);
    const listening = subscribe<{ data?: Result | undefined; error?: Parameters<typeof failureOf>[0] }>(
      (result) => {
        const failure = failureOf(result.error);
        if (failure) latest.current.onFailure?.(failure);
        else if (result.data) latest.current.onUpdate(result.data);
      },
    )(results);
    return () => listening.unsubscribe();
  }, [client, document, asked, pause]);
}
