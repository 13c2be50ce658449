"""Looking for work: as soon as somebody asks, and until there is none."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from store.database import RETRIED, Unavailable

LOOK_SECONDS = 0.05
"""How often work is looked for until the end of a wake-up's window; whoever rings is not waited
for."""

PACE_SECONDS = 0.02
"""Looks that find nothing follow each other at this pace, however many ask."""

PACE_BURST = 4
"""Looks that are not held up after a quiet time."""

logger = structlog.get_logger(__name__)


class Pace:
    """So many at once, then one every so often."""

    def __init__(self, seconds: float, burst: int) -> None:
        """`burst` are those at once, `seconds` is how far apart the others are."""
        self._seconds = seconds
        self._ahead = seconds * burst
        self._due = 0.0  # monotonic seconds

    def pause(self) -> float:
        """Seconds to wait after this one."""
        now = time.monotonic()
        self._due = max(self._due, now - self._ahead) + self._seconds
        return max(0.0, self._due - now)


class Look:
    """Does one kind of work until there is none; however many ask, it runs once at a time."""

    def __init__(self, step: Callable[[], Awaitable[int]], pace: float = PACE_SECONDS) -> None:
        """`step` does some of the work and answers how much; 0 is: there was none. Those that find
        none are `pace` seconds apart."""
        self._step = step
        self._lock = asyncio.Lock()
        self._deadline = 0.0
        self._asked = asyncio.Event()
        self._pace = Pace(pace, PACE_BURST)

    def ask(self, deadline: float) -> None:
        """Have it look until a look begun after `deadline` (seconds since 1970) found nothing.

        Whoever asked before the deadline had committed by then, so that look has seen their work.
        """
        self._deadline = max(self._deadline, deadline)
        self._asked.set()

    async def asked(self, seconds: float) -> None:
        """Wait until somebody asks, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.001, seconds)):
                await self._asked.wait()
        self._asked.clear()
        await asyncio.sleep(self._pace.pause())

    async def until(self, deadline: float) -> int:
        """Work until nothing is left for a look begun after the deadline; how much was done.

        While it works already, that takes the new deadline over and this returns at once.
        """
        if self._lock.locked():
            self.ask(deadline)
            return 0
        self._deadline = max(self._deadline, deadline)
        async with self._lock:
            return await self._work()

    async def _work(self) -> int:
        total = 0
        while True:
            began = time.time()
            try:
                done = await self._step()
            except RETRIED as error:
                # Still in somebody's way after several tries: what was claimed comes up again.
                logger.info("giving way to another transaction", error=str(error))
                done = 1
            total += done
            if not done:
                if began > self._deadline:
                    return total
                await self.asked(min(LOOK_SECONDS, self._deadline - time.time()))

    async def keep(self, seconds: float) -> None:
        """Work when asked, for ever, and every so often unasked: wake-ups get lost, leases run
        out."""
        is_up = True
        while True:
            try:
                await self.until(0)
                is_up = True
            except (Unavailable, *RETRIED) as error:
                if is_up:
                    logger.warning("cannot work now, trying again", error=str(error))
                is_up = False
            except Exception:
                logger.exception("draining failed, trying again")
                is_up = False
            await (self.asked(seconds) if is_up else asyncio.sleep(seconds))
