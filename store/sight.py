"""Whom followers may see: asked again every few seconds, once for all who see alike."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from domain.viewer import Viewer
from store.database import Connection, Database
from store.feed import Position
from store.scope import scope

RIGHTS_SECONDS = 2.0
"""How long an answer is trusted."""

KEPT = 10_000
"""Answers kept; with more, all are asked for again."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Whom a follower may see (None: all).

    `asked_at` is monotonic seconds, `position` where the feed's reader stood before that.
    """

    customers: frozenset[int] | None
    asked_at: float
    position: Position | None

    @property
    def is_old(self) -> bool:
        """Whether to ask again."""
        return time.monotonic() - self.asked_at > RIGHTS_SECONDS

    def has(self, customer_id: int) -> bool:
        """Whether the customer was in sight."""
        return self.customers is None or customer_id in self.customers

    def has_gained(self, before: "Sight") -> bool:
        """Whether somebody is in sight now who was not before."""
        if before.customers is None:
            return False
        return self.customers is None or not self.customers <= before.customers


class Sights:
    """The sights of a process's followers; `position` tells where its reader stands."""

    def __init__(self, database: Database, position: Callable[[], Position | None]) -> None:
        self._database = database
        self._position = position
        self._asked: dict[tuple[object, ...], asyncio.Task[Sight]] = {}

    async def of(self, viewer: Viewer, customer_id: int | None, csm_id: int | None) -> Sight:
        """Whom the viewer sees of one customer, of a CSM's or of all. Raises Unavailable."""
        key = (viewer.rights, customer_id, csm_id)
        asked = self._asked.get(key)
        if asked is None or _is_over(asked):
            if len(self._asked) >= KEPT:
                self._asked.clear()
            asked = asyncio.create_task(self._ask(viewer, customer_id, csm_id))
            self._asked[key] = asked
        # Who goes away takes nobody else's answer along.
        return await asyncio.shield(asked)

    async def _ask(self, viewer: Viewer, customer_id: int | None, csm_id: int | None) -> Sight:
        position, now = self._position(), time.monotonic()
        async with self._database.connection() as connection:
            customers = await visible_customers(connection, viewer, customer_id, csm_id)
        return Sight(customers, now, position)


def _is_over(asked: "asyncio.Task[Sight]") -> bool:
    if not asked.done():
        return False
    return asked.cancelled() or asked.exception() is not None or asked.result().is_old


async def visible_customers(
    connection: Connection, viewer: Viewer, customer_id: int | None, csm_id: int | None
) -> frozenset[int] | None:
    """The customers asked for that the viewer may see; None stands for all there are."""
    if viewer.may_read_all and customer_id is None and csm_id is None:
        return None
    condition, scoped_to = scope(viewer)
    rows = await connection.fetch(
        f"SELECT c.id FROM customer c WHERE {condition} "
        "AND ($2::bigint IS NULL OR c.id = $2) AND ($3::bigint IS NULL OR c.csm_id = $3)",
        scoped_to,
        customer_id,
        csm_id,
    )
    return frozenset(row[0] for row in rows)
