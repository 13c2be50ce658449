"""Counting what changed about recipients, by as many workers as there are."""

import asyncio
import time

import structlog

from store.counting import SLOTS, count_slot, is_idle, widen
from store.database import RETRIED, Database, Unavailable, retried

IDLE_SECONDS = 0.5
"""How long nothing to count is believed. What is reported of one recipient meanwhile is counted
once."""

logger = structlog.get_logger(__name__)


async def keep_counting(database: Database) -> None:
    """Count whenever something changed, for ever; a failure is logged and tried again."""
    while True:
        began = time.monotonic()
        try:
            done = await count_some(database)
        except (Unavailable, *RETRIED) as error:
            logger.info("counting has to wait", error=str(error))
            done = 0
        except Exception:
            logger.exception("counting failed, trying again")
            done = 0
        # A third of the time at most: what comes in goes before what it adds up to.
        pause = min(2 * (time.monotonic() - began), IDLE_SECONDS) if done else IDLE_SECONDS
        await asyncio.sleep(pause)


async def count_some(database: Database) -> int:
    """Count some of what is noted in every slot that is free; how many notes were taken."""
    async with database.connection() as connection:
        if await is_idle(connection):
            return 0

    async def look_wide() -> int:
        async with database.transaction() as connection:
            return await widen(connection)

    done = await retried(look_wide)
    for slot in range(SLOTS):

        async def count(slot: int = slot) -> int:
            async with database.transaction() as connection:
                return await count_slot(connection, slot)

        done += await retried(count)
    return done
