// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import { act, renderHook } from '@testing-library/react';
import { authorization, begin, COOKIE, givenIn, signIn, signOut, taken, token, useSession } from './session';

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, '', '/');
});

it.each([
  ['#token=ce_abc', 'ce_abc'],
  ['#token=%20', null],
  ['#signed-in', COOKIE],
  ['#signed-in-not', null],
  ['', null],
])('the address with %j signs in with %j', (hash, given) => {
  expect(givenIn(hash)).toBe(given);
});

it('a token is sent with every request and leaves the address', () => {
  history.replaceState({ idx: 0 }, '', '/customers?x=1#token=ce_abc');
  begin();
  expect(history.state).toEqual({ idx: 0 });
  expect(location.href).toMatch(/\/customers\?x=1$/);
  expect(token()).toBe('ce_abc');
  expect(authorization()).toEqual({ authorization: 'Bearer ce_abc' });
});

it('a cookie speaks for itself: no header is sent, and signing out ends it at the service', () => {
  const asked = vi.fn(() => Promise.resolve(new Response(null, { status: 204 })));
  vi.stubGlobal('fetch', asked);
  history.replaceState(null, '', '/#signed-in');
  begin();
  expect(token()).toBeNull();
  expect(authorization()).toEqual({});
  signOut();
  expect(asked).toHaveBeenCalledWith('/auth/sign-out', { method: 'POST', keepalive: true });
  expect(localStorage.length).toBe(0);
});

it('signing out with a token asks the service nothing', () => {
  const asked = vi.fn();
  vi.stubGlobal('fetch', asked);
  signIn('ce_abc');
  signOut();
  expect(asked).not.toHaveBeenCalled();
  expect(authorization()).toEqual({});
});

it('a token that was never taken is told apart from one that has ended', () => {
  const { result } = renderHook(() => useSession().ended);
  act(() => signIn('ce_wrong'));
  act(() => signOut('expired'));
  expect(result.current).toBe('refused');
  act(() => signIn('ce_abc'));
  taken();
  act(() => signOut('expired'));
  expect(result.current).toBe('expired');
});
