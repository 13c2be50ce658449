"""The bell: tells other processes at once that the feed has grown, or that there is work.

It carries no data and may be lost: whoever waits looks for themselves every second anyway. It goes
through broadcaster over Redis or Valkey, behind one subscription per process that is rebuilt when
it falls silent (broadcaster's listener dies without a word when its connection does).
"""

import asyncio
import contextlib

import structlog
from broadcaster import Broadcast
from broadcaster._backends.redis import RedisBackend
from broadcaster._base import Subscriber

FEED = "engagement:feed"
"""Rung when the feed has grown; whoever tells subscribers hears it."""

WORK = "engagement:work"
"""Rung when something was committed that a worker is to go on with."""

RUNG = "rung"
BEAT = "beat"

BEAT_SECONDS = 2.0
"""How often a process rings for itself, and how soon it must hear that, to know the line stands."""

REBUILD_SECONDS = 0.5
"""Pause before the line is built anew."""

logger = structlog.get_logger(__name__)


class Bell:
    """One line to Redis; `run` keeps it up until cancelled."""

    def __init__(self, redis_url: str, *, hears: str = FEED) -> None:
        """`hears` is the channel of this process."""
        self._redis_url = redis_url
        self._hears = hears
        self._broadcast: Broadcast | None = None
        self._rung = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None
        self._due: set[str] = set()

    async def run(self) -> None:
        """Listen, and build the line anew whenever it breaks or falls silent."""
        is_up = True
        while True:
            try:
                await self._listen()
            except Exception as error:
                if is_up:
                    logger.warning("live wake-ups are away, polling meanwhile", error=repr(error))
                is_up = False
            else:
                is_up = True
            self._broadcast = None
            await asyncio.sleep(REBUILD_SECONDS)

    async def _listen(self) -> None:
        broadcast = Broadcast(backend=RedisBackend(self._redis_url))
        await broadcast.connect()
        try:
            async with broadcast.subscribe(self._hears) as subscriber:
                self._broadcast = broadcast
                while True:
                    # Our own beat must come back: a line that fell silent looks like a quiet one.
                    await broadcast.publish(self._hears, BEAT)
                    async with asyncio.timeout(BEAT_SECONDS):
                        await self._hear_until_beat(subscriber)
                    await self._hear_for(subscriber, BEAT_SECONDS)
        finally:
            self._broadcast = None
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1):
                    await broadcast.disconnect()

    async def _hear_until_beat(self, subscriber: Subscriber) -> None:
        while (await subscriber.get()).message != BEAT:
            self._rung.set()

    async def _hear_for(self, subscriber: Subscriber, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    if (await subscriber.get()).message == RUNG:
                        self._rung.set()

    def ring(self, channel: str = FEED) -> None:
        """Tell every process that hears the channel, soon; never waits, never fails. Rings that
        meet become one."""
        if channel == self._hears:
            self._rung.set()
        self._due.add(channel)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._due:
            channel = self._due.pop()
            if (broadcast := self._broadcast) is None:
                continue
            try:
                async with asyncio.timeout(1):
                    await broadcast.publish(channel, RUNG)
            except Exception as error:
                logger.debug("a wake-up was lost", error=repr(error))

    async def wait(self, seconds: float) -> bool:
        """Wait until it rings, at most so long; whether it rang."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        rang = self._rung.is_set()
        self._rung.clear()
        return rang
