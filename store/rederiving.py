"""Deriving insights again, as of when they were derived, and saying where they differ."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.darkness import dark_at, last_engaged_at
from domain.history import Sent
from domain.likelihood import trials
from domain.scoring import contributions, score
from store.database import Connection
from store.histories import histories
from store.insight_queue import note_stakeholders

_STORED = """
SELECT i.stakeholder_id, i.derived_at, i.mass, i.mass_before, i.delivered, i.last_sent_at,
    i.last_engaged_at, i.dark_at, i.known_sends,
    ARRAY(SELECT m.address_id FROM match m WHERE m.stakeholder_id = i.stakeholder_id ORDER BY 1)
FROM stakeholder_insight i WHERE i.stakeholder_id = ANY($1::bigint[])
    AND NOT EXISTS (SELECT FROM insight_queue q WHERE q.stakeholder_id = i.stakeholder_id)
    AND NOT EXISTS (SELECT FROM insight_queue q JOIN match m ON m.address_id = q.address_id
        WHERE m.stakeholder_id = i.stakeholder_id)
"""


async def misderived(connection: Connection, stakeholder_ids: Sequence[int]) -> list[int]:
    """Those whose stored insight is not what their history made it; whoever waits to be derived
    anew is left out."""
    rows = await connection.fetch(_STORED, stakeholder_ids)
    wrong = []
    for moment in sorted({row["derived_at"] for row in rows}):
        some = [row for row in rows if row["derived_at"] == moment]
        owners: dict[int, list[int]] = {}
        for stakeholder_id, address_ids in ((row[0], row[9]) for row in some):
            for address_id in address_ids:
                owners.setdefault(address_id, []).append(stakeholder_id)
        found = await histories(connection, owners, moment)
        wrong += [row[0] for row in some if _differs(row, found.get(row[0], []), moment)]
    return sorted(wrong)


def _differs(row: Any, history: Sequence[Sent], now: datetime) -> bool:
    delivered = sum(sent.delivered_at is not None for sent in history)
    found = score(contributions(history), delivered, now)
    expected = (
        found.mass,
        found.mass_before,
        delivered,
        max((sent.sent_at for sent in history), default=None),
        last_engaged_at(history),
        dark_at(history),
        len(trials(history, None, now)),
    )
    return tuple(row[2:9]) != expected


async def derive_again(connection: Connection, stakeholder_ids: Iterable[int]) -> None:
    """Have them derived anew by a worker."""
    await note_stakeholders(connection, stakeholder_ids)
