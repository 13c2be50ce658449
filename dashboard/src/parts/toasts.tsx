import { useSyncExternalStore } from 'react';
import { Button } from './Button';
import styles from './toasts.module.css';

/** How long an action can be undone, milliseconds. */
export const UNDO_MS = 5_000;
const STAY_MS = 6_000;

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'bad';
  readonly undo?: () => void;
}

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function show(toast: Omit<Toast, 'id'>, milliseconds: number): number {
  const id = ++lastId;
  change([...toasts.slice(-2), { ...toast, id }]);
  setTimeout(() => hide(id), milliseconds);
  return id;
}

function hide(id: number): void {
  change(toasts.filter((toast) => toast.id !== id));
}

/** Say something that needs no answer. */
export function toast(text: string, tone: Toast['tone'] = 'plain'): void {
  show({ text, tone }, STAY_MS);
}

interface Undoable {
  /** What was done, in the past tense: “Completed: conversation with Ada Lovelace”. */
  readonly text: string;
  /** Do it for good. Called after UNDO_MS, or at once when the page goes away. */
  readonly commit: () => void;
  /** The page shows it as done already: take that back. */
  readonly undo: () => void;
}

const pending = new Map<number, () => void>();

/**
 * The page shows an action as done at once; it is sent when the time to undo it has passed. Whatever still waits
 * is sent when the page is left.
 */
export function undoable({ text, commit, undo }: Undoable): void {
  let isOver = false;
  const settle = (how: () => void): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    pending.delete(id);
    hide(id);
    how();
  };
  const timer = setTimeout(() => settle(commit), UNDO_MS);
  const id = show({ text, tone: 'plain', undo: () => settle(undo) }, UNDO_MS);
  pending.set(id, () => settle(commit));
}

/** Send what waits. */
export function commitPending(): void {
  for (const commit of [...pending.values()]) commit();
}

window.addEventListener('pagehide', commitPending);

function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}

/** Where toasts stand: once, in the shell. */
export function Toasts() {
  return (
    <div className={styles.place} role="status" aria-live="polite">
      {useToasts().map((shown) => (
        <div key={shown.id} className={`${styles.toast ?? ''} ${styles[shown.tone] ?? ''}`}>
          <span>{shown.text}</span>
          {shown.undo && (
            <Button look="quiet" isSmall onPress={shown.undo}>
              Undo
            </Button>
          )}
        </div>
      ))}
    </div>
  );
}
