import { createClient, type Client } from 'graphql-ws';
import { setConnection } from './connection';
import { signOut, token } from './session';

/** Milliseconds between signs of life; an answer that stays out as long means that the connection is dead. */
const HEARTBEAT_MS = 12_000;
/** The longest pause between attempts to connect again. */
const LONGEST_PAUSE_MS = 15_000;
/** An idle socket stays open for so long, so that going from page to page does not reconnect. */
const LINGER_MS = 5_000;

const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;

let wake: (() => void) | null = null;

/** One socket for all subscriptions: it reconnects for ever, at once when the machine wakes up or is back online. */
export function makeSocket(url: string): Client {
  let wasOpen = false;
  let heartbeat: ReturnType<typeof setTimeout> | undefined;
  const socket = createClient({
    url,
    lazy: true,
    lazyCloseTimeout: LINGER_MS,
    keepAlive: HEARTBEAT_MS,
    connectionParams: () => ({ token: token() }),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (problem) => !isRefusal(problem),
    retryWait: (attempt) => pause(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** attempt) * (0.5 + Math.random() / 2)),
    on: {
      connecting: () => setConnection(wasOpen ? 'lost' : 'connecting'),
      connected: () => {
        wasOpen = true;
        setConnection('live');
      },
      ping: (isReceived) => {
        if (!isReceived) heartbeat = setTimeout(() => socket.terminate(), HEARTBEAT_MS);
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(heartbeat);
      },
      closed: (event) => {
        clearTimeout(heartbeat);
        if (isRefusal(event)) signOut('expired');
        const isClean = (event as { code?: number }).code === 1000;
        setConnection(isClean ? 'idle' : 'lost');
        if (isClean) wasOpen = false;
      },
    },
  });
  const again = (): void => wake?.();
  window.addEventListener('online', again);
  // A browser tells at once what a dead socket would only show at its next sign of life.
  window.addEventListener('offline', () => socket.terminate());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') again();
  });
  return socket;
}

/** Wait, but no longer than until the machine is back online or the page is looked at again. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      wake = null;
      resolve();
    }
    wake = done;
  });
}

function isRefusal(problem: unknown): boolean {
  const code = (problem as { code?: number } | null)?.code;
  return code === UNAUTHORIZED || code === FORBIDDEN;
}
