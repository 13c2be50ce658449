"""Counting what changed about recipients, by as many workers as there are."""

import asyncio
import time

import structlog

from store.counting import SLOTS, TAKEN, count_slot, is_behind, is_idle, widen
from store.database import RETRIED, Database, Unavailable, retried

IDLE_SECONDS = 0.5
"""How long nothing to count is believed. What is reported of one recipient meanwhile is counted
once."""

logger = structlog.get_logger(__name__)


REST = 2.0
"""Pause after counting, as a multiple of what it took: a third of the time at most."""

REST_BEHIND = 40.0
"""The same while more comes in than can be worked off: then that goes first, and what it adds up to
is counted when there is time."""

TAKEN_BEHIND = 250
"""Notes taken of a slot then, so that a long rest is not too long a wait."""


async def keep_counting(database: Database) -> None:
    """Count whenever something changed, for ever; a failure is logged and tried again."""
    while True:
        pause = IDLE_SECONDS
        try:
            pause = await _count_and_rest(database)
        except (Unavailable, *RETRIED) as error:
            logger.info("counting has to wait", error=str(error))
        except Exception:
            logger.exception("counting failed, trying again")
        await asyncio.sleep(pause)


async def _count_and_rest(database: Database) -> float:
    """Count some; returns how long to pause (seconds)."""
    async with database.connection() as connection:
        behind = await is_behind(connection)
    began = time.monotonic()
    if not await count_some(database, TAKEN_BEHIND if behind else TAKEN):
        return IDLE_SECONDS
    spent = time.monotonic() - began
    return REST_BEHIND * spent if behind else min(REST * spent, IDLE_SECONDS)


async def count_some(database: Database, limit: int = TAKEN) -> int:
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
                return await count_slot(connection, slot, limit)

        done += await retried(count)
    return done
