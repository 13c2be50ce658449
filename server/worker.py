"""The worker: an arq worker that is woken, and loops of its own that need no Redis."""

import asyncio
import os
import signal
import time
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
import uvloop
from arq import create_pool
from arq.worker import Worker, func

from intake.tokens import Tokens
from jobs.counting import keep_counting
from jobs.deliveries import Deliveries
from jobs.digest import keep_digesting
from jobs.drain import Drain, Limits
from jobs.ingest import warm_up
from jobs.insight import keep_deriving
from jobs.nightly import keep_learning
from jobs.pulling import keep_pulling
from jobs.queue import DRAIN, deserialize, redis_settings, serialize
from jobs.upkeep import keep_up
from server import children
from server.children import Child
from server.garbage import settle
from server.outbox import plan_of
from server.policy import policy_of
from server.pulling import sources_of, utc_now
from server.settings import Settings
from store.bell import WORK, Bell
from store.database import Database, Unavailable

SWEEP_SECONDS = 0.5
"""How often work is looked for without a wake-up; so late is it at most when Redis is away."""

POLL_SECONDS = 0.1
"""How often arq looks into its queue."""

REBUILD_SECONDS = 1.0
"""Pause before an arq worker that ended (it does on any Redis error) is built anew."""

STOP_SECONDS = 5.0
"""What a batch under way gets to finish when we are told to stop."""

logger = structlog.get_logger(__name__)


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    if settings.worker_processes > 1:
        _keep_many(settings.worker_processes)
        return
    settle()
    uvloop.run(work(settings))


def _keep_many(count: int) -> None:
    """So many workers, each started again when it dies."""
    environment = {**os.environ, "WORKER_PROCESSES": "1"}
    children.keep(
        [
            Child(f"worker {number}", ["worker"], environment=environment)
            for number in range(1, count + 1)
        ]
    )


async def work(settings: Settings) -> None:
    """Connect, start every loop, and stop them in order when told to."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    database = await connect(settings, stop)
    if database is None:
        return
    warm_up(settings.providers, datetime.now(UTC))
    bell = Bell(settings.redis_url, hears=WORK)
    drain = Drain(
        database,
        policy_of(settings),
        ring=bell.ring,
        limits=limits_of(settings),
        tokens=Tokens(settings.secret_key.get_secret_value()),
    )
    deliveries = Deliveries(database, policy_of(settings), utc_now)
    loops: list[Coroutine[Any, Any, None]] = [
        bell.run(),
        drain.keep(SWEEP_SECONDS),
        hear(drain, bell),
        be_woken(drain, settings.redis_url),
        deliveries.keep_delivering(),
        *_upkeep(settings, database, bell),
    ]
    tasks = [asyncio.create_task(loop) for loop in loops]
    logger.info("worker is ready")
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=STOP_SECONDS)
    await deliveries.close()
    await database.close()


def _upkeep(
    settings: Settings, database: Database, bell: Bell
) -> Iterable[Coroutine[Any, Any, None]]:
    """What follows from events, in its own time."""
    policy = policy_of(settings)
    return [
        keep_up(
            database,
            utc_now,
            feed_retention=timedelta(days=settings.feed_retention_days),
            payload_retention=timedelta(days=settings.payload_retention_days),
            event_retention=timedelta(days=settings.retention_days),
            policy=policy,
        ),
        keep_counting(database),
        keep_deriving(database, policy, utc_now, bell.ring),
        keep_learning(database, utc_now),
        keep_digesting(database, plan_of(settings), utc_now),
        *(keep_pulling(database, source, utc_now) for source in sources_of(settings, utc_now)),
    ]


async def connect(settings: Settings, stop: asyncio.Event) -> Database | None:
    """The database, as soon as it can be reached; None when told to stop before."""
    database = Database(settings.database_url, max_size=settings.database_pool_size)
    while not stop.is_set():
        try:
            await database.connect()
        except Unavailable as error:
            logger.warning("waiting for PostgreSQL", error=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await stop.wait()
        else:
            return database
    return None


def limits_of(settings: Settings) -> Limits:
    """How payloads are lent to this worker."""
    return Limits(
        lease=timedelta(seconds=settings.payload_lease_seconds), tries=settings.payload_tries
    )


async def hear(drain: Drain, bell: Bell) -> None:
    """Have the drain look whenever the bell rings."""
    while True:
        if await bell.wait(SWEEP_SECONDS):
            drain.ask(time.time())


async def be_woken(drain: Drain, redis_url: str) -> None:
    """Run an arq worker for wake-ups, and another whenever it ends."""

    async def run_drain(_: dict[str, Any], deadline: float) -> None:
        drain.ask(deadline)

    is_up = True
    while True:
        try:
            await _run_arq(run_drain, redis_url)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # arq ends with SystemExit-like errors of its own, too
            if is_up:
                logger.warning("wake-ups are away, polling meanwhile", error=repr(error))
            is_up = False
        else:
            is_up = True
        await asyncio.sleep(REBUILD_SECONDS)


async def _run_arq(run_drain: Any, redis_url: str) -> None:
    pool = await create_pool(
        redis_settings(redis_url), job_serializer=serialize, job_deserializer=deserialize
    )
    worker = Worker(
        functions=[func(run_drain, name=DRAIN, keep_result=0, timeout=300, max_tries=1)],
        redis_pool=pool,
        handle_signals=False,
        poll_delay=POLL_SECONDS,
        max_jobs=10,
        keep_result=0,
        log_results=False,
        job_serializer=serialize,
        job_deserializer=deserialize,
        health_check_interval=60,
    )
    try:
        await worker.async_run()
    finally:
        with suppress(Exception):
            async with asyncio.timeout(1):
                await worker.close()
        with suppress(Exception):
            await pool.aclose()
