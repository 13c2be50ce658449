import { useSyncExternalStore } from 'react';

export type Preference = 'system' | 'light' | 'dark';
export type Theme = 'light' | 'dark';

const KEY = 'engagement.theme';
const listeners = new Set<() => void>();
const dark = matchMedia('(prefers-color-scheme: dark)');

/** What was chosen in this browser; `system` follows it. */
export function preference(): Preference {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function theme(): Theme {
  const chosen = preference();
  if (chosen !== 'system') return chosen;
  return dark.matches ? 'dark' : 'light';
}

export function prefer(next: Preference): void {
  if (next === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, next);
  apply();
}

/** Put the theme onto the page; before the first paint, and whenever it changes. */
export function apply(): void {
  document.documentElement.dataset.theme = theme();
  for (const listener of listeners) listener();
}

dark.addEventListener('change', apply);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, theme);
}

export function usePreference(): Preference {
  return useSyncExternalStore(subscribe, preference);
}
