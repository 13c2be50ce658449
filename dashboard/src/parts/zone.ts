import { useSyncExternalStore } from 'react';

const KEY = 'engagement.zone';
const listeners = new Set<() => void>();

/** The zone that this browser is in. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** The zone chosen in the settings; null follows the browser. */
export function chosenZone(): string | null {
  return localStorage.getItem(KEY);
}

export function chooseZone(zone: string | null): void {
  if (zone === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, zone);
  lookAgain();
}

// Every time on a page asks for it with every drawing, and finding it out takes a while: it is kept.
let shown: string | null = null;

function shownZone(): string {
  shown ??= chosenZone() ?? ownZone();
  return shown;
}

function lookAgain(): void {
  shown = null;
  for (const listener of listeners) listener();
}

if (typeof window !== 'undefined') {
  // Chosen in another tab, or the laptop has travelled.
  window.addEventListener('storage', lookAgain);
  window.addEventListener('focus', lookAgain);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The zone that all times are shown in. */
export function useZone(): string {
  return useSyncExternalStore(subscribe, shownZone);
}
