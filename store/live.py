"""Live: one reader of the feed in each process, handing rows to whoever follows.

A follower first replays from its cursor, then gets what the reader reads; where it falls behind, it
replays again from where it stands. So its memory is bounded and nothing is lost or repeated.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import structlog

from domain.viewer import Viewer
from store.bell import Bell
from store.database import Connection, Database, Unavailable
from store.feed import (
    FEED_BATCH,
    Cursor,
    FeedEntry,
    Position,
    check_cursor,
    head,
    parse_cursor,
    read,
)
from store.scope import scope

POLL_SECONDS = 1.0
"""How often the feed is looked at when no bell rings."""

FOLLOWER_ROWS = 1_000
"""Rows held for a follower; one that lags further replays from the database."""

RIGHTS_SECONDS = 2.0
"""How long a follower's view of whom it may see is trusted."""

PROGRESS_SECONDS = 1.0
"""A campaign's progress is told at most this often."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Update:
    """A row of the feed for one follower, and the cursor to resume after it."""

    cursor: str
    entry: FeedEntry


@dataclass(eq=False, slots=True)
class _Follower:
    """Who follows: the customers visible to them (None: all) and the rows waiting for them."""

    viewer: Viewer
    customer_id: int | None
    csm_id: int | None
    customers: frozenset[int] | None = frozenset()
    checked_at: float = 0.0
    rows: deque[FeedEntry] = field(default_factory=deque)
    is_lagging: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def wants(self, customer_id: int) -> bool:
        """Whether a row of this customer is for them, as far as known."""
        return self.customers is None or customer_id in self.customers

    def push(self, entry: FeedEntry) -> None:
        """Hand over a row; one too many and they must replay."""
        if self.is_lagging or len(self.rows) >= FOLLOWER_ROWS:
            self.rows.clear()
            self.is_lagging = True
        else:
            self.rows.append(entry)
        self.news.set()


class Live:
    """The process's reader of the feed; `run` it for as long as the process lives."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database = database
        self._bell = bell
        self._followers: set[_Follower] = set()
        self._epoch = ""
        self._position: Position | None = None
        self._starting = asyncio.Lock()
        self._ticks: set[asyncio.Event] = set()

    async def run(self) -> None:
        """Read the feed when the bell rings, and every second; survives anything but the end."""
        while True:
            try:
                await self._bell.wait(POLL_SECONDS)
                for tick in self._ticks:
                    tick.set()
                if self._followers:
                    await self._read()
                else:
                    self._position = None
            except Unavailable:
                await asyncio.sleep(POLL_SECONDS / 2)
            except Exception:
                logger.exception("reading the feed failed; trying again")
                await asyncio.sleep(POLL_SECONDS)

    async def _read(self) -> None:
        while self._position is not None:
            async with self._database.connection() as connection:
                entries = await read(connection, Cursor(self._epoch, self._position))
            for entry in entries:
                self._position = entry.position
                for follower in self._followers:
                    if follower.wants(entry.customer_id):
                        follower.push(entry)
            if len(entries) < FEED_BATCH:
                return

    async def updates(
        self,
        viewer: Viewer,
        *,
        customer_id: int | None = None,
        csm_id: int | None = None,
        after: str | None = None,
    ) -> AsyncIterator[Update]:
        """What happens at one customer, at a CSM's customers, or at all that the viewer may see.

        With `after` first what came after that cursor, then live; without, from now on. Raises
        DomainError INVALID_CURSOR or CURSOR_EXPIRED.
        """
        follower = _Follower(viewer, customer_id, csm_id)
        cursor = parse_cursor(after) if after is not None else None
        async with self._database.connection() as connection:
            await self._refresh(connection, follower)
            if cursor is None:
                cursor = await head(connection)
            await check_cursor(connection, cursor)
        self._followers.add(follower)
        try:
            # What the reader reads from here on it also hands to us: replay up to there.
            await self._start()
            follower.is_lagging = True
            while True:
                async for entry in self._next(follower, cursor):
                    cursor = cursor.moved(entry.position)
                    yield Update(str(cursor), entry)
        finally:
            self._followers.discard(follower)

    async def _start(self) -> None:
        """Have the reader stand somewhere, if it has been idle."""
        async with self._starting:
            if self._position is None:
                async with self._database.connection() as connection:
                    now = await head(connection)
                self._epoch, self._position = now.epoch, now.position

    async def _next(self, follower: _Follower, cursor: Cursor) -> AsyncIterator[FeedEntry]:
        """The rows waiting for a follower: from memory, or replayed where it lags."""
        if follower.is_lagging:
            async for entry in self._replay(follower, cursor):
                yield entry
            return
        await follower.news.wait()
        follower.news.clear()
        while follower.rows and not follower.is_lagging:
            await self._check_rights(follower)
            if follower.rows:
                entry = follower.rows.popleft()
                if not cursor.has_seen(entry.position) and follower.wants(entry.customer_id):
                    cursor = cursor.moved(entry.position)
                    yield entry

    async def _replay(self, follower: _Follower, cursor: Cursor) -> AsyncIterator[FeedEntry]:
        while True:
            # Before the reading: rows that come meanwhile are handed over, and skipped if seen.
            follower.is_lagging = False
            follower.rows.clear()
            await self._check_rights(follower)
            async with self._database.connection() as connection:
                await check_cursor(connection, cursor)
                ids = None if follower.customers is None else sorted(follower.customers)
                entries = await read(connection, cursor, customer_ids=ids)
            for entry in entries:
                cursor = cursor.moved(entry.position)
                yield entry
            if len(entries) < FEED_BATCH:
                follower.news.set()
                return

    async def _check_rights(self, follower: _Follower) -> None:
        if time.monotonic() - follower.checked_at > RIGHTS_SECONDS:
            async with self._database.connection() as connection:
                await self._refresh(connection, follower)

    async def _refresh(self, connection: Connection, follower: _Follower) -> None:
        """Whom the follower may see now, through the one scoping function."""
        follower.customers = await visible_customers(
            connection, follower.viewer, follower.customer_id, follower.csm_id
        )
        follower.checked_at = time.monotonic()

    async def campaign_ticks(self) -> AsyncIterator[None]:
        """Ticks when something may have changed, at most once a second; the first at once."""
        tick = asyncio.Event()
        self._ticks.add(tick)
        try:
            while True:
                yield
                await asyncio.sleep(PROGRESS_SECONDS)
                await tick.wait()
                tick.clear()
        finally:
            self._ticks.discard(tick)


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
