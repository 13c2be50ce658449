"""Whose insights are to be derived anew, and when."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from domain.events import EventKind
from store.database import Connection

PATIENCE = timedelta(seconds=2)
"""What is reported of one mail in short order is derived from once."""

SETTLING = timedelta(seconds=15)
"""A click or an unsubscribe is acted on after this: a burst that shows a machine is complete by
then (rules: machines are not people)."""

SETTLED_KINDS = frozenset({EventKind.CLICKED, EventKind.UNSUBSCRIBED})

TAKEN = 200
"""Addresses derived from in one transaction."""


class Dirty(NamedTuple):
    """An address whose people are to be derived anew; while it is not settled, nothing may act on
    what its people clicked."""

    address_id: int
    is_settled: bool


async def note_activity(connection: Connection, news: Iterable[tuple[int, EventKind]]) -> None:
    """Have the insights derived that new events, (address id, kind), bear on."""
    settling: dict[int, bool] = {}
    for address_id, kind in news:
        settling[address_id] = settling.get(address_id, False) or kind in SETTLED_KINDS
    await note_addresses(connection, settling)
    clicked = [address_id for address_id, is_clicked in settling.items() if is_clicked]
    if clicked:
        await connection.execute(
            "INSERT INTO insight_queue (address_id, due_at, is_settling) "
            "SELECT id, now() + $2::interval, true FROM unnest($1::bigint[]) n(id)",
            clicked,
            SETTLING,
        )


async def note_addresses(connection: Connection, address_ids: Iterable[int]) -> None:
    """Have the insights of whoever has these addresses derived anew."""
    ids = list(address_ids)
    if ids:
        await connection.execute(
            "INSERT INTO insight_queue (address_id, due_at) "
            "SELECT id, now() + $2::interval FROM unnest($1::bigint[]) n(id)",
            ids,
            PATIENCE,
        )


async def take_dirty(connection: Connection, limit: int = TAKEN) -> list[Dirty]:
    """Take addresses that are due, each once; they are gone when this commits."""
    rows = await connection.fetch(
        """
        WITH due AS (
            SELECT id FROM insight_queue WHERE due_at <= now()
            ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM insight_queue q USING due WHERE q.id = due.id RETURNING q.address_id
        )
        SELECT DISTINCT g.address_id, NOT EXISTS (SELECT FROM insight_queue w
            WHERE w.address_id = g.address_id AND w.is_settling AND w.due_at > now())
        FROM gone g ORDER BY 1
        """,
        limit,
    )
    return [Dirty(*row) for row in rows]
