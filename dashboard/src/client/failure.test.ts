// @vitest-environment jsdom
import { CombinedError } from 'urql';
import { describe, expect, it, vi } from 'vitest';
import { failureOf } from './failure';

function refused(code: string): CombinedError {
  return new CombinedError({ graphQLErrors: [{ message: 'said', extensions: { code } }] });
}

describe('a failure', () => {
  it.each([
    ['UNAUTHENTICATED', 'signed-out'],
    ['FORBIDDEN', 'no-access'],
    ['NOT_FOUND', 'not-found'],
    ['CURSOR_EXPIRED', 'cursor-expired'],
    ['PERSISTED_QUERY_NOT_FOUND', 'outdated'],
    ['INTERNAL_ERROR', 'broken'],
    ['INVALID_FIRST', 'refused'],
  ])('%s is told as %s', (code, kind) => {
    expect(failureOf(refused(code))).toEqual({ kind, message: 'said' });
  });

  it('of the network tells whether it is ours or theirs', () => {
    const error = new CombinedError({ networkError: new TypeError('Failed to fetch') });
    expect(failureOf(error)?.kind).toBe('unavailable');
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    expect(failureOf(error)?.kind).toBe('offline');
  });

  it('names the part of the input that it is about', () => {
    const extensions = { code: 'INVALID_CONDITION', field: ['condition', 'all'] };
    const error = new CombinedError({ graphQLErrors: [{ message: 'said', extensions }] });
    expect(failureOf(error)).toEqual({ kind: 'refused', message: 'said', field: ['condition', 'all'] });
  });

  it('is none without an error', () => {
    expect(failureOf(undefined)).toBeNull();
  });
});
