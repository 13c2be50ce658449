import { useSyncExternalStore } from 'react';

/**
 * How the live connection stands: `idle` where nothing live is shown, `live`, `connecting` for the first
 * time, `lost` while it is tried again.
 */
export type Connection = 'idle' | 'connecting' | 'live' | 'lost';

const listeners = new Set<() => void>();
let connection: Connection = 'idle';

export function setConnection(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const listener of listeners) listener();
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );
}
