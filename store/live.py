"""Live: one reader of the feed in each process, handing rows to whoever follows.

A follower first replays from its cursor, then gets what the reader reads; where it falls behind, it
replays again from where it stands. So its memory is bounded and nothing is lost or repeated.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog

from domain.viewer import Viewer
from store.bell import Bell
from store.database import Database, Unavailable
from store.feed import (
    EVENTS,
    FEED_BATCH,
    RECOMMENDATIONS,
    Cursor,
    Entry,
    FeedEntry,
    Log,
    Position,
    RecommendationEntry,
    parse_cursor,
)
from store.sight import RIGHTS_SECONDS, Sight, Sights

POLL_SECONDS = 1.0
"""How often the feed is looked at when no bell rings."""

HELD_SECONDS, HELD_LONGER_SECONDS = 0.002, 0.05
"""How soon rows that an older transaction holds back are looked for again, at first and at last:
twice as late each time. Nobody rings when such a transaction ends."""

FOLLOWER_ROWS = 1_000
"""Rows held for a follower; one that lags further replays from the database."""

PROGRESS_SECONDS = 1.0
"""A campaign's progress is told at most this often."""

logger = structlog.get_logger(__name__)


E = TypeVar("E", bound=Entry)


Until = Callable[[Cursor, bool], bool]
"""Asked at each place before what follows is told, and, with True, where nothing follows yet: its
True ends the updates there."""


@dataclass(frozen=True, slots=True)
class Told(Generic[E]):
    """A row of the feed for one follower, and the place after it."""

    place: Cursor
    entry: E

    @property
    def cursor(self) -> str:
        """The place as clients hand it back."""
        return str(self.place)


Update = Told[FeedEntry]
"""Something happened at a customer."""


@dataclass(eq=False, slots=True)
class _Follower(Generic[E]):
    """Who follows, where they stand, whom they may see, and the rows waiting for them."""

    viewer: Viewer
    customer_id: int | None
    csm_id: int | None
    cursor: Cursor
    sight: Sight
    until: Until | None = None
    rows: deque[E] = field(default_factory=deque)
    is_lagging: bool = False
    is_over: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def may_gain(self) -> bool:
        """Whether customers they did not see before can come to be theirs."""
        return self.customer_id is None and self.sight.customers is not None

    def wants(self, customer_id: int) -> bool:
        """Whether a row of this customer is for them, if they may see it when it is told."""
        if self.customer_id is not None:
            return customer_id == self.customer_id
        return self.sight.has(customer_id)

    def is_to_end(self, place: Cursor, *, is_all_told: bool = False) -> bool:
        """Whether the updates end at this place."""
        if self.until is not None and self.until(place, is_all_told):
            self.is_over = True
        return self.is_over

    def push(self, entry: E) -> None:
        """Hand over a row; one too many and they must replay."""
        if self.is_lagging or len(self.rows) >= FOLLOWER_ROWS:
            self.rows.clear()
            self.is_lagging = True
        else:
            self.rows.append(entry)
        self.news.set()

    def look(self, sight: Sight) -> None:
        """See what may be seen now; what was gained is replayed."""
        if sight.has_gained(self.sight):
            self.is_lagging = True
            self.news.set()
        self.sight = sight


