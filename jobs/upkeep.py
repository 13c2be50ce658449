"""What must be done now and then, woken or not: partitions ahead, the feed's tail, old payloads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from domain.policy import Policy
from domain.silence import silent_since
from store.database import Database, Unavailable, retried
from store.feed import EVENTS, RECOMMENDATIONS
from store.gateways import learn_gateways
from store.migrate import LOCK
from store.partitions import drop_payload_partitions, ensure_partitions, month_start
from store.retaining import forget_some
from store.sources import sources
from store.threads import KEPT, forget_names, give_up, wake_waiting

UPKEEP_SECONDS = 600.0
"""How often; a day would do for partitions, the feed's tail wants smaller bites."""

DAYS_END = timedelta(minutes=10)
"""So long before midnight (UTC) nothing is learned: what is dated tomorrow by a clock that is a
little ahead must not be judged before tomorrow's profiles are there."""

FORGETTING_WAITS = 3
FORGETTING_PAUSE_SECONDS = 0.2
"""How often, and how long, to wait for others who are in the way of forgetting events; the next
round tries again."""

logger = structlog.get_logger(__name__)


async def keep_up(
    database: Database,
    now: Callable[[], datetime],
    *,
    feed_retention: timedelta,
    payload_retention: timedelta,
    event_retention: timedelta,
    policy: Policy,
) -> None:
    """Do all of it, for ever; a failure is logged and tried again next time."""
    silent: set[str] = set()
    jobs: Sequence[Callable[[], Awaitable[object]]] = (
        lambda: warn_of_silence(database, now(), silent),
        lambda: make_room(database, now(), payload_retention),
        lambda: trim_feed(database, now() - feed_retention),
        lambda: look_at_threads(database, now() - KEPT),
        lambda: forget_old_names(database, now() - event_retention),
        lambda: learn_habits(database, now()),
        lambda: forget_events(database, now() - event_retention, policy),
    )
    while True:
        await each(jobs)
        await asyncio.sleep(UPKEEP_SECONDS)


async def each(jobs: Iterable[Callable[[], Awaitable[object]]]) -> None:
    """Do one after the other; a failure is logged and stops none of the others, unless PostgreSQL
    is away, for which all have to wait."""
    for job in jobs:
        try:
            await job()
        except Unavailable as error:
            logger.warning("upkeep has to wait", error=str(error))
            return
        except Exception:
            logger.exception("upkeep failed")


async def warn_of_silence(database: Database, now: datetime, silent: set[str]) -> None:
    """Log each source whose silence became unusual, once; `silent` holds those told of."""
    async with database.connection() as connection:
        rows = await sources(connection, now.astimezone(UTC).date())
    for row in rows:
        if silent_since(row.last_received_at, row.longest_pause, now) is None:
            silent.discard(row.provider)
        elif row.provider not in silent:
            silent.add(row.provider)
            logger.warning(
                "a provider has been silent for unusually long: is its webhook still on?",
                provider=row.provider,
                last_received_at=row.last_received_at.isoformat(),
            )


async def learn_habits(database: Database, now: datetime) -> int:
    """Make tomorrow's gateway profiles, once a day; returns how many were made."""
    today = now.astimezone(UTC)
    if (today + DAYS_END).date() != today.date():
        return 0
    return await learn_gateways(database, today.date())


async def make_room(database: Database, now: datetime, payload_retention: timedelta) -> None:
    """Make next months' partitions and drop payloads past their retention."""
    async with database.connection() as connection:
        # One worker at a time; the lock belongs to the session, which goes back into the pool.
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            return
        try:
            await ensure_partitions(connection, now.date())
            await drop_payload_partitions(connection, (now - payload_retention).date())
        finally:
            await connection.fetchval("SELECT pg_advisory_unlock($1)", LOCK)


async def look_at_threads(database: Database, before: datetime) -> None:
    """Give up on answers received before then, and look at the others that wait once more."""
    forgotten = 1
    while forgotten:
        async with database.transaction() as connection:
            forgotten = await give_up(connection, before)
    async with database.transaction() as connection:
        await wake_waiting(connection)


async def forget_old_names(database: Database, before: datetime) -> None:
    """Forget the Message-IDs of mails learned before then, some in each transaction."""
    forgotten = 1
    while forgotten:
        async with database.transaction() as connection:
            forgotten = await forget_names(connection, before)


async def forget_events(database: Database, before: datetime, policy: Policy) -> None:
    """Forget the events of months that ended before then, one short step at a time."""
    first_kept = month_start(before.astimezone(UTC).date())

    async def work() -> bool:
        async with database.transaction() as connection:
            return await forget_some(connection, first_kept, policy)

    waits = 0
    while waits < FORGETTING_WAITS:
        if await retried(work):
            waits = 0
        else:
            waits += 1
            await asyncio.sleep(FORGETTING_PAUSE_SECONDS)


async def trim_feed(database: Database, before: datetime) -> None:
    """Forget the tails of the feeds in bites that keep each transaction short."""
    trimmed = 1
    while trimmed:
        async with database.transaction() as connection:
            trimmed = await EVENTS.trim(connection, before)
            trimmed += await RECOMMENDATIONS.trim(connection, before)
