import { useSyncExternalStore } from 'react';

/** Who is signed in on this machine, shared by the tabs of this browser. */
export interface Session {
  /** A bearer token; `COOKIE` in its place where the identity provider was asked. */
  readonly token: string | null;
  /** Why there is no token any more; null where nobody was signed out against their will. */
  readonly ended: 'expired' | 'refused' | null;
}

const KEY = 'engagement.token';
const FRAGMENT = 'token';
const SIGNED_IN = '#signed-in';

/** What is kept in place of a token where the session is a cookie, which the browser sends and no script reads. */
export const COOKIE = 'cookie';

const listeners = new Set<() => void>();
let session: Session = { token: null, ended: null };
/** Whether the service has taken the token; one that was only given may be wrong. */
let isTaken = true;

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

/** What an address signs in with: the token of `/#token=…`, or the cookie that the service has just set. */
export function givenIn(hash: string): string | null {
  if (hash === SIGNED_IN) return COOKIE;
  const given = new URLSearchParams(hash.slice(1)).get(FRAGMENT)?.trim();
  return given === '' ? null : (given ?? null);
}

/**
 * Read the token: from the address (it is then removed, so that it is neither shared nor kept in the history),
 * else from what this browser keeps.
 */
export function begin(): void {
  const given = givenIn(location.hash);
  if (given) {
    isTaken = false;
    localStorage.setItem(KEY, given);
    // What the router keeps there of its place in the history stays.
    history.replaceState(history.state, '', location.pathname + location.search);
  }
  session = { token: localStorage.getItem(KEY), ended: null };
}

export function signIn(token: string): void {
  isTaken = false;
  localStorage.setItem(KEY, token);
  change({ token, ended: null });
}

/** The service answers with the token as it is. */
export function taken(): void {
  isTaken = true;
}

/** `expired` is told apart here: what was never taken is `refused`. */
export function signOut(ended: 'expired' | null = null): void {
  const why = ended === 'expired' && !isTaken ? 'refused' : ended;
  if (session.token === COOKIE) endCookie();
  localStorage.removeItem(KEY);
  change({ token: null, ended: why });
}

/** Where the service cannot be reached now, its cookie ends by itself, and nothing here asks with it. */
function endCookie(): void {
  void fetch('/auth/sign-out', { method: 'POST', keepalive: true }).catch(() => undefined);
}

/** The bearer token as it is now, for requests; null where there is none, or a cookie goes with them. */
export function token(): string | null {
  return session.token === COOKIE ? null : session.token;
}

/** The headers that tell who asks. */
export function authorization(): Record<string, string> {
  const bearer = token();
  return bearer === null ? {} : { authorization: `Bearer ${bearer}` };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, () => session);
}

/** Signed out in one tab is signed out in all; a link opened in one signs all of them in. */
window.addEventListener('storage', (event) => {
  if (event.key === KEY && event.newValue !== session.token) change({ token: event.newValue, ended: null });
});
window.addEventListener('hashchange', () => {
  const before = session.token;
  if (givenIn(location.hash) !== null) {
    begin();
    if (session.token !== before) change(session);
  }
});
