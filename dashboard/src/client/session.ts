import { useSyncExternalStore } from 'react';

/** Who is signed in on this machine: a bearer token, shared by the tabs of this browser. */
export interface Session {
  readonly token: string | null;
  /** Why there is no token any more; null where nobody was signed out against their will. */
  readonly ended: 'expired' | 'refused' | null;
}

const KEY = 'engagement.token';
const FRAGMENT = 'token';

const listeners = new Set<() => void>();
let session: Session = { token: null, ended: null };

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

/**
 * Read the token: from the address (`/#token=…`, which is then removed, so that it is neither shared nor
 * kept in the history), else from what this browser keeps.
 */
export function begin(): void {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get(FRAGMENT)?.trim();
  if (given) {
    localStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  session = { token: localStorage.getItem(KEY), ended: null };
}

export function signIn(token: string): void {
  localStorage.setItem(KEY, token);
  change({ token, ended: null });
}

export function signOut(ended: Session['ended'] = null): void {
  localStorage.removeItem(KEY);
  change({ token: null, ended });
}

/** The token as it is now, for requests. */
export function token(): string | null {
  return session.token;
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
  if (new URLSearchParams(location.hash.slice(1)).has(FRAGMENT)) {
    begin();
    if (session.token !== before) change(session);
  }
});
