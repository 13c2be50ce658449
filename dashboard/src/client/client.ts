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

/** What is sent as the page goes away must still arrive; a page that is left is not hidden yet. */
let isLeft = false;
// Before those who send what waits.
window.addEventListener('pagehide', () => (isLeft = true), { capture: true });
window.addEventListener('pageshow', () => (isLeft = false));

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
    fetch: (input, init) =>
      fetch(input, { ...init, keepalive: isLeft || document.visibilityState === 'hidden' }),
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
