"""Looking for work: at once when asked, until there is none, and at a pace."""

import asyncio
import time

import pytest

from jobs.looking import LOOK_SECONDS, PACE_BURST, PACE_SECONDS, Look, Pace
from store.database import Conflict, Unavailable


class Works:
    """Work that is put somewhere, and how often it was looked for."""

    def __init__(self, *found: int | Exception) -> None:
        self.found = list(found)
        self.looks = 0
        self.look = Look(self._step)

    async def come(self, looks: int) -> None:
        """Return when it was looked for so often."""
        async with asyncio.timeout(10):
            while self.looks < looks:
                await asyncio.sleep(0.01)

    async def _step(self) -> int:
        self.looks += 1
        await asyncio.sleep(0)
        found = self.found.pop(0) if self.found else 0
        if isinstance(found, Exception):
            raise found
        return found


async def test_it_works_until_there_is_none() -> None:
    works = Works(3, 2, 0, 7)
    assert await works.look.until(0) == 5
    assert works.looks == 3


async def test_a_conflict_is_looked_at_again() -> None:
    works = Works(Conflict("in the way"), 2)
    assert await works.look.until(0) == 3
    assert works.looks == 3


async def test_it_looks_at_once_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.looking.LOOK_SECONDS", 20.0)
    works = Works()
    looking = asyncio.create_task(works.look.until(time.time() + 20))
    await asyncio.sleep(0.05)
    assert works.looks == 1
    works.look.ask(0)
    await works.come(2)
    looking.cancel()


async def test_until_a_deadline_it_looks_every_so_often() -> None:
    works = Works()
    await works.look.until(time.time() + 0.3)
    assert 2 <= works.looks <= 0.3 / LOOK_SECONDS + 2


async def test_whoever_asks_while_it_works_is_followed_by_a_look_after_their_deadline() -> None:
    works = Works()
    looking = asyncio.create_task(works.look.until(time.time() + 0.05))
    await asyncio.sleep(0.02)
    later = time.time() + 0.2
    assert await works.look.until(later) == 0
    await looking
    assert time.time() > later


@pytest.mark.parametrize("error", [Unavailable("PostgreSQL is away"), ValueError("a mistake")])
async def test_it_goes_on_after_a_failure(error: Exception) -> None:
    works = Works(error)
    keeping = asyncio.create_task(works.look.keep(0.02))
    await works.come(3)
    keeping.cancel()
    await asyncio.wait([keeping])


async def test_however_many_ask_for_nothing_it_looks_at_a_pace() -> None:
    works = Works()
    keeping = asyncio.create_task(works.look.keep(10))
    began = time.monotonic()
    while time.monotonic() - began < 0.3:
        works.look.ask(0)
        await asyncio.sleep(0.001)
    keeping.cancel()
    await asyncio.wait([keeping])
    assert works.looks <= 0.4 / PACE_SECONDS + PACE_BURST + 2


async def test_unasked_it_looks_every_so_often_and_no_more() -> None:
    works = Works()
    keeping = asyncio.create_task(works.look.keep(0.1))
    await asyncio.sleep(0.35)
    keeping.cancel()
    await asyncio.wait([keeping])
    assert 2 <= works.looks <= 4


async def test_so_many_come_at_once_and_the_others_apart() -> None:
    pace = Pace(10.0, 3)
    pauses = [pace.pause() for _ in range(5)]
    assert pauses == pytest.approx([0, 0, 0, 10, 20], abs=0.5)
