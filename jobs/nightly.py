"""Once a day everybody's habits are learned and everybody's insights derived anew.

Days begin at midnight UTC; the first worker that finds the day's priors missing learns them.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from domain.best_time import FLAT, Moment, moments, rhythm
from domain.history import Sent
from domain.likelihood import LEARNED_FROM, Response, Trial, learn, trials
from store.database import Connection, Database, Unavailable
from store.histories import histories
from store.insight_queue import note_everybody, note_newly_dark
from store.priors import Priors, has_priors, save_priors
from store.recommending import pass_time
from store.sampling import Sampled, count_mailed, sample

LOCK = 0x6E6967687431
"""Key of the advisory lock of whoever learns."""

LOOK_SECONDS = 60.0
"""How often it is looked whether a day has begun."""

LEAST_PEOPLE = 20
"""People mailed below which nothing is learned of everybody."""

CHUNK = 200
"""People whose histories are read together."""

logger = structlog.get_logger(__name__)


async def keep_learning(database: Database, now: Callable[[], datetime]) -> None:
    """Learn whenever a day has begun, for ever."""
    while True:
        try:
            async with database.transaction() as connection:
                await note_newly_dark(connection, now())
                await pass_time(connection, now())
            await learn_once(database, now())
        except Unavailable as error:
            logger.info("learning has to wait", error=str(error))
        except Exception:
            logger.exception("learning failed, trying again")
        await asyncio.sleep(LOOK_SECONDS)


async def learn_once(database: Database, now: datetime) -> bool:
    """Learn the day's priors unless somebody has, and have all insights derived from them."""
    day = now.astimezone(UTC).date()
    async with database.connection() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            return False
        try:
            if await has_priors(connection, day):
                return False
            mailed = await count_mailed(connection)
            if mailed < LEAST_PEOPLE:
                return False
            people = await sample(connection, max(1, mailed // LEARNED_FROM))
            found = await _learn(connection, people, now)
            async with database.transaction(connection):
                # Whoever reads meanwhile sees all of them or none.
                await save_priors(connection, found, day)
                await note_everybody(connection)
        finally:
            await connection.fetchval("SELECT pg_advisory_unlock($1)", LOCK)
    logger.info("learned what everybody does", people=len(people))
    return True


async def _learn(connection: Connection, people: Sequence[Sampled], now: datetime) -> Priors:
    acted: list[Sequence[Trial]] = []
    opened: list[Sequence[Trial]] = []
    found: list[Moment] = []
    for start in range(0, len(people), CHUNK):
        chunk = people[start : start + CHUNK]
        owners = {address: [p.stakeholder_id] for p in chunk for address in p.address_ids}
        read = await histories(connection, owners, now)
        for person in chunk:
            history: Sequence[Sent] = read.get(person.stakeholder_id, ())
            acted.append(trials(history, person.segment, now))
            opened.append(trials(history, person.segment, now, Response.OPEN))
            found += moments(history, person.timezone, now)
        # Between chunks others have their turn: this is minutes of work for a large directory.
        await asyncio.sleep(0)
    action, opening = await asyncio.gather(
        asyncio.to_thread(learn, acted), asyncio.to_thread(learn, opened)
    )
    return Priors(action, opening, rhythm(found, FLAT))
