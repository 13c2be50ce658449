"""Wake-ups: few, never for nothing lost, and never in anybody's way."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from arq import create_pool

from jobs.queue import DRAIN, WINDOW_SECONDS, Wake, deserialize, redis_settings, serialize


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    pool = await create_pool(
        redis_settings(redis_url), job_serializer=serialize, job_deserializer=deserialize
    )
    await pool.flushdb()
    yield pool
    await pool.flushdb()
    await pool.aclose()


async def deadlines(redis: Any) -> list[float]:
    """What the waiting jobs tell the drain: the time that a look must begin after."""
    jobs = await redis.queued_jobs()
    assert {job.function for job in jobs} <= {DRAIN}
    return sorted(job.args[0] for job in jobs)


async def test_wake_ups_of_one_window_are_one_job(redis_url: str, redis: Any) -> None:
    wakes = [Wake(redis_url) for _ in range(2)]
    while time.time() % WINDOW_SECONDS > WINDOW_SECONDS / 5:
        await asyncio.sleep(0.001)
    for _ in range(20):
        for wake in wakes:
            await wake.ingest()
    for wake in wakes:
        await wake.close()
    assert len(await deadlines(redis)) <= 2  # the second only on a machine that stalls


async def test_whoever_wakes_is_followed_by_a_look_that_begins_after_it(
    redis_url: str, redis: Any
) -> None:
    wake = Wake(redis_url)
    asked: list[float] = []
    for number in range(60):
        asked.append(time.time())
        await wake.ingest()
        await asyncio.sleep(0.003 * (number % 5))
    await wake.close()
    found = await deadlines(redis)
    for at in asked:
        assert any(at < deadline <= at + 3 * WINDOW_SECONDS for deadline in found)
    assert len(found) <= (asked[-1] - asked[0]) / WINDOW_SECONDS + 2


async def test_without_redis_waking_neither_fails_nor_waits() -> None:
    wake = Wake("unix:///nowhere/valkey.sock")
    began = time.perf_counter()
    for _ in range(100):
        await wake.ingest()
    assert time.perf_counter() - began < 5
    await wake.close()


async def test_jobs_are_json() -> None:
    job = {"f": DRAIN, "a": [1.5], "k": {}, "et": 1}
    assert serialize(job).startswith(b"{")
    assert deserialize(serialize(job)) == job
