// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { Day, Time } from './Time';
import { chooseZone } from './zone';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z'), toFake: ['Date'] });
  return () => vi.useRealTimers();
});

function shown(at: string): string {
  const { container } = render(<Time at={at} as="ago" />);
  return container.textContent;
}

it('tells how long it is until what lies ahead', () => {
  expect(shown('2026-11-22T15:00:00Z')).toBe('in 3 h');
  expect(shown('2026-11-24T12:00:00Z')).toBe('in 2 days');
});

it('takes what a clock half a minute late thinks is ahead for now', () => {
  expect(shown('2026-11-22T12:00:29Z')).toBe('just now');
  expect(shown('2026-11-22T11:58:00Z')).toBe('2 min ago');
});

it('shows a day of the calendar as the same day west and east of Greenwich', () => {
  for (const zone of ['America/Los_Angeles', 'Pacific/Auckland']) {
    chooseZone(zone);
    const { unmount } = render(<Day on="2026-12-01T00:00:00Z" />);
    expect(screen.getByText('Tue 1 Dec')).toHaveAttribute('datetime', '2026-12-01');
    unmount();
  }
  chooseZone(null);
});
