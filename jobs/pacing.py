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
    `rest` is the pause after a step that did something, as a multiple of what it took (BUSY times
    as long while more has come in), at most `idle_seconds`, which is the pause after one that found
    nothing. `what` names it in the log.
    """
    while True:
        pause = idle_seconds
        try:
            async with database.statement() as connection:
                behind = await is_behind(connection)
            began = time.monotonic()
            if await step(behind):
                spent = time.monotonic() - began
                busy = BUSY if await is_any_waiting(database) else 1.0
                pause = REST_BEHIND * spent if behind else min(busy * rest * spent, idle_seconds)
        except (Unavailable, *RETRIED) as error:
            logger.info("has to wait", what=what, error=str(error))
        except Exception:
            logger.exception("failed, trying again", what=what)
        await asyncio.sleep(pause)
