"""Hits at our doors are written together, held while PostgreSQL is away, and never told twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from store.database import Unavailable
from store.hits import LARGEST_BATCH, SPACING_SECONDS, Hits


class Inbox:
    """Takes lines as PostgreSQL would: slowly while the gate is shut, not at all while away."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_away = False
        self.attempts = 0
        self.under_way = 0
        self.most_under_way = 0
        self.began: list[float] = []

    async def store(self, lines: Sequence[bytes]) -> None:
        self.attempts += 1
        self.began.append(asyncio.get_running_loop().time())
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(0)
            await self.gate.wait()
            if self.is_away:
                raise Unavailable("PostgreSQL cannot be reached")
            self.batches.append(list(lines))
        finally:
            self.under_way -= 1


class Stage:
    """Hits over an inbox, and how many were lost."""

    def __init__(self, *, held: int = 100, patience: float = 5.0, away: float = 0.02) -> None:
        self.inbox = Inbox()
        self.lost = 0
        self.hits = Hits(self.inbox.store, lost=self._lose, held=held, patience=patience, away=away)

    def _lose(self, count: int) -> None:
        self.lost += count

    async def written(self, count: int) -> list[bytes]:
        """What was written, once so many lines are."""
        async with asyncio.timeout(5):
            while len(found := [line for b in self.inbox.batches for line in b]) < count:
                await asyncio.sleep(0.005)
        return found


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    found = Stage()
    yield found
    await found.hits.close()


async def test_a_hit_alone_is_written_at_once(stage: Stage) -> None:
    assert await stage.hits.record(b"1")
    await stage.hits.keep(b"2")
    assert stage.inbox.batches == [[b"1"], [b"2"]]


async def test_hits_that_wait_share_the_next_insert_and_two_are_under_way_at_most(
    stage: Stage,
) -> None:
    stage.inbox.gate.clear()
    first = [asyncio.create_task(stage.hits.record(b"%d" % n)) for n in range(3)]
    await asyncio.sleep(0.01)
    second = [asyncio.create_task(stage.hits.record(b"%d" % n)) for n in range(3, 6)]
    await asyncio.sleep(0.01)
    third = [asyncio.create_task(stage.hits.record(b"%d" % n)) for n in range(6, 20)]
    await asyncio.sleep(0.01)
    assert not any(task.done() for task in (*first, *second, *third))
    stage.inbox.gate.set()
    assert all(await asyncio.gather(*first, *second, *third))
    assert stage.inbox.most_under_way == 2
    assert [len(batch) for batch in stage.inbox.batches] == [3, 3, 14]


async def test_inserts_begin_some_milliseconds_apart(stage: Stage) -> None:
    start = asyncio.get_running_loop().time()
    for _ in range(4):
        assert await stage.hits.record(b"x")
    assert stage.inbox.began[-1] - start >= 2.9 * SPACING_SECONDS


async def test_a_batch_has_its_limit() -> None:
    stage = Stage(held=10_000)
    stage.inbox.gate.clear()
    tasks = [asyncio.create_task(stage.hits.record(b"x")) for _ in range(2 * LARGEST_BATCH + 5)]
    await asyncio.sleep(0.05)
    stage.inbox.gate.set()
    assert all(await asyncio.gather(*tasks))
    assert sorted(len(batch) for batch in stage.inbox.batches) == [5, LARGEST_BATCH, LARGEST_BATCH]


async def test_while_postgresql_is_away_clicks_are_held_and_opens_are_refused() -> None:
    stage = Stage(away=0.1)
    stage.inbox.is_away = True
    assert await stage.hits.record(b"open") is False
    await stage.hits.keep(b"click 1")
    await stage.hits.keep(b"click 2")
    assert await stage.hits.record(b"open 2") is False
    assert stage.hits.waiting == 2
    stage.inbox.is_away = False
    assert await stage.written(2) == [b"click 1", b"click 2"]
    assert stage.lost == 0
    await asyncio.sleep(0.1)
    assert await stage.hits.record(b"open 3")


async def test_nobody_waits_while_it_is_away() -> None:
    stage = Stage(away=60)
    stage.inbox.is_away = True
    await stage.hits.keep(b"1")
    for number in range(50):
        await stage.hits.keep(b"%d" % number)
        assert await stage.hits.record(b"x") is False
    assert stage.inbox.attempts == 1
    await stage.hits.close()


async def test_whoever_waits_too_long_gets_on_and_only_what_is_kept_is_written() -> None:
    stage = Stage(patience=0.05)
    stage.inbox.gate.clear()
    holding = []
    for number in range(2):
        holding.append(asyncio.create_task(stage.hits.record(b"%d" % number)))
        await asyncio.sleep(0.01)
    waiting = [
        asyncio.create_task(stage.hits.record(b"open")),
        asyncio.create_task(stage.hits.keep(b"click")),
    ]
    assert (await asyncio.gather(*holding, *waiting))[:3] == [False, False, False]
    stage.inbox.gate.set()
    # The first were under way already, and may well be written although nobody waits for them.
    assert sorted(await stage.written(3)) == [b"0", b"1", b"click"]


async def test_more_than_can_be_held_is_lost_and_counted() -> None:
    stage = Stage(held=3, away=60)
    stage.inbox.is_away = True
    for number in range(5):
        await stage.hits.keep(b"%d" % number)
    assert (stage.hits.waiting, stage.lost) == (3, 2)
    stage.inbox.is_away = False
    await stage.hits.close()
    assert stage.inbox.batches == [[b"0", b"1", b"2"]]
    assert stage.lost == 2


async def test_the_last_hits_are_written_when_the_process_ends() -> None:
    stage = Stage(patience=0.01)
    stage.inbox.gate.clear()
    await asyncio.gather(*(stage.hits.keep(b"%d" % n) for n in range(3)))
    stage.inbox.gate.set()
    await stage.hits.close()
    assert [line for batch in stage.inbox.batches for line in batch] == [b"0", b"1", b"2"]
    assert stage.lost == 0


async def test_what_cannot_be_written_at_the_end_is_lost_and_counted() -> None:
    stage = Stage(away=60)
    stage.inbox.is_away = True
    await stage.hits.keep(b"1")
    await stage.hits.keep(b"2")
    await stage.hits.close()
    assert stage.lost == 2


async def test_a_reader_who_hangs_up_does_not_take_the_hit_along(stage: Stage) -> None:
    stage.inbox.gate.clear()
    tasks = [asyncio.create_task(stage.hits.record(b"%d" % n)) for n in range(4)]
    await asyncio.sleep(0.01)
    tasks[0].cancel()
    stage.inbox.gate.set()
    assert await asyncio.gather(*tasks[1:]) == [True, True, True]
    assert await stage.written(4) == [b"0", b"1", b"2", b"3"]
