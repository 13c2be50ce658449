"""Whose insights are to be derived anew, and when."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.events import EventKind
from store.database import Connection

PATIENCE = timedelta(seconds=2)
"""What is reported of one mail in short order is derived from once."""

SETTLING = timedelta(seconds=15)
"""A click or an unsubscribe is acted on after this: a burst that shows a machine is complete by
then (rules: machines are not people)."""

SETTLED_KINDS = frozenset({EventKind.CLICKED, EventKind.UNSUBSCRIBED})

TAKEN = 60
"""Addresses derived from in one transaction."""


class Dirty(NamedTuple):
    """Whose insights are to be derived anew: whoever has these addresses, and these stakeholders.

    While an address is not settled (its value), nothing may act on what its people clicked.
    """

    addresses: dict[int, bool]
    stakeholders: frozenset[int]


async def note_activity(
    connection: Connection, news: Iterable[tuple[int, EventKind]], others: Iterable[int] = ()
) -> None:
    """Have the insights derived that new events, (address id, kind), bear on, and those of other
    addresses about which something changed."""
    clicked: set[int] = set()
    ids = set(others)
    for address_id, kind in news:
        ids.add(address_id)
        if kind in SETTLED_KINDS:
            clicked.add(address_id)
    await _note(connection, [*ids, *clicked], [False] * len(ids) + [True] * len(clicked))


async def note_addresses(connection: Connection, address_ids: Iterable[int]) -> None:
    """Have the insights of whoever has these addresses derived anew."""
    ids = list(address_ids)
    await _note(connection, ids, [False] * len(ids))


async def _note(connection: Connection, ids: Sequence[int], settling: Sequence[bool]) -> None:
    if ids:
        await connection.execute(
            "INSERT INTO insight_queue (address_id, is_settling, due_at) SELECT id, is_settling, "
            "now() + CASE WHEN is_settling THEN $4::interval ELSE $3::interval END "
            "FROM unnest($1::bigint[], $2::boolean[]) n(id, is_settling)",
            ids,
            settling,
            PATIENCE,
            SETTLING,
        )


async def note_stakeholders(connection: Connection, stakeholder_ids: Iterable[int]) -> None:
    """Have the insights of stakeholders derived anew, whatever addresses they have by then."""
    ids = sorted(set(stakeholder_ids))
    if ids:
        await connection.execute(
            "INSERT INTO insight_queue (stakeholder_id, due_at) "
            "SELECT id, now() + $2::interval FROM unnest($1::bigint[]) n(id)",
            ids,
            PATIENCE,
        )


async def take_dirty(connection: Connection, limit: int = TAKEN) -> Dirty:
    """Take what is due, each once; it is gone when this commits.

    With it goes what else is noted of the same addresses, due or not, but for what has to settle:
    whoever noted it has committed, so it is derived from now. Under a flood of events an address is
    thus derived as often as there is time, not as often as something was reported.
    """
    rows = await connection.fetch(
        """
        WITH due AS (
            SELECT id, address_id FROM insight_queue WHERE due_at <= now()
            ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
        ), same AS (
            SELECT id FROM insight_queue WHERE address_id = ANY(ARRAY(SELECT address_id FROM due))
            AND (NOT is_settling OR due_at <= now()) FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM insight_queue q
            USING (SELECT id FROM due UNION SELECT id FROM same) taken WHERE q.id = taken.id
            RETURNING q.address_id, q.stakeholder_id
        )
        SELECT DISTINCT g.address_id, g.stakeholder_id, NOT EXISTS (SELECT FROM insight_queue w
            WHERE w.address_id = g.address_id AND w.is_settling AND w.due_at > now())
        FROM gone g
        """,
        limit,
    )
    return Dirty(
        {address: is_settled for address, _, is_settled in rows if address is not None},
        frozenset(stakeholder for _, stakeholder, _ in rows if stakeholder is not None),
    )


SPREAD_SECONDS = 0.005
"""So far apart everybody's turns are, so that a night's work does not stand before the day's."""


async def note_everybody(connection: Connection) -> int:
    """Have everybody's insights derived anew, one after the other; returns how many people."""
    status: str = await connection.execute(
        "INSERT INTO insight_queue (stakeholder_id, due_at) SELECT stakeholder_id, "
        "now() + row_number() OVER (ORDER BY stakeholder_id) * $1::float8 * interval '1 second' "
        "FROM stakeholder_insight",
        SPREAD_SECONDS,
    )
    return int(status.rpartition(" ")[2])


async def note_newly_dark(connection: Connection, now: datetime) -> None:
    """Have those derived anew who went dark since they were, by time alone."""
    await connection.execute(
        "INSERT INTO insight_queue (stakeholder_id, due_at) SELECT stakeholder_id, now() "
        "FROM stakeholder_insight i WHERE i.dark_at <= $1 AND i.derived_at < i.dark_at "
        "AND NOT EXISTS (SELECT FROM insight_queue q WHERE q.stakeholder_id = i.stakeholder_id)",
        now,
    )
