"""Counting what changed about recipients, by as many workers as there are."""

from jobs.pacing import keep_up
from store.counting import SLOTS, TAKEN, count_slot, is_idle, widen
from store.database import Database, retried

IDLE_SECONDS = 0.5
"""How long nothing to count is believed. What is reported meanwhile is counted together: of one
recipient once, and each counter is written once."""

REST = 1_000.0
"""Pause after counting, as a multiple of what it took: whatever it was, IDLE_SECONDS bound it."""

TAKEN_BEHIND = 250
"""Notes taken of a slot while more comes in than can be worked off: a long rest follows then, and
is not to be too long a wait."""


async def keep_counting(database: Database) -> None:
    """Count whenever something changed, for ever."""

    async def step(behind: bool) -> int:
        return await count_some(database, TAKEN_BEHIND if behind else TAKEN)

    await keep_up(database, step, what="counting", rest=REST, idle_seconds=IDLE_SECONDS)


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
            async with database.in_turn() as connection:
                return await count_slot(connection, slot, limit)

        done += await retried(count)
    return done
