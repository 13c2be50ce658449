"""The feed: what happened at each customer, in commit order, resumable to the row.

A row's place is (xid, id): the transaction that wrote it, then its number. Rows are read only below
the oldest transaction still running, so none that commits late can slip in behind a reader.

A cursor is `epoch.xid.id`, plus a snapshot while one is needed: a query that read at a snapshot has
seen some transactions at or above its xmin and not others; until the feed is past its xmax, rows
that the snapshot saw are skipped.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from domain.errors import DomainError
from store.database import Connection

FEED_BATCH = 1_000
"""Rows read from the feed at once."""


class Position(NamedTuple):
    """A place in the feed: everything up to and including it has been seen."""

    xid: int
    id: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader stands, with the snapshot it has seen beyond that, if any."""

    epoch: str
    position: Position
    snapshot: str | None = None

    def __str__(self) -> str:
        parts = [self.epoch, str(self.position.xid), str(self.position.id)]
        if self.snapshot is not None:
            parts.append(self.snapshot)
        return base64.urlsafe_b64encode(".".join(parts).encode()).decode().rstrip("=")

    def has_seen(self, position: Position) -> bool:
        """Whether a row at this place was seen by whoever holds the cursor."""
        if position <= self.position:
            return True
        if self.snapshot is None:
            return False
        xmin, xmax, running = self.snapshot.split(":")
        if position.xid >= int(xmax):
            return False
        return position.xid < int(xmin) or str(position.xid) not in running.split(",")

    def moved(self, position: Position) -> "Cursor":
        """This cursor further on, never back; the snapshot is dropped once the feed is past it."""
        position = max(position, self.position)
        snapshot = self.snapshot
        if snapshot is not None and position.xid >= int(snapshot.split(":")[1]):
            snapshot = None
        return Cursor(self.epoch, position, snapshot)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A row of the feed."""

    position: Position
    customer_id: int
    kind: str
    fact_on: date
    key: bytes
    recipient_id: int
    created_at: datetime


_CURSOR = re.compile(r"([0-9a-f]{8})\.(\d{1,20})\.(\d{1,19})(?:\.(\d{1,20}:\d{1,20}:[\d,]*))?\Z")


def parse_cursor(text: str) -> Cursor:
    """The cursor a client hands back. Raises DomainError INVALID_CURSOR."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raw = ""
    found = _CURSOR.match(raw)
    if found is None:
        shown = text if len(text) <= 40 else text[:37] + "…"
        raise DomainError(
            "INVALID_CURSOR",
            f"“{shown}” is not a cursor of this feed: pass one that an update or feedCursor gave",
            ("after",),
        )
    epoch, xid, id_, snapshot = found.groups()
    return Cursor(epoch, Position(int(xid), int(id_)), snapshot)


async def feed_cursor(connection: Connection) -> str:
    """Where the feed stands for the statement's snapshot: subscribing after it neither misses nor
    repeats what was read in the same snapshot."""
    epoch, snapshot = await connection.fetchrow(
        "SELECT epoch, pg_current_snapshot()::text FROM feed_state"
    )
    xmin, xmax, _ = snapshot.split(":")
    position = Position(int(xmin) - 1, 2**63 - 1)
    return str(Cursor(epoch, position, snapshot if xmin != xmax else None))


async def head(connection: Connection) -> Cursor:
    """The end of what may be read of the feed now: from here on is live."""
    epoch, xmin = await connection.fetchrow(
        "SELECT epoch, pg_snapshot_xmin(pg_current_snapshot())::text FROM feed_state"
    )
    return Cursor(epoch, Position(int(xmin) - 1, 2**63 - 1))


async def check_cursor(connection: Connection, cursor: Cursor) -> None:
    """Raise DomainError CURSOR_EXPIRED unless the feed still holds everything after the cursor."""
    epoch, xid, id_ = await connection.fetchrow(
        "SELECT epoch, floor_xid::text, floor_id FROM feed_state"
    )
    if cursor.epoch != epoch or cursor.position < Position(int(xid), id_):
        raise DomainError(
            "CURSOR_EXPIRED",
            "the feed no longer reaches back to this cursor: read the customer again and "
            "subscribe after its feedCursor",
            ("after",),
        )


_READ = """
SELECT xid::text, id, customer_id, kind, fact_on, key, recipient_id, created_at
FROM feed
WHERE (xid, id) > ($1::text::xid8, $2::bigint)
    AND xid < pg_snapshot_xmin(pg_current_snapshot())
    AND ($3::bigint[] IS NULL OR customer_id = ANY($3::bigint[]))
    AND ($4::text IS NULL OR NOT pg_visible_in_snapshot(xid, $4::text::pg_snapshot))
ORDER BY xid, id LIMIT $5
"""


async def read(
    connection: Connection,
    after: Cursor,
    *,
    customer_ids: Sequence[int] | None = None,
    limit: int = FEED_BATCH,
) -> list[FeedEntry]:
    """The next rows after the cursor, of these customers or of all, in order."""
    rows = await connection.fetch(
        _READ,
        str(after.position.xid),
        after.position.id,
        None if customer_ids is None else list(customer_ids),
        after.snapshot,
        limit,
    )
    return [FeedEntry(Position(int(row[0]), row[1]), *row[2:]) for row in rows]


async def trim(connection: Connection, before: datetime, limit: int = 10_000) -> int:
    """Forget rows older than `before`, some at a time, and raise the floor; returns how many."""
    rows = await connection.fetch(
        "DELETE FROM feed WHERE (xid, id) IN (SELECT xid, id FROM feed "
        "WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) AND created_at < $1 "
        "ORDER BY xid, id LIMIT $2) RETURNING xid::text, id",
        before,
        limit,
    )
    if rows:
        xid, id_ = max((int(row[0]), row[1]) for row in rows)
        # Clocks and transaction ids do not agree to the row: an older one may go after a newer.
        await connection.execute(
            "UPDATE feed_state SET floor_xid = $1::text::xid8, floor_id = $2 "
            "WHERE (floor_xid, floor_id) < ($1::text::xid8, $2)",
            str(xid),
            id_,
        )
    return len(rows)
