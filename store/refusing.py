"""Events that must not be kept: of people who were erased, or older than what is kept."""

from collections.abc import Sequence
from datetime import date, timedelta

from domain.policy import Policy
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


async def dropped_before(connection: Connection) -> date | None:
    """The day before which no facts are kept one by one; None if all are."""
    before: date | None = await connection.fetchval("SELECT dropped_before FROM retention")
    return before