class Reader(Generic[E]):
    """The process's reader of a log; `run` it for as long as the process lives.

    A bell wakes one reader: that one has those `beside` it look, too.
    """

    def __init__(
        self, database: Database, bell: Bell, log: Log[E], *, beside: "Reader[Any] | None" = None
    ) -> None:
        self._database = database
        self._bell = bell
        self._log = log
        self._beside = beside
        self._followers: set[_Follower[E]] = set()
        self._epoch = ""
        self._position: Position | None = None
        self._starting = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._next_look: asyncio.Task[Cursor] | None = None
        self._ticks: set[asyncio.Event] = set()
        self._sights = Sights(database, lambda: self._position)

    async def run(self) -> None:
        """Read the feed when the bell rings, and every second; survives anything but the end."""
        patience = POLL_SECONDS
        while True:
            try:
                await self._bell.wait(patience)
                for tick in self._ticks:
                    tick.set()
                is_held = await self.look()
                if self._beside is not None:
                    is_held = await self._beside.look() or is_held
                patience = _next_patience(patience) if is_held else POLL_SECONDS
            except Unavailable:
                await asyncio.sleep(POLL_SECONDS / 2)
            except Exception:
                logger.exception("reading the feed failed; trying again")
                await asyncio.sleep(POLL_SECONDS)

    async def look(self) -> bool:
        """Read what is new, if anybody follows; whether there is more that is held back."""
        if self._followers:
            return await self._read()
        self._position = None
        return False

    async def _read(self) -> bool:
        while self._position is not None:
            async with self._database.statement() as connection:
                entries = await self._log.read(connection, Cursor(self._epoch, self._position))
            for entry in entries:
                self._position = entry.position
                for follower in self._followers:
                    if follower.wants(entry.customer_id):
                        follower.push(entry)
            if len(entries) < FEED_BATCH:
                async with self._database.statement() as connection:
                    return await self._log.is_held(connection)
        return False

    async def updates(
        self,
        viewer: Viewer,
        *,
        customer_id: int | None = None,
        csm_id: int | None = None,
        after: Cursor | str | None = None,
        until: Until | None = None,
    ) -> AsyncIterator[Told[E]]:
        """What happens at one customer, at a CSM's customers, or at all that the viewer may see.

        With `after` first what came after that cursor, then live; without, from now on. Raises
        DomainError INVALID_CURSOR or CURSOR_EXPIRED.
        """
        cursor = await (self._now() if after is None else self._there(after))
        sight = await self._sights.of(viewer, customer_id, csm_id)
        follower: _Follower[E] = _Follower(viewer, customer_id, csm_id, cursor, sight, until)
        self._followers.add(follower)
        try:
            # What the reader reads from here on it also hands to us: replay up to there.
            await self._start()
            # Where the reader is not beyond the cursor yet, it will hand over all that follows.
            follower.is_lagging = self._position is None or self._position > cursor.position
            while not follower.is_over:
                try:
                    async for entry in self._next(follower):
                        yield Told(follower.cursor, entry)
                except Unavailable:
                    # Followers outlive a restart of PostgreSQL: they go on where they stand.
                    await asyncio.sleep(POLL_SECONDS / 2)
                    follower.is_lagging = True
        finally:
            self._followers.discard(follower)

    async def _there(self, after: Cursor | str) -> Cursor:
        cursor = parse_cursor(after) if isinstance(after, str) else after
        async with self._database.connection() as connection:
            await self._log.check_cursor(connection, cursor)
        return cursor

    async def _now(self) -> Cursor:
        """The end of the feed: one look for all who came before it began."""
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._look())
        # Who goes away takes nobody else's answer along.
        return await asyncio.shield(self._next_look)

    async def _look(self) -> Cursor:
        async with self._looking:
            self._next_look = None
            async with self._database.connection() as connection:
                return await self._log.head(connection)

    async def _start(self) -> None:
        """Have the reader stand somewhere, if it has been idle."""
        async with self._starting:
            if self._position is None:
                async with self._database.connection() as connection:
                    now = await self._log.head(connection)
                self._epoch, self._position = now.epoch, now.position

    async def _next(self, follower: _Follower[E]) -> AsyncIterator[E]:
        """The rows waiting for a follower: from memory, or replayed where it lags."""
        if follower.is_lagging:
            async for entry in self._replay(follower):
                yield entry
            return
        await self._hear(follower)
        while follower.rows and not follower.is_lagging:
            await self._check_rights(follower)
            if follower.rows and not follower.is_lagging:
                if follower.is_to_end(follower.cursor):
                    return
                entry = follower.rows.popleft()
                is_new = not follower.cursor.has_seen(entry.position)
                if is_new and follower.sight.has(entry.customer_id):
                    follower.cursor = follower.cursor.moved(entry.position)
                    yield entry

    async def _hear(self, follower: _Follower[E]) -> None:
        """Wait for news. Meanwhile a portfolio may gain a customer, and the feed go on with what
        is for others: a quiet follower's cursor goes along, or it would expire."""
        patience = RIGHTS_SECONDS if follower.may_gain else None
        while not follower.news.is_set():
            if follower.is_to_end(self._stood(follower), is_all_told=True):
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await follower.news.wait()
            if not follower.news.is_set():
                await self._check_rights(follower)
                if not follower.news.is_set():
                    follower.cursor = self._stood(follower)
        follower.news.clear()

    def _stood(self, follower: _Follower[E]) -> Cursor:
        """Up to where all is told to a follower for whom no row waits: the feed goes on with what
        is for others. What they gain is replayed, so that counts from when rights were asked."""
        stood = follower.sight.position if follower.may_gain else self._position
        return follower.cursor if stood is None else follower.cursor.moved(stood)

    async def _replay(self, follower: _Follower[E]) -> AsyncIterator[E]:
        while not follower.is_to_end(follower.cursor):
            await self._check_rights(follower)
            # Before the reading: rows that come meanwhile are handed over, and skipped if seen.
            follower.is_lagging = False
            follower.rows.clear()
            async with self._database.connection() as connection:
                entries = await self._log.read(
                    connection, follower.cursor, customer_ids=_asked_for(follower)
                )
                # Afterwards: what was trimmed until then may be missing from what was read.
                await self._log.check_cursor(connection, follower.cursor)
            for entry in entries:
                if follower.is_to_end(follower.cursor):
                    return
                follower.cursor = follower.cursor.moved(entry.position)
                yield entry
            if len(entries) < FEED_BATCH:
                follower.news.set()
                return

    async def _check_rights(self, follower: _Follower[E]) -> None:
        if follower.sight.is_old:
            follower.look(
                await self._sights.of(follower.viewer, follower.customer_id, follower.csm_id)
            )

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


def _next_patience(patience: float) -> float:
    """How long to wait for what is held back, after having waited so long."""
    return HELD_SECONDS if patience >= POLL_SECONDS else min(2 * patience, HELD_LONGER_SECONDS)


def _asked_for(follower: _Follower[Any]) -> list[int] | None:
    """Whose rows a follower replays; None for all."""
    if follower.customer_id is None:
        return None if follower.sight.customers is None else sorted(follower.sight.customers)
    return [follower.customer_id] if follower.sight.has(follower.customer_id) else []


class Live(Reader[FeedEntry]):
    """The reader of what happens at customers; it wakes the one of recommendations."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self.advice = Reader[RecommendationEntry](database, bell, RECOMMENDATIONS)
        super().__init__(database, bell, EVENTS, beside=self.advice)

    def ring(self) -> None:
        """Have every process look at once at what was just committed; never waits, never fails."""
        self._bell.ring()
