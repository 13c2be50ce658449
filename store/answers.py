"""Placing what answers to a message: at its recipient, or at whoever it was passed on to.

Answers are resolved one transaction at a time, under the lock of whoever moves messages, and anew
whenever something is learned that may change the outcome (store/threads.py).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from domain.threads import MAIL, NOWHERE, Answer, Mailed, by_subject, choose, settle
from store.campaign_rows import lock_provisional
from store.correspondence import Writers, candidates_of, sent_to, with_elsewhere, writers_of
from store.database import Connection
from store.deciding import promote
from store.event_rows import FactKey, insert_events
from store.messages import lock_moves
from store.moving import hold_queued, move_to, take_back
from store.recipient_rows import ensure_addresses, ensure_recipients
from store.recording import draft, queue_projection
from store.threads import Thread, note_resolved, take_threads, wake

THREADS = 200
"""Threads resolved in one transaction."""


class _Resolved(NamedTuple):
    """A thread and where it belongs; `named` counts the known messages that it names."""

    thread: Thread
    answer: Answer
    named: int

    @property
    def fact(self) -> FactKey:
        return self.thread.fact_on, self.thread.key


async def answer_some(connection: Connection, policy: Policy, limit: int = THREADS) -> int:
    """Place answers of which something has become known, and queue their projection.

    Returns how many were looked at.
    """
    threads = await take_threads(connection, limit)
    if not threads:
        return 0
    await lock_moves(connection)
    waiting = await hold_queued(connection, _events_of(threads))
    resolved = await _resolve(connection, threads)
    own = await _own_recipients(connection, resolved, policy)
    forwards = await _forwards(connection, resolved, policy)
    places = _places(resolved, own, forwards)
    fresh, touched = await move_to(connection, places, waiting)
    await take_back(connection, [f for f in _forwards_before(resolved) if places[f] is None])
    await note_resolved(
        connection,
        [
            (
                r.thread,
                r.named > 0,
                r.named > 1,
                forwards[r.fact][0][1] if r.fact in forwards else None,
            )
            for r in resolved
        ],
    )
    # A recipient that is new may be what another mail of the writer answers to, by its subject.
    placed = {f.recipient_id for f in fresh}
    await wake(connection, [], [a for id_, a in own.values() if id_ in placed])
    await queue_projection(connection, {(f.fact_on, f.key): f for f in fresh}, touched)
    return len(threads)


def _events_of(threads: Sequence[Thread]) -> list[FactKey]:
    """The events of threads, and of the forwards that they proved before."""
    own = [(t.fact_on, t.key) for t in threads]
    return own + [(t.fact_on, t.forward_key) for t in threads if t.forward_key is not None]


async def _resolve(connection: Connection, threads: Sequence[Thread]) -> list[_Resolved]:
    """Where each thread belongs: by the messages it names, else by its subject."""
    writers = await writers_of(connection, threads)
    candidates = await candidates_of(connection, threads, writers)
    chosen = await with_elsewhere(connection, threads, writers, [choose(c) for c in candidates])
    resolved = [
        _Resolved(t, settle(t.kind, writers[t.address].writer, message), len(found))
        for t, message, found in zip(threads, chosen, candidates, strict=True)
        if message is not None
    ]
    others = [t for t, message in zip(threads, chosen, strict=True) if message is None]
    if others:
        resolved += await _by_subject(connection, others, writers)
    return resolved


async def _by_subject(
    connection: Connection, threads: Sequence[Thread], writers: Writers
) -> list[_Resolved]:
    sent = await sent_to(connection, threads, writers)
    found = [
        by_subject(writers[t.address].writer, t.subject, t.occurred_at, s)
        for t, s in zip(threads, sent, strict=True)
    ]
    return [
        _Resolved(t, NOWHERE if m is None else Answer(recipient_id=m.recipient_id), 0)
        for t, m in zip(threads, found, strict=True)
    ]


async def _own_recipients(
    connection: Connection, resolved: Sequence[_Resolved], policy: Policy
) -> dict[FactKey, tuple[int, int]]:
    """For answers by somebody who was not mailed: a recipient of their own, and its address."""
    new = {
        r.fact: (r.answer.campaign_id, r.thread.address)
        for r in resolved
        if r.answer.campaign_id is not None and r.thread.address is not None
    }
    if not new:
        return {}
    provisional = await lock_provisional(connection, {campaign for campaign, _ in new.values()})
    addresses = await ensure_addresses(connection, {a for _, a in new.values()}, policy)
    pairs = {fact: (campaign, addresses[a]) for fact, (campaign, a) in new.items()}
    ids = await ensure_recipients(connection, set(pairs.values()), provisional)
    await promote(connection, provisional, policy)
    return {fact: (ids[pair], pair[1]) for fact, pair in pairs.items()}


Forwards = Mapping[FactKey, tuple[FactKey, int]]
"""Answer → the event of the forward that it proves, and whose recipient's that is."""


async def _forwards(
    connection: Connection, resolved: Sequence[_Resolved], policy: Policy
) -> Forwards:
    """Somebody who was not mailed answers: the one who was has passed the message on."""
    drafts = {
        r.fact: (draft(_forward(r.thread, by), r.thread.received_at), by.recipient_id)
        for r in resolved
        if (by := r.answer.forwarder) is not None
    }
    by_key = sorted((d for d, _ in drafts.values()), key=lambda d: (d.fact_on, d.key))
    await insert_events(connection, by_key, policy)
    return {fact: ((d.fact_on, d.key), at) for fact, (d, at) in drafts.items()}


def _forward(thread: Thread, by: Mailed) -> ReportedEvent:
    return ReportedEvent(
        provider=MAIL,
        kind=EventKind.FORWARDED,
        occurred_at=thread.reported_at,
        address=by.address,
        provider_event_id=thread.key.hex(),
    )


def _places(
    resolved: Sequence[_Resolved], own: Mapping[FactKey, tuple[int, int]], forwards: Forwards
) -> dict[FactKey, int | None]:
    """Where every event belongs, also those of forwards that are none any more (nowhere)."""
    places: dict[FactKey, int | None] = dict.fromkeys(_forwards_before(resolved))
    places |= dict(forwards.values())
    for r in resolved:
        places[r.fact] = own[r.fact][0] if r.fact in own else r.answer.recipient_id
    return places


def _forwards_before(resolved: Sequence[_Resolved]) -> list[FactKey]:
    return [
        (r.thread.fact_on, r.thread.forward_key)
        for r in resolved
        if r.thread.forward_key is not None
    ]
