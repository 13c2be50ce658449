"""Waking workers: an arq job says "there is work". PostgreSQL holds the work itself.

arq looks for jobs every so often. Who waits for what was committed to be shown is told sooner: the
bell rings beside it.
"""

import asyncio
import time
from typing import Any

import orjson
import structlog
from arq import create_pool
from arq.connections import ArqRedis, RedisSettings

from store.bell import WORK, Bell

WINDOW_SECONDS = 0.25
"""Wake-ups within this time are one job: its id is the number of the window. Whoever is woken looks
again and again until the window ends, since a look is cheaper than a job."""

DRAIN = "drain"
"""The name of the job."""

CONNECT_SECONDS = 1.0
"""Pause between attempts to reach Redis; workers poll meanwhile."""

logger = structlog.get_logger(__name__)


def redis_settings(url: str) -> RedisSettings:
    """How arq reaches Redis, Valkey, or either's socket; it fails fast, we try again ourselves."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_retries = 0
    settings.conn_timeout = 1
    return settings


def serialize(job: dict[str, Any]) -> bytes:
    """Jobs as JSON: arq's pickle would run whatever stands in Redis."""
    return orjson.dumps(job, default=repr)


def deserialize(raw: bytes) -> dict[str, Any]:
    """What `serialize` wrote."""
    job: dict[str, Any] = orjson.loads(raw)
    return job


class Wake:
    """Tells workers that something was committed. It may get lost: they look every second."""

    def __init__(self, redis_url: str, bell: Bell | None = None) -> None:
        """`bell` rings for workers, where the process has one."""
        self._bell = bell
        self._settings = redis_settings(redis_url)
        self._pool: ArqRedis | None = None
        self._away_until = 0.0
        self._window = -1
        self._task: asyncio.Task[None] | None = None

    async def ingest(self) -> None:
        """Wake workers at once; never waits for Redis, never fails."""
        if self._bell is not None:
            self._bell.ring(WORK)
        await self.soon()

    async def soon(self) -> None:
        """Wake a worker when arq looks next; never waits for Redis, never fails."""
        window = int(time.time() / WINDOW_SECONDS)
        if window == self._window or (self._task is not None and not self._task.done()):
            if window == self._window:
                return
            # The running call may still be dialling: its job is of an earlier window, so ours
            # must follow.
            previous = self._task
            self._window = window
            self._task = asyncio.create_task(self._after(previous, window))
            return
        self._window = window
        self._task = asyncio.create_task(self._enqueue(window))

    async def _after(self, previous: asyncio.Task[None] | None, window: int) -> None:
        if previous is not None:
            await asyncio.wait([previous])
        await self._enqueue(window)

    async def _enqueue(self, window: int) -> None:
        if time.monotonic() < self._away_until:
            return
        try:
            async with asyncio.timeout(2):
                if self._pool is None:
                    self._pool = await create_pool(
                        self._settings, job_serializer=serialize, job_deserializer=deserialize
                    )
                await self._pool.enqueue_job(
                    DRAIN,
                    (window + 1) * WINDOW_SECONDS,
                    _job_id=f"{DRAIN}:{window}",
                    _expires=60,
                )
        except Exception as error:
            logger.warning("workers cannot be woken, they poll meanwhile", error=repr(error))
            self._away_until = time.monotonic() + CONNECT_SECONDS
            await self._drop()

    async def _drop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(1):
                    await pool.aclose()
            except Exception as error:
                logger.debug("closing a broken connection failed", error=repr(error))

    async def close(self) -> None:
        """Finish what is under way and close the connection."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=2)
        await self._drop()
