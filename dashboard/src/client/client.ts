import type { Client as Socket } from 'graphql-ws';
import { cacheExchange, Client, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { failureOf } from './failure';
import { resuming } from './resuming';
import { authorization, signOut, taken } from './session';
import { makeSocket } from './socket';

/** The service's GraphQL door, where this page came from. */
const PATH = '/graphql';

export interface Connected {
  readonly client: Client;
  close(): void;
}

/** Browsers refuse more than 64 KiB, all together, of what outlives a page. */
const KEPT_BYTES = 48_000;
let keptBytes = 0;

/** What was done must arrive, though the page be left before it was sent whole. */
export async function keptFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const body = init?.body;
  const size = typeof body === 'string' ? new TextEncoder().encode(body).length : Infinity;
  if (keptBytes + size > KEPT_BYTES) return fetch(input, init);
  keptBytes += size;
  try {
    return await fetch(input, { ...init, keepalive: true });
  } finally {
    keptBytes -= size;
  }
}

/** A client for one signed-in person; nothing of it outlives their session. */
export function connect(): Connected {
  const url = new URL(PATH, location.origin);
  const live = new URL(PATH, location.origin);
  live.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket: Socket = makeSocket(live.href);
  const client = new Client({
    url: url.href,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: () => ({ headers: authorization() }),
    exchanges: [
      mapExchange({
        onResult: ({ error }) => {
          if (!error) taken();
        },
        onError: (error) => {
          if (failureOf(error)?.kind === 'signed-out') signOut('expired');
        },
      }),
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (body) => resuming(socket, body),
      }),
    ],
  });
  const close = async (): Promise<void> => {
    try {
      await socket.dispose();
    } catch {
      // It was still being opened, and will not be.
    }
  };
  return { client, close: () => void close() };
}
