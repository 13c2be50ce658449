"""When a workflow would have fired: everybody's past read at once, and judged as the present is."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.activity import Did, person_of
from domain.conditions import Condition
from domain.triggering import Firing, firings
from domain.viewer import Viewer
from store.activities import acts, kinds_of, mails
from store.database import Connection
from store.histories import HISTORY
from store.scope import scope

MOST_PEOPLE = 2_000
"""People looked at; of more a fixed share stands for all."""

MOST_SHOWN = 100
"""Firings listed, the latest."""

CHUNK = 100
"""People judged before others have their turn."""


@dataclass(frozen=True, slots=True)
class Would:
    """A firing that would have been."""

    customer_id: int
    stakeholder_id: int
    firing: Firing


@dataclass(frozen=True, slots=True)
class Preview:
    """`times`, `people` and `customers` are of the people looked at; `days` are those on which it
    would have fired (UTC) and how often, the oldest first; `shown` are the latest."""

    since: datetime
    looked_at: int
    people_in_all: int
    times: int
    people: int
    customers: int
    days: Sequence[tuple[date, int]]
    shown: Sequence[Would]


async def preview(
    connection: Connection,
    viewer: Viewer,
    condition: Condition,
    window: timedelta,
    *,
    since: datetime,
    until: datetime,
) -> Preview:
    """When a workflow that was turned on at `since` would have fired until then."""
    in_all, chosen = await _choose(connection, viewer)
    mailed = await mails(connection, [row[0] for row in chosen], since=since, until=until)
    ids = sorted({m.recipient_id for some in mailed.values() for m in some})
    did = await acts(connection, ids, kinds_of([condition]), since=since - HISTORY, until=until)
    found: list[Would] = []
    for place, (stakeholder_id, customer_id, segment) in enumerate(chosen):
        theirs = mailed.get(stakeholder_id, [])
        done: list[Did] = [d for m in theirs for d in did.get(m.recipient_id, ())]
        person = person_of(segment, theirs, done)
        some = firings(condition, person, window, since=since, until=until)
        found += [Would(customer_id, stakeholder_id, one) for one in some]
        if place % CHUNK == CHUNK - 1:
            await asyncio.sleep(0)
    found.sort(key=lambda w: (w.firing.at, w.stakeholder_id), reverse=True)
    return Preview(
        since,
        len(chosen),
        in_all,
        len(found),
        len({w.stakeholder_id for w in found}),
        len({w.customer_id for w in found}),
        sorted(Counter(w.firing.at.astimezone(UTC).date() for w in found).items()),
        found[:MOST_SHOWN],
    )


async def _choose(
    connection: Connection, viewer: Viewer
) -> tuple[int, list[tuple[int, int, str | None]]]:
    """How many people mail was sent to, and those looked at: always the same ones."""
    condition, value = scope(viewer)
    mailed = f"FROM stakeholder_insight i JOIN customer c ON c.id = i.customer_id WHERE {condition}"
    in_all = await connection.fetchval(f"SELECT count(*) {mailed}", value)
    rows = await connection.fetch(
        f"SELECT i.stakeholder_id, c.id, c.segment {mailed} "
        "ORDER BY hashint8(i.stakeholder_id), i.stakeholder_id LIMIT $2",
        value,
        MOST_PEOPLE,
    )
    return int(in_all), [(row[0], row[1], row[2]) for row in rows]
