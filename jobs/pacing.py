"""What is made of events waits for the events themselves: how such work goes on and rests."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from store.database import RETRIED, Database, Unavailable
from store.payloads import is_any_waiting, is_behind

REST_BEHIND = 40.0
"""Pause after a step, as a multiple of what it took, while more comes in than can be worked off:
that goes before what it means and what it adds up to."""

BUSY = 3.0
"""How much longer the pause is while something has come in that is not taken in yet: a newsletter
is read, and what its readers do is derived from less often, of each more at once."""

logger = structlog.get_logger(__name__)


async def keep_up(
    database: Database,
    step: Callable[[bool], Awaitable[int]],
    *,
    what: str,
    rest: float,
    idle_seconds: float,
) -> None:
    """Repeat `step` for ever, resting after each; a failure is logged and tried again.

    `step` is told whether more comes in than can be worked off, and answers how much it did.
    `rest` is the pause after a step that did something, as a multiple of what it took, at most
    `idle_seconds`, which is the pause after one that found nothing; BUSY times as long while more
    has come in. `what` names it in the log.
    """
    while True:
        pause = idle_seconds
        try:
            behind = await _is_behind(database)
            began = time.monotonic()
            if await step(behind):
                spent = time.monotonic() - began
                busy = BUSY if await is_any_waiting(database) else 1.0
                pause = min(busy * rest * spent, idle_seconds)
                if behind:
                    await _give_way(database, REST_BEHIND * spent, look_seconds=idle_seconds)
        except (Unavailable, *RETRIED) as error:
            logger.info("has to wait", what=what, error=str(error))
        except Exception:
            logger.exception("failed, trying again", what=what)
        await asyncio.sleep(pause)


async def _give_way(database: Database, seconds: float, *, look_seconds: float) -> None:
    """Rest for so long, or until no more comes in than can be worked off: after a burst whoever
    looks is to see at once what it came to."""
    ends = time.monotonic() + seconds
    while await _is_behind(database):
        left = ends - time.monotonic()
        if left <= 0:
            return
        await asyncio.sleep(min(look_seconds, left))


async def _is_behind(database: Database) -> bool:
    async with database.statement() as connection:
        return await is_behind(connection)
