import type { Client as Socket, ExecutionResult, Sink, SubscribePayload } from 'graphql-ws';
import type { FetchBody } from '@urql/core/internal';
import type { subscriptionExchange } from 'urql';

type Forward = Parameters<typeof subscriptionExchange>[0]['forwardSubscription'];

/**
 * A subscription that goes on where it stopped. After every update the payload's `after` becomes the update's
 * `cursor`, and the socket sends the payload as it then is when it connects again: nothing is missed, nothing
 * comes twice, however long the laptop slept. Holds for every subscription that declares `$after` and selects
 * `cursor`.
 */
export function resuming(
  socket: Pick<Socket, 'subscribe'>,
  body: Pick<FetchBody, 'documentId' | 'variables'>,
): ReturnType<Forward> {
  return {
    subscribe: (sink) => {
      const variables = { ...(body.variables as Record<string, unknown> | undefined) };
      const payload: SubscribePayload = { query: body.documentId ?? '', variables };
      const receive: Sink<ExecutionResult> = {
        next: (result) => {
          const cursor = cursorOf(result.data);
          if (cursor !== null) variables.after = cursor;
          sink.next(result);
        },
        error: (problem) => sink.error(problem),
        complete: () => sink.complete(),
      };
      return { unsubscribe: socket.subscribe(payload, receive) };
    },
  };
}

/** The cursor of an update: that of its only root field; null where it has none. */
export function cursorOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null) return null;
  for (const root of Object.values(data)) {
    const cursor = (root as { cursor?: unknown } | null)?.cursor;
    if (typeof cursor === 'string') return cursor;
  }
  return null;
}
