"""Hits at our own doors are gathered; all else is taken as it comes, and nothing is left behind."""

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.tracking import PROVIDER
from intake.tokens import Token, TokenKind
from intake.tracking import KINDS, Hit, written
from jobs.drain import Drain
from store.database import Database, Unavailable
from store.payloads import accept
from tests.jobs.mail import HUMAN, NOW, POLICY, directory, drain_of, event, execute, queue, rows

PIXEL = Token(TokenKind.OPEN, "sendgrid", "m-ann@acme.com", "ann@acme.com")
HITS = "SELECT count(*) FROM event WHERE provider = 'tracking'"
BATCHES = "SELECT count(DISTINCT xmin::text) FROM event WHERE provider = 'tracking'"
LATE = 10.0
"""Seconds after which a test has failed."""

numbers = itertools.count()


async def hit(database: Database, token: Token = PIXEL) -> None:
    """A payload of one request by Ann, an opening if nothing else is said."""
    number = next(numbers)
    at = NOW - timedelta(hours=2) + timedelta(seconds=number)
    line = written(Hit(f"h{number}", KINDS[token.kind], at, token, "192.0.2.7", HUMAN))
    await accept(database, PROVIDER, headers={}, query="", body=line, received_at=NOW)


async def mailed(database: Database) -> Drain:
    """A drain that has taken in what tells of the mail to Ann."""
    await directory(database)
    await queue(database, event())
    drain = drain_of(database)
    await drain.until(0)
    return drain


async def until(database: Database, sql: str, count: int) -> None:
    async with asyncio.timeout(LATE):
        while await rows(database, sql) != [(count,)]:
            await asyncio.sleep(0.005)


@pytest.fixture
def gathers_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hits are gathered for longer than a slow machine takes to make them."""
    monkeypatch.setattr("jobs.drain.GATHER_SECONDS", 2.0)


@pytest.mark.usefixtures("gathers_long")
async def test_the_first_hit_is_taken_at_once_and_those_that_follow_together(
    database: Database,
) -> None:
    drain = await mailed(database)
    await hit(database)
    draining = asyncio.create_task(drain.until(0))
    await until(database, HITS, 1)
    for _ in range(5):
        await hit(database)
        await asyncio.sleep(0.01)
    assert await rows(database, HITS) == [(1,)]
    await draining
    assert await rows(database, HITS) == [(6,)]
    assert await rows(database, BATCHES) == [(2,)]


@pytest.mark.usefixtures("gathers_long")
async def test_a_webhook_does_not_wait_for_hits_to_be_gathered(database: Database) -> None:
    drain = await mailed(database)
    await hit(database)
    draining = asyncio.create_task(drain.until(0))
    await until(database, HITS, 1)
    await hit(database)
    await queue(database, event(1))
    await until(database, "SELECT count(*) FROM event WHERE provider = 'sendgrid'", 2)
    assert await rows(database, HITS) == [(1,)]
    await draining
    assert await rows(database, HITS) == [(2,)]


async def test_a_webhook_does_not_wait_for_hits_that_are_being_stored(database: Database) -> None:
    drain = await mailed(database)
    async with database.transaction() as connection:
        await connection.execute("SELECT FROM recipient FOR UPDATE")
        await hit(database)
        draining = asyncio.create_task(drain.until(0))
        await until(database, "SELECT count(*) FROM payload WHERE lease_until IS NOT NULL", 1)
        await queue(database, event(1, to="new@acme.com"))
        await until(database, "SELECT count(*) FROM event WHERE provider = 'sendgrid'", 2)
    await draining
    assert await rows(database, HITS) == [(1,)]


async def test_a_drain_ends_with_a_look_at_the_hits_that_were_gathered(database: Database) -> None:
    drain = await mailed(database)
    for count in range(1, 4):
        await hit(database)
        await drain.until(0)
        assert await rows(database, HITS) == [(count,)]


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("kind", [TokenKind.OPEN, TokenKind.CLICK, TokenKind.DECOY])
async def test_of_a_door_that_is_called_in_a_loop_so_many_hits_are_kept(
    database: Database, kind: TokenKind, at_once: bool
) -> None:
    url = None if kind is TokenKind.OPEN else "https://us.example/1"
    token = Token(kind, "sendgrid", "m-ann@acme.com", "ann@acme.com", url=url)
    await directory(database)
    await queue(database, event(event="delivered"))
    drain = drain_of(database, policy=replace(POLICY, hits_per_mail=3))
    await drain.until(0)
    for _ in range(6):
        await hit(database, token)
        if not at_once:
            await drain.until(0)
    await drain.until(0)
    kept = await rows(database, HITS)
    assert 0 < kept[0][0] <= 3
    await queue(database, event())
    await drain.until(0)
    assert await rows(database, HITS) == kept
    assert await rows(database, "SELECT count(*) FROM event WHERE provider = 'sendgrid'") == [(2,)]
    assert await rows(
        database, "SELECT status, error FROM payload WHERE provider = 'tracking' GROUP BY 1, 2"
    ) == [("DONE", None)]


async def test_hits_are_taken_again_after_a_batch_of_them_was_lost(database: Database) -> None:
    await mailed(database)
    drain = drain_of(database, lease=timedelta(seconds=0.5))
    async with database.transaction() as connection:
        await connection.execute("SELECT FROM recipient FOR UPDATE")
        await hit(database)
        draining = asyncio.create_task(drain.until(0))
        await until(
            database,
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = "
            "'Lock' AND datname = current_database()",
            1,
        )
        with pytest.raises(Unavailable):
            await draining
    async with asyncio.timeout(LATE):
        while await rows(database, HITS) != [(1,)]:
            await drain.until(0)
    assert await rows(database, "SELECT DISTINCT status FROM payload") == [("DONE",)]


async def test_a_lease_that_could_not_be_prolonged_once_is_kept_all_the_same(
    database: Database,
) -> None:
    await directory(database)
    await queue(database, event())
    await execute(
        database,
        """
        CREATE SEQUENCE prolonged;
        CREATE FUNCTION refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('prolonged') = 2 THEN RAISE SQLSTATE '40001'; END IF;
            RETURN new;
        END $$;
        CREATE TRIGGER refuse_once BEFORE UPDATE OF lease_until ON payload
            FOR EACH ROW EXECUTE FUNCTION refuse_once();
        """,
    )
    try:
        async with database.transaction() as connection:
            await connection.execute("SELECT FROM campaign FOR UPDATE")
            drain = drain_of(database, lease=timedelta(seconds=2.4))
            draining = asyncio.create_task(drain.until(0))
            await until(database, "SELECT (last_value >= 4)::int FROM prolonged", 1)
            assert await rows(database, "SELECT lease_until > now() FROM payload") == [(True,)]
        await draining
    finally:
        await execute(database, "DROP FUNCTION refuse_once CASCADE; DROP SEQUENCE prolonged")
    assert await rows(database, "SELECT status, attempts FROM payload") == [("DONE", 1)]
