"""The feed: what happened at each customer, in commit order, resumable to the row.

A row's place is (xid, id): the transaction that wrote it, then its number. Rows are read only below
the oldest transaction still running, so none that commits late can slip in behind a reader.

A cursor is `epoch.xid.id`: the place of a row that was seen, plus transactions beyond it while such
are needed: a query has seen the rows of some that committed while an older one was still running.
It names only transactions that left rows: PostgreSQL forgets in a crash which ids it had given to
those that came to nothing, and gives them again.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

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
    """Where a reader stands, and the transactions beyond whose rows it has seen, if any."""

    epoch: str
    position: Position
    seen: frozenset[int] = frozenset()

    def __str__(self) -> str:
        parts = [self.epoch, str(self.position.xid), str(self.position.id)]
        if self.seen:
            parts.append(",".join(str(xid - self.position.xid) for xid in sorted(self.seen)))
        return base64.urlsafe_b64encode(".".join(parts).encode()).decode().rstrip("=")

    def has_seen(self, position: Position) -> bool:
        """Whether a row at this place was seen by whoever holds the cursor."""
        return position <= self.position or position.xid in self.seen

    def moved(self, position: Position) -> "Cursor":
        """This cursor further on, never back."""
        position = max(position, self.position)
        seen = self.seen
        if seen:
            seen = frozenset(xid for xid in seen if xid >= position.xid)
        return Cursor(self.epoch, position, seen)


class Entry(Protocol):
    """What a row of every log tells."""

    @property
    def position(self) -> Position:
        """Its place."""
        ...

    @property
    def customer_id(self) -> int:
        """At which customer it is."""
        ...


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


@dataclass(frozen=True, slots=True)
class RecommendationEntry:
    """A row of the recommendations' feed: one of them has appeared or changed."""

    position: Position
    customer_id: int
    recommendation_id: int


_CURSOR = re.compile(r"([0-9a-f]{8})\.(\d{1,20})\.(\d{1,19})(?:\.(\d{1,18}(?:,\d{1,18})*))?\Z")

LAST_PLACE = Position(2**64 - 1, 2**63 - 1)
"""The largest that PostgreSQL's xid8 and bigint hold."""

MAX_CURSOR = 65_536
"""Characters of a cursor that is looked at; ours have a few dozen."""


def parse_cursor(text: str) -> Cursor:
    """The cursor a client hands back. Raises DomainError INVALID_CURSOR."""
    try:
        if len(text) > MAX_CURSOR:
            raise ValueError
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        return _read_cursor(raw)
    except (binascii.Error, ValueError) as error:
        shown = text if len(text) <= 40 else text[:37] + "…"
        raise DomainError(
            "INVALID_CURSOR",
            f"“{shown}” is not a cursor of this feed: pass one that an update or feedCursor gave",
            ("after",),
        ) from error


def _read_cursor(raw: str) -> Cursor:
    found = _CURSOR.match(raw)
    if found is None:
        raise ValueError(raw)
    epoch, xid, id_, beyond = found.groups()
    position = Position(int(xid), int(id_))
    seen = frozenset(position.xid + int(more) for more in beyond.split(",")) if beyond else ()
    if position.id > LAST_PLACE.id or max((position.xid, *seen)) > LAST_PLACE.xid:
        raise ValueError(raw)
    return Cursor(epoch, position, frozenset(seen))


