import { afterEach, vi } from 'vitest';

// Only tests that ask for a page (`@vitest-environment jsdom`) pay for one.
if (typeof document !== 'undefined') {
  await import('@testing-library/jest-dom/vitest');
  const { cleanup } = await import('@testing-library/react');
  afterEach(cleanup);

  // jsdom has no media queries; here none of them holds.
  vi.stubGlobal('matchMedia', (media: string) => Object.assign(new EventTarget(), { media, matches: false }));
}
