"""Events that must not be kept: of people who were erased, older than what is kept, or so many that
no reader makes them."""

from collections.abc import Sequence
from datetime import date, timedelta

from domain.events import EventKind
from domain.policy import Policy
from domain.tracking import PROVIDER
from store.database import Connection
from store.drafts import Draft, Refusal
from store.tombstones import erased_of

NEVER_DROPPED = timedelta(days=30)
"""No retention is shorter (server/settings.py), so that younger facts need not be compared."""


async def refuse(connection: Connection, drafts: Sequence[Draft], policy: Policy) -> None:
    """Say of each draft whether and why it must not be stored.

    A fact of a day whose facts were dropped may be counted already: whether it is a duplicate can
    no longer be told.
    """
    erased = await erased_of(connection, {d.address for d in drafts if d.address}, policy)
    if erased:
        for d in drafts:
            if d.address in erased:
                d.refused = Refusal.ERASED
    old = [d for d in drafts if d.fact_on < d.received_at.date() - NEVER_DROPPED]
    if old and (before := await dropped_before(connection)) is not None:
        for d in old:
            if d.fact_on < before and d.refused is None:
                d.refused = Refusal.TOO_OLD


async def refuse_loops(connection: Connection, drafts: Sequence[Draft], policy: Policy) -> None:
    """Say of hits at our own doors, whose recipients are known, which are beyond what is kept.

    Every event of a mail is read again with each new one, and anybody who was sent a mail can call
    its pixel for ever. What a recipient's counters say is at least what came through our doors.
    """
    hits = [d for d in drafts if d.event.provider == PROVIDER and d.event.kind in _HITS]
    ids = sorted({d.recipient_id for d in hits if d.recipient_id is not None})
    if not ids:
        return
    kept = dict(
        await connection.fetch(
            "SELECT id, opens_human + opens_machine + clicks_human + clicks_machine "
            "FROM recipient WHERE id = ANY($1::bigint[])",
            ids,
        )
    )
    for d in hits:
        if d.recipient_id in kept:
            kept[d.recipient_id] += 1
            if kept[d.recipient_id] > policy.hits_per_mail:
                d.refused = Refusal.TOO_MANY


_HITS = frozenset({EventKind.OPENED, EventKind.CLICKED})


async def dropped_before(connection: Connection) -> date | None:
    """The day before which no facts are kept one by one; None if all are."""
    before: date | None = await connection.fetchval("SELECT dropped_before FROM retention")
    return before