def cursor_of(standing: str) -> str:
    """The cursor of where a log stands."""
    epoch, xid, id_, *seen = standing.split(" ")
    return str(Cursor(epoch, Position(int(xid), int(id_)), frozenset(map(int, seen))))


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Log(Generic[E]):
    """A table of rows in commit order, and how it is read.

    `columns` are those beyond place and customer, `floor` the columns of `feed_state` with the
    place up to which rows are forgotten, `epoch` its expression there: cursors of one log are
    no cursors of another. `entry` makes a row; `way_out` tells whose cursor is too old what to do.
    """

    table: str
    columns: tuple[str, ...]
    floor: tuple[str, str]
    epoch: str
    entry: Callable[..., E]
    way_out: str

    @property
    def _head(self) -> str:
        floor_xid, floor_id = self.floor
        return (
            f"SELECT {self.epoch} AS epoch, coalesce(last.xid, s.{floor_xid})::text AS xid, "
            f"coalesce(last.id, s.{floor_id}) AS id FROM feed_state s "
            f"LEFT JOIN LATERAL (SELECT f.xid, f.id FROM {self.table} f "
            "WHERE f.xid < pg_snapshot_xmin(pg_current_snapshot()) "
            "ORDER BY f.xid DESC, f.id DESC LIMIT 1) last ON true"
        )

    @property
    def standing(self) -> str:
        """The statement of where the log stands: one text, of which `cursor_of` makes a cursor. It
        is made once, however many rows it is joined to."""
        return (
            "SELECT concat_ws(' ', h.epoch, h.xid, h.id, (SELECT string_agg(DISTINCT f.xid::text, "
            f"' ') FROM {self.table} f WHERE f.xid >= pg_snapshot_xmin(pg_current_snapshot()))) "
            f"FROM ({self._head}) h OFFSET 0"
        )

    async def cursor(self, connection: Connection) -> str:
        """Where the log stands for the statement's snapshot: subscribing after it neither misses
        nor repeats what was read in the same snapshot."""
        return cursor_of(await connection.fetchval(self.standing))

    async def head(self, connection: Connection) -> Cursor:
        """The end of what may be read of the log now: from here on is live."""
        epoch, xid, id_ = await connection.fetchrow(self._head)
        return Cursor(epoch, Position(int(xid), id_))

    async def check_cursor(self, connection: Connection, cursor: Cursor) -> None:
        """Raise DomainError CURSOR_EXPIRED unless the log still holds everything after it."""
        floor_xid, floor_id = self.floor
        epoch, xid, id_ = await connection.fetchrow(
            f"SELECT {self.epoch}, s.{floor_xid}::text, s.{floor_id} FROM feed_state s"
        )
        if cursor.epoch != epoch or cursor.position < Position(int(xid), id_):
            raise DomainError(
                "CURSOR_EXPIRED",
                f"the feed no longer reaches back to this cursor: {self.way_out}",
                ("after",),
            )

    async def read(
        self,
        connection: Connection,
        after: Cursor,
        *,
        customer_ids: Sequence[int] | None = None,
        limit: int = FEED_BATCH,
    ) -> list[E]:
        """The next rows after the cursor, of these customers or of all, in order."""
        # Ordered by the columns: a bare `xid` would mean the text selected, in which 1000 precedes
        # 999.
        rows = await connection.fetch(
            f"SELECT f.xid::text, f.id, f.customer_id, {', '.join(self.columns)} "
            f"FROM {self.table} f WHERE (f.xid, f.id) > ($1::text::xid8, $2::bigint) "
            "AND f.xid < pg_snapshot_xmin(pg_current_snapshot()) "
            "AND ($3::bigint[] IS NULL OR f.customer_id = ANY($3::bigint[])) "
            "AND f.xid <> ALL($4::text[]::xid8[]) ORDER BY f.xid, f.id LIMIT $5",
            str(after.position.xid),
            after.position.id,
            None if customer_ids is None else list(customer_ids),
            [str(xid) for xid in after.seen],
            limit,
        )
        return [self.entry(Position(int(row[0]), row[1]), *row[2:]) for row in rows]

    async def is_held(self, connection: Connection) -> bool:
        """Whether rows were committed that may not be read yet, since an older transaction, of
        whatever kind, still runs."""
        return bool(
            await connection.fetchval(
                f"SELECT EXISTS (SELECT FROM {self.table} f "
                "WHERE f.xid >= pg_snapshot_xmin(pg_current_snapshot()))"
            )
        )

    async def latest(
        self, connection: Connection, *, customer_ids: Sequence[int] | None, limit: int
    ) -> tuple[Cursor, list[E]]:
        """The last rows of these customers or of all, newest first, and the place after them.

        Call it within a snapshot: what is not listed then comes after the cursor.
        """
        rows = (
            f"SELECT f.* FROM {self.table} f WHERE {{whose}} "
            "AND f.xid < pg_snapshot_xmin(pg_current_snapshot()) "
            "ORDER BY f.xid DESC, f.id DESC LIMIT $2"
        )
        of_all = rows.format(whose="$1::bigint[] IS NULL")
        # Each customer's from its index: few of the feed's last rows may be theirs.
        of_each = (
            "SELECT found.* FROM unnest($1::bigint[]) AS asked(id) CROSS JOIN LATERAL "
            f"({rows.format(whose='f.customer_id = asked.id')}) found"
        )
        found = await connection.fetch(
            f"SELECT f.xid::text, f.id, f.customer_id, {', '.join(self.columns)} "
            f"FROM ({of_all if customer_ids is None else of_each}) f "
            "ORDER BY f.xid DESC, f.id DESC LIMIT $2",
            None if customer_ids is None else list(customer_ids),
            limit,
        )
        entries = [self.entry(Position(int(row[0]), row[1]), *row[2:]) for row in found]
        return await self.head(connection), entries

    async def trim(self, connection: Connection, before: datetime, limit: int = 10_000) -> int:
        """Forget rows older than `before`, some at a time, and raise the floor; how many."""
        floor_xid, floor_id = self.floor
        rows = await connection.fetch(
            f"DELETE FROM {self.table} WHERE (xid, id) IN (SELECT xid, id FROM {self.table} "
            "WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) AND created_at < $1 "
            "ORDER BY xid, id LIMIT $2) RETURNING xid::text, id",
            before,
            limit,
        )
        if rows:
            xid, id_ = max((int(row[0]), row[1]) for row in rows)
            # Clocks and transaction ids do not agree to the row: an older one may go after a newer.
            await connection.execute(
                f"UPDATE feed_state SET {floor_xid} = $1::text::xid8, {floor_id} = $2 "
                f"WHERE ({floor_xid}, {floor_id}) < ($1::text::xid8, $2)",
                str(xid),
                id_,
            )
        return len(rows)


EVENTS = Log(
    table="feed",
    columns=("kind", "fact_on", "key", "recipient_id", "created_at"),
    floor=("floor_xid", "floor_id"),
    epoch="s.epoch",
    entry=FeedEntry,
    way_out="read the customer again and subscribe after its feedCursor",
)
"""What happened at customers."""

RECOMMENDATIONS = Log(
    table="recommendation_feed",
    columns=("recommendation_id",),
    floor=("recommendation_floor_xid", "recommendation_floor_id"),
    epoch="substr(md5(s.epoch || 'recommendations'), 1, 8)",
    entry=RecommendationEntry,
    way_out="read the recommendations again and subscribe after viewer.recommendationCursor",
)
"""Which recommendations have appeared or changed."""

feed_cursor, head, check_cursor = EVENTS.cursor, EVENTS.head, EVENTS.check_cursor
read, trim = EVENTS.read, EVENTS.trim
