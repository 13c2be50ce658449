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
  for (const listener of listeners) listener();
}

/** The zone that all times are shown in. */
export function useZone(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => chosenZone() ?? ownZone(),
  );
}
