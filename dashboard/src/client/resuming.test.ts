import type { Sink, SubscribePayload } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { cursorOf, resuming } from './resuming';

/** A socket that keeps what it was asked, as it is at any moment. */
class FakeSocket {
  payload: SubscribePayload | undefined;
  sink: Sink | undefined;

  subscribe = (payload: SubscribePayload, sink: Sink): (() => void) => {
    this.payload = payload;
    this.sink = sink;
    return () => undefined;
  };
}

describe('a subscription', () => {
  it('is sent by its hash, and again after a lost connection from the last update on', () => {
    const socket = new FakeSocket();
    const got: unknown[] = [];
    const asked = { documentId: 'sha256:abc', variables: { csmId: 'c', after: 'start' } };
    resuming(socket as never, asked).subscribe({
      next: (value) => got.push(value),
      error: () => undefined,
      complete: () => undefined,
    });
    expect(socket.payload).toEqual({ query: 'sha256:abc', variables: { csmId: 'c', after: 'start' } });
    socket.sink?.next({ data: { portfolioEngagement: { cursor: 'one' } } });
    socket.sink?.next({ data: { portfolioEngagement: { cursor: 'two' } } });
    expect(got).toHaveLength(2);
    expect(socket.payload?.variables).toEqual({ csmId: 'c', after: 'two' });
    expect(asked.variables.after).toBe('start');
  });

  it('without a cursor begins anew', () => {
    expect(cursorOf({ campaignProgressed: { name: 'x' } })).toBeNull();
    expect(cursorOf(null)).toBeNull();
  });
});
