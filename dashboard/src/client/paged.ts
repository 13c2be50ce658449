import { useState } from 'react';
import type { TypedDocumentNode } from 'urql';
import { useAsk, useRead, type Read, type ReadOptions } from './hooks';

interface Connection<Row> {
  readonly nodes: readonly Row[];
  readonly totalCount?: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

export interface Paged<Result, Row> {
  readonly read: Read<Result>;
  /** Those of all pages that were read. */
  readonly rows: readonly Row[];
  /** Rows in all, where the query counts them. */
  readonly total: number | undefined;
  /** Reads the next page; null where there is none. */
  readonly onMore: (() => void) | null;
  readonly isReading: boolean;
  /** Why the next page was not read, in words; null where it was, or nobody asked for it yet. */
  readonly problem: string | null;
}

/** A list that is read page by page: the first as any query, the others when they are asked for. */
export function usePaged<Result, Variables extends object, Row>(
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
  connectionOf: (result: Result) => Connection<Row> | null | undefined,
  options: ReadOptions = {},
): Paged<Result, Row> {
  const read = useRead(document, variables, options);
  const ask = useAsk(document);
  const first = read.data === undefined ? null : connectionOf(read.data);
  // What follows a page belongs to that page alone.
  const of = JSON.stringify([variables, first?.pageInfo.endCursor]);
  const [more, setMore] = useState<{ of: string; rows: readonly Row[]; page: Connection<Row>['pageInfo'] }>();
  const [reading, setReading] = useState<string>();
  const [failed, setFailed] = useState<{ of: string; why: string }>();
  const known = more?.of === of ? more : null;
  const page = known?.page ?? first?.pageInfo;
  const after = page?.endCursor;
  const next = async (): Promise<void> => {
    setReading(of);
    setFailed(undefined);
    const { data, failure } = await ask({ ...variables, after });
    const found = data === undefined ? null : connectionOf(data);
    setReading((before) => (before === of ? undefined : before));
    if (found) setMore({ of, rows: [...(known?.rows ?? []), ...found.nodes], page: found.pageInfo });
    else setFailed({ of, why: failure?.message ?? 'It is no longer there.' });
  };
  return {
    read,
    rows: [...(first?.nodes ?? []), ...(known?.rows ?? [])],
    total: first?.totalCount,
    onMore: page?.hasNextPage === true ? () => void next() : null,
    isReading: reading === of,
    problem: failed?.of === of ? failed.why : null,
  };
}
