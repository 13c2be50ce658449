import { lazy, Suspense, useEffect, useState } from 'react';
import { Button } from '../parts';

const load = () => import('../pages/search/SearchDialog');
const SearchDialog = lazy(load);

/** The page has the network to itself for so long; then the dialog is fetched, so that it opens at once. */
const AHEAD_MS = 1_500;

/** Opens the search: pressed, or by `/` or Ctrl+K (⌘K) from anywhere. */
export function SearchButton() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    // Fetched ahead or not, it opens: what goes wrong here is told then.
    const timer = setTimeout(() => void load().catch(() => undefined), AHEAD_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (!isSearchKey(event)) return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  return (
    <>
      <Button isSmall onPress={() => setOpen(true)} aria-keyshortcuts="/ Control+K Meta+K">
        Search <kbd>/</kbd>
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <SearchDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Ctrl+K or ⌘K anywhere; `/` where nobody is typing. */
export function isSearchKey(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>,
): boolean {
  if (event.key.toLowerCase() === 'k') return (event.ctrlKey || event.metaKey) && !event.altKey;
  return event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
}

/** Whether keys go into a text. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}
