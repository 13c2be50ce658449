// @vitest-environment jsdom
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { signIn } from '../client';
import { COOKIE } from '../client/session';
import { Export } from './Export';

const asked = vi.fn<typeof fetch>();
let saved: HTMLAnchorElement[] = [];

beforeEach(() => {
  saved = [];
  vi.stubGlobal('fetch', asked);
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:table', revokeObjectURL: vi.fn() }));
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this);
  });
});

afterEach(() => asked.mockReset());

async function exported(): Promise<Headers> {
  asked.mockResolvedValue(
    new Response('a,b', { headers: { 'content-disposition': 'attachment; filename="types.csv"' } }),
  );
  render(<Export path="/api/performance/types.csv?search=a" of="types" />);
  await userEvent.click(screen.getByRole('button', { name: 'Export CSV of types' }));
  await waitFor(() => expect(saved).toHaveLength(1));
  expect(asked.mock.calls[0]?.[0]).toBe('/api/performance/types.csv?search=a');
  return new Headers(asked.mock.calls[0]?.[1]?.headers);
}

it('a table is asked for with the token and saved under the name that the service gives', async () => {
  signIn('ce_abc');
  expect((await exported()).get('authorization')).toBe('Bearer ce_abc');
  expect(saved[0]?.download).toBe('types.csv');
});

it('a session that is a cookie needs no header', async () => {
  signIn(COOKIE);
  expect((await exported()).has('authorization')).toBe(false);
});
