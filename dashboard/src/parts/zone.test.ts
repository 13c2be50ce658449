// @vitest-environment jsdom
import { act, renderHook } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { chooseZone, ownZone, useZone } from './zone';

beforeEach(() => chooseZone(null));

it('a zone that is chosen is shown at once, and without one the browser’s', () => {
  const { result } = renderHook(useZone);
  expect(result.current).toBe(ownZone());
  act(() => chooseZone('Asia/Tokyo'));
  expect(result.current).toBe('Asia/Tokyo');
  act(() => chooseZone(null));
  expect(result.current).toBe(ownZone());
});

it('one that is chosen in another tab is shown too', () => {
  const { result } = renderHook(useZone);
  localStorage.setItem('engagement.zone', 'Europe/Lisbon');
  act(() => void window.dispatchEvent(new StorageEvent('storage', { key: 'engagement.zone' })));
  expect(result.current).toBe('Europe/Lisbon');
});

it('a thousand times on a page ask the browser once', () => {
  const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions');
  chooseZone(null);
  for (let index = 0; index < 1_000; index++) renderHook(useZone).unmount();
  expect(asked).toHaveBeenCalledTimes(1);
});
