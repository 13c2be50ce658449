"""Work on what came in rests longer while more comes in than can be worked off, and never ends."""

import asyncio
from itertools import pairwise

from jobs.pacing import BUSY, REST_BEHIND, keep_up
from store.database import Database
from tests.jobs.mail import execute, queue

SPENT = 0.02


class Steps:
    """A step that takes a while; what each was told, and when it began and ended."""

    def __init__(self, does: int) -> None:
        self.told: list[bool] = []
        self.spans: list[tuple[float, float]] = []
        self._does = does

    async def __call__(self, behind: bool) -> int:
        now = asyncio.get_running_loop().time
        self.told.append(behind)
        began = now()
        await asyncio.sleep(SPENT)
        self.spans.append((began, now()))
        if len(self.spans) == 1:
            raise RuntimeError("the first fails")
        return self._does

    def rests(self) -> list[float]:
        """Pauses between what did something, in seconds."""
        done = self.spans[1:]
        return [begun - ended for (_, ended), (begun, _) in pairwise(done)]


async def _run(database: Database, steps: Steps, count: int, idle: float) -> None:
    worker = asyncio.create_task(
        keep_up(database, steps, what="steps", rest=1.0, idle_seconds=idle)
    )
    try:
        async with asyncio.timeout(10):
            while len(steps.spans) < count:
                await asyncio.sleep(0.005)
    finally:
        worker.cancel()


async def test_a_step_that_failed_is_tried_again_and_what_is_busy_rests_briefly(
    database: Database,
) -> None:
    steps = Steps(does=1)
    await _run(database, steps, 4, idle=0.05)
    assert not any(steps.told)
    assert min(steps.rests()) < REST_BEHIND * SPENT


async def test_what_waits_to_be_taken_in_goes_first(database: Database) -> None:
    await queue(database)
    await execute(database, "UPDATE payload SET received_at = now() - interval '2 seconds'")
    steps = Steps(does=1)
    await _run(database, steps, 3, idle=0.05)
    assert all(steps.told)
    assert min(steps.rests()) >= REST_BEHIND * SPENT


async def test_when_all_is_taken_in_what_follows_from_it_rests_no_longer(
    database: Database,
) -> None:
    await queue(database)
    await execute(database, "UPDATE payload SET received_at = now() - interval '2 seconds'")
    steps = Steps(does=1)
    running = asyncio.create_task(_run(database, steps, 3, idle=0.05))
    while len(steps.spans) < 2:
        await asyncio.sleep(0.005)
    await execute(database, "DELETE FROM payload")
    await running
    assert steps.rests()[0] < REST_BEHIND * SPENT / 2


async def test_while_something_comes_in_what_follows_from_it_rests_longer(
    database: Database,
) -> None:
    await queue(database)
    await execute(database, "UPDATE payload SET received_at = now() + interval '1 minute'")
    steps = Steps(does=1)
    await _run(database, steps, 4, idle=1.0)
    assert not any(steps.told)
    assert BUSY * SPENT <= min(steps.rests()) < REST_BEHIND * SPENT


async def test_nothing_to_do_is_believed_for_a_while(database: Database) -> None:
    steps = Steps(does=0)
    await _run(database, steps, 4, idle=0.3)
    assert min(steps.rests()) >= 0.3
