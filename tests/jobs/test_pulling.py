"""Pulling a source: resumed exactly, whatever dies; failures kept; the inbox not drowned."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from jobs import pulling
from jobs.pulling import Page, Source, SourceFailed, keep_pulling, pull
from store.database import Database
from store.pulls import Cursor, LeaseLost
from tests.jobs.mail import execute, rows

STATE = "SELECT cursor, error, failures, lease_until IS NULL, pulled_at IS NULL FROM pull"


def now() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Shelf:
    """A source of numbered books, two an answer; `before` runs ahead of each answer."""

    books: int
    before: Callable[[int], Awaitable[None]] | None = None
    asked: list[int] = field(default_factory=list)

    async def fetch(self, cursor: Cursor) -> Page:
        first = cursor.get("read", 0)
        self.asked.append(first)
        if self.before is not None:
            await self.before(len(self.asked))
        last = min(first + 2, self.books)
        bodies = [b"book %d" % number for number in range(first, last)]
        return Page(bodies, {"read": last}, last < self.books)


def source(shelf: Shelf, seconds: float = 0.0) -> Source:
    return Source(name="shelf", provider="mail", seconds=seconds, fetch=shelf.fetch)


async def stored(database: Database) -> list[bytes]:
    return [row[0] for row in await rows(database, "SELECT body FROM payload ORDER BY id")]


def books(number: int) -> list[bytes]:
    return [b"book %d" % one for one in range(number)]


async def test_everything_is_read_once_and_later_only_what_is_new(database: Database) -> None:
    shelf = Shelf(books=5)
    await pull(database, source(shelf), now)
    assert await stored(database) == books(5)

    shelf.books = 6
    await pull(database, source(shelf), now)
    assert await stored(database) == books(6)
    assert shelf.asked == [0, 2, 4, 5]


async def test_a_worker_killed_in_the_middle_is_resumed_at_the_page(database: Database) -> None:
    reached = asyncio.Event()

    async def hang(answer: int) -> None:
        if answer == 3:
            reached.set()
            await asyncio.Event().wait()

    first = asyncio.create_task(pull(database, source(Shelf(9, hang)), now))
    await reached.wait()
    assert await stored(database) == books(4)
    # A killed worker gives nothing back: here its lease is put as it would leave it.
    lease = await rows(database, "SELECT holder, lease_until > now() FROM pull")
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    await execute(
        database,
        f"UPDATE pull SET holder = '{lease[0][0]}', lease_until = now() + interval '1 min'",
    )

    heir = Shelf(9)
    await pull(database, source(heir), now)
    assert heir.asked == []
    await execute(database, "UPDATE pull SET lease_until = now() - interval '1 s'")
    await pull(database, source(heir), now)
    assert await stored(database) == books(9)
    assert heir.asked == [4, 6, 8]


async def test_a_worker_told_to_stop_gives_the_source_back_at_once(database: Database) -> None:
    async def hang(answer: int) -> None:
        if answer == 2:
            await asyncio.Event().wait()

    first = asyncio.create_task(keep_pulling(database, source(Shelf(4, hang), 60), now))
    while not await stored(database):
        await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first

    heir = Shelf(4)
    await pull(database, source(heir), now)
    assert heir.asked == [2]
    assert await stored(database) == books(4)


async def test_two_workers_read_a_source_once(database: Database) -> None:
    async def wait(_: int) -> None:
        await asyncio.sleep(0.01)

    shelves = [Shelf(20, wait), Shelf(20, wait)]
    await asyncio.gather(*(pull(database, source(shelf, 60), now) for shelf in shelves))

    assert await stored(database) == books(20)
    assert sorted(len(shelf.asked) for shelf in shelves) == [0, 10]


async def test_a_worker_that_was_too_slow_stores_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease ran out, as when its machine slept; another has read on meanwhile."""

    async def oversleep(answer: int) -> None:
        if answer == 2:
            await execute(database, "UPDATE pull SET lease_until = now() - interval '1 s'")
            await pull(database, source(Shelf(6), 60), now)

    with pytest.raises(LeaseLost):
        await pull(database, source(Shelf(6, oversleep), 60), now)
    assert await stored(database) == books(6)


async def test_a_slow_source_keeps_its_lease(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "RENEWAL_SECONDS", 0.05)
    left: list[float] = []

    async def slow(answer: int) -> None:
        await execute(database, "UPDATE pull SET lease_until = now() + interval '0.5 s'")
        await asyncio.sleep(0.2)
        seconds = "SELECT extract(epoch FROM lease_until - now())::float8 FROM pull"
        left.extend(row[0] for row in await rows(database, seconds))

    await pull(database, source(Shelf(2, slow)), now)
    assert left == [pytest.approx(30, abs=1)]


async def test_a_failure_is_kept_with_its_reason_and_what_was_read_before_it(
    database: Database,
) -> None:
    async def fail(answer: int) -> None:
        if answer == 2:
            raise SourceFailed("the shelf fell over", pause_seconds=0.2)

    await pull(database, source(Shelf(4, fail)), now)
    assert await rows(database, STATE) == [({"read": 2}, "the shelf fell over", 1, True, False)]

    await execute(database, "UPDATE pull SET due_at = now()")
    await pull(database, source(Shelf(4)), now)
    assert await stored(database) == books(4)
    assert await rows(database, STATE) == [({"read": 4}, None, 0, True, False)]


async def test_what_nobody_foresaw_is_kept_without_its_words(database: Database) -> None:
    """They might have a secret in them; the log has them."""

    async def burst(_: int) -> None:
        raise RuntimeError("password 1234")

    await pull(database, source(Shelf(4, burst)), now)
    assert await rows(database, STATE) == [({}, "internal error: RuntimeError", 1, True, True)]


async def test_pulling_waits_while_the_inbox_is_full(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "BACKLOG", 4)
    monkeypatch.setattr(pulling, "LOOK_SECONDS", 0.02)
    task = asyncio.create_task(pull(database, source(Shelf(8)), now))
    await asyncio.sleep(0.3)
    assert await stored(database) == books(4)

    await execute(database, "UPDATE payload SET status = 'DONE'")
    await task
    assert await stored(database) == books(8)


async def test_the_loop_lives_on_when_postgresql_comes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "LOOK_SECONDS", 0.02)
    away = Database("postgresql://nobody@127.0.0.1:9/none")
    loop = asyncio.create_task(keep_pulling(away, source(Shelf(2)), now))
    await asyncio.sleep(0.1)
    assert not loop.done()
    away._pool = database._pool
    while len(await stored(database)) < 2:
        await asyncio.sleep(0.01)
    loop.cancel()
    await asyncio.wait([loop])
