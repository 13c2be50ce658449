"""The bell: heard by whom it is rung for, at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jobs.queue import Wake
from store.bell import FEED, WORK, Bell


@asynccontextmanager
async def hanging(redis_url: str, *bells: Bell) -> AsyncIterator[None]:
    """Bells with their lines to Redis, quiet."""
    tasks = [asyncio.create_task(bell.run()) for bell in bells]
    async with asyncio.timeout(10):
        while any(bell._broadcast is None for bell in bells):
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    for bell in bells:
        await bell.wait(0)
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_whoever_hears_the_channel_is_told_and_nobody_else(redis_url: str) -> None:
    web, other_web = Bell(redis_url), Bell(redis_url)
    worker = Bell(redis_url, hears=WORK)
    async with hanging(redis_url, web, other_web, worker):
        web.ring(WORK)
        assert await worker.wait(1)
        assert not await other_web.wait(0.1)
        worker.ring(FEED)
        assert await web.wait(1)
        assert await other_web.wait(1)
        assert not await worker.wait(0.1)


async def test_rings_of_both_kinds_at_once_are_both_heard(redis_url: str) -> None:
    web, worker = Bell(redis_url), Bell(redis_url, hears=WORK)
    ringing = Bell(redis_url)
    async with hanging(redis_url, web, worker, ringing):
        for _ in range(20):
            ringing.ring(FEED)
            ringing.ring(WORK)
            assert all(await asyncio.gather(web.wait(1), worker.wait(1)))


async def test_waking_workers_rings_for_them_and_what_is_in_no_hurry_does_not(
    redis_url: str,
) -> None:
    web, worker = Bell(redis_url), Bell(redis_url, hears=WORK)
    wake = Wake(redis_url, web)
    async with hanging(redis_url, web, worker):
        await wake.soon()
        assert not await worker.wait(0.1)
        await wake.ingest()
        assert await worker.wait(1)
        await wake.close()
