// @vitest-environment jsdom
import { renderHook } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { useThrottled } from './useThrottled';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

it('acts a moment after the first of many, and under a steady stream at most once in a while', () => {
  const act = vi.fn();
  const { result } = renderHook(() => useThrottled(act, 30_000));
  for (let second = 0; second < 91; second++) {
    result.current();
    vi.advanceTimersByTime(1_000);
    if (second === 1) expect(act).toHaveBeenCalledTimes(1);
  }
  expect(act).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(300_000);
  expect(act).toHaveBeenCalledTimes(4);
});

it('does what is to be done by then, and nothing once its part of the page is gone', () => {
  const [early, late] = [vi.fn(), vi.fn()];
  const { result, rerender, unmount } = renderHook(({ act }) => useThrottled(act, 5_000), {
    initialProps: { act: early },
  });
  result.current();
  rerender({ act: late });
  vi.advanceTimersByTime(2_000);
  expect(early).not.toHaveBeenCalled();
  expect(late).toHaveBeenCalledTimes(1);
  result.current();
  unmount();
  vi.advanceTimersByTime(60_000);
  expect(late).toHaveBeenCalledTimes(1);
});
