// @vitest-environment jsdom
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { CombinedError, Client, Provider, type Exchange, type TypedDocumentNode } from 'urql';
import { filter, map, pipe } from 'wonka';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { usePaged } from './paged';
import { useRead } from './hooks';

interface Answer {
  readonly nodes: readonly number[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

const DOCUMENT = { __meta__: { hash: 'numbers' } } as unknown as TypedDocumentNode<
  Answer,
  { from: number; after?: string | null | undefined }
>;
const REFUSED = new CombinedError({
  graphQLErrors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }],
});
const AWAY = new CombinedError({ networkError: new Error('gone') });

/** What the service answers to the next question. */
let problem: CombinedError | undefined;
let questions = 0;

const service: Exchange = () => (operations) =>
  pipe(
    operations,
    filter(({ kind }) => kind === 'query'),
    map((operation) => {
      questions += 1;
      const { from, after } = operation.variables as { from: number; after?: string | null };
      const first = from + (after == null ? 0 : Number(after));
      const data: Answer = {
        nodes: [first, first + 1],
        pageInfo: { hasNextPage: true, endCursor: String(first + 2 - from) },
      };
      return {
        operation,
        data: problem ? undefined : data,
        error: problem,
        stale: false,
        hasNext: false,
      };
    }),
  );

const client = new Client({ url: '/', exchanges: [service], preferGetMethod: false });

function wrapper({ children }: { readonly children: ReactNode }) {
  return <Provider value={client}>{children}</Provider>;
}

beforeEach(() => {
  problem = undefined;
  // While developing urql looks into a document for its kind; ours are told by their hash alone.
  vi.stubEnv('NODE_ENV', 'production');
});

afterEach(() => vi.unstubAllEnvs());

it('shows on what was read where the service cannot be reached to read it again', async () => {
  const { result } = renderHook(({ from }) => useRead(DOCUMENT, { from }), {
    wrapper,
    initialProps: { from: 1 },
  });
  await waitFor(() => expect(result.current.data?.nodes).toEqual([1, 2]));
  problem = AWAY;
  act(() => result.current.reload());
  await waitFor(() => expect(result.current.failure?.kind).toBe('unavailable'));
  expect(result.current.data?.nodes).toEqual([1, 2]);
});

it('gives the same object while answers say the same, so that nothing is drawn anew', async () => {
  const { result } = renderHook(() => useRead(DOCUMENT, { from: 5 }), { wrapper });
  await waitFor(() => expect(result.current.data?.nodes).toEqual([5, 6]));
  const before = result.current.data;
  const asked = questions;
  act(() => result.current.reload());
  await waitFor(() => expect(questions).toBe(asked + 1));
  expect(result.current.data).toBe(before);
});

it('shows nothing of what it may no longer see', async () => {
  const { result } = renderHook(() => useRead(DOCUMENT, { from: 1 }), { wrapper });
  await waitFor(() => expect(result.current.data?.nodes).toEqual([1, 2]));
  problem = REFUSED;
  act(() => result.current.reload());
  await waitFor(() => expect(result.current.failure?.kind).toBe('no-access'));
  expect(result.current.data).toBeUndefined();
});

it('shows nothing that was read for another question', async () => {
  const { result, rerender } = renderHook(({ from }) => useRead(DOCUMENT, { from }), {
    wrapper,
    initialProps: { from: 1 },
  });
  await waitFor(() => expect(result.current.data?.nodes).toEqual([1, 2]));
  problem = AWAY;
  rerender({ from: 10 });
  await waitFor(() => expect(result.current.failure?.kind).toBe('unavailable'));
  expect(result.current.data).toBeUndefined();
});

it('says why a next page was not read, and reads it when it is asked for again', async () => {
  const { result } = renderHook(() => usePaged(DOCUMENT, { from: 1 }, (answer) => answer), { wrapper });
  await waitFor(() => expect(result.current.rows).toEqual([1, 2]));
  problem = AWAY;
  act(() => result.current.onMore?.());
  await waitFor(() => expect(result.current.problem).toBe('The service cannot be reached now.'));
  expect(result.current.rows).toEqual([1, 2]);
  problem = undefined;
  act(() => result.current.onMore?.());
  await waitFor(() => expect(result.current.rows).toEqual([1, 2, 3, 4]));
  expect(result.current.problem).toBeNull();
});
