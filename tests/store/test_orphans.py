"""Events that wait for their message: those that wait for long cost nothing, and are found."""

import asyncio
from datetime import UTC, datetime

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from jobs.drain import Drain
from store.database import Database
from store.queues import adopt_orphans
from store.recording import draft, insert, record

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLICY = Policy()


def opened(minute: int, campaign: str | None) -> ReportedEvent:
    return ReportedEvent(
        provider="sendgrid",
        kind=EventKind.OPENED,
        occurred_at=NOW.replace(minute=minute),
        address="ann@acme.example",
        message_reference="m1",
        campaign_id=campaign,
    )


async def value(database: Database, sql: str) -> object:
    async with database.connection() as connection:
        return await connection.fetchval(sql)


async def wait_for_long(database: Database) -> None:
    """An event whose message nobody knows, a minute later."""
    await record(database, [opened(1, None)], NOW, POLICY)
    async with database.connection() as connection:
        await connection.execute("UPDATE orphan SET created_at = created_at - interval '1 minute'")


async def test_an_event_that_has_waited_for_long_is_found_when_its_message_is_learned(
    database: Database,
) -> None:
    drain = Drain(database, POLICY, ring=lambda: None)
    await wait_for_long(database)
    await drain.until(0)
    assert await value(database, "SELECT is_due FROM orphan") is False

    await record(database, [opened(2, "spring")], NOW, POLICY)
    await drain.until(0)

    assert await value(database, "SELECT count(*) FROM orphan") == 0
    assert await value(database, "SELECT opens_human FROM recipient") == 2


async def test_a_young_one_is_looked_at_again(database: Database) -> None:
    drain = Drain(database, POLICY, ring=lambda: None)
    await record(database, [opened(1, None)], NOW, POLICY)
    await drain.until(0)

    assert await value(database, "SELECT is_due FROM orphan") is True


async def test_one_whose_message_is_learned_while_it_is_laid_aside_is_found(
    database: Database,
) -> None:
    drain = Drain(database, POLICY, ring=lambda: None)
    await wait_for_long(database)
    async with database.transaction() as connection:
        assert await adopt_orphans(connection) == []
        learning = asyncio.create_task(record(database, [opened(2, "spring")], NOW, POLICY))
        await asyncio.sleep(0.3)
        assert not learning.done()
    await learning
    await drain.until(0)

    assert await value(database, "SELECT opens_human FROM recipient") == 2


async def test_one_whose_message_is_being_learned_is_not_laid_aside(database: Database) -> None:
    drain = Drain(database, POLICY, ring=lambda: None)
    await wait_for_long(database)
    async with database.transaction() as connection:
        await insert(connection, [draft(opened(2, "spring"), NOW)], POLICY)
        await drain.until(0)
    await drain.until(0)

    assert await value(database, "SELECT count(*) FROM orphan") == 0
