"""Leases on sources: one worker at a time, cursor and payloads together, pauses after failures."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from store.database import Database
from store.pulls import Fetched, Lease, LeaseLost, fail, has_backlog, keep, pulls, renew, rest, take

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)


async def taken(database: Database) -> Lease:
    held = await take(database, "hubspot", holder=uuid4(), lease=LEASE)
    assert held is not None
    return held


async def pass_time(database: Database, seconds: int) -> None:
    """As if the leases were that much older."""
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE pull SET lease_until = lease_until - make_interval(secs => $1)", seconds
        )


def fetched(*bodies: bytes, **cursor: Any) -> Fetched:
    return Fetched("hubspot", {"content-type": "application/json"}, bodies, NOW, cursor)


async def bodies(database: Database) -> list[bytes]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT provider, headers, status, body FROM payload ORDER BY id"
        )
    assert {row[:3] for row in map(tuple, rows) if row[0] != "hubspot"} == set()
    return [row["body"] for row in rows]


async def due_in(database: Database) -> float:
    async with database.connection() as connection:
        seconds: float = await connection.fetchval(
            "SELECT extract(epoch FROM due_at - now())::float8 FROM pull"
        )
    return seconds


async def test_a_source_is_lent_to_one_worker_at_a_time(database: Database) -> None:
    takes = [take(database, "hubspot", holder=uuid4(), lease=LEASE) for _ in range(8)]
    held = [one for one in await asyncio.gather(*takes) if one is not None]

    assert [one.cursor for one in held] == [{}]
    assert await take(database, "another", holder=uuid4(), lease=LEASE) is not None


async def test_payloads_and_cursor_are_stored_together(database: Database) -> None:
    held = await taken(database)

    await keep(database, held, fetched(b"1", b"2", at=2), LEASE)
    await keep(database, held, fetched(at=3), LEASE)
    await rest(database, held, timedelta(0))

    assert await bodies(database) == [b"1", b"2"]
    assert (await taken(database)).cursor == {"at": 3}


async def test_who_lost_the_lease_stores_nothing(database: Database) -> None:
    slow = await taken(database)
    await pass_time(database, 31)
    quick = await taken(database)

    with pytest.raises(LeaseLost, match="another worker pulls hubspot"):
        await keep(database, slow, fetched(b"slow", at=9), LEASE)
    for late in (renew(database, slow, LEASE), rest(database, slow, LEASE)):
        with pytest.raises(LeaseLost):
            await late

    assert await bodies(database) == []
    await keep(database, quick, fetched(b"quick", at=1), LEASE)
    assert await bodies(database) == [b"quick"]


async def test_a_lease_given_back_cannot_be_used_again(database: Database) -> None:
    held = await taken(database)
    await rest(database, held, timedelta(0))

    with pytest.raises(LeaseLost):
        await keep(database, held, fetched(b"late"), LEASE)
    assert await bodies(database) == []


async def test_a_renewed_lease_is_kept(database: Database) -> None:
    held = await taken(database)
    await pass_time(database, 20)
    await renew(database, held, LEASE)
    await pass_time(database, 20)

    assert await take(database, "hubspot", holder=uuid4(), lease=LEASE) is None


async def test_a_source_rests_until_it_is_due(database: Database) -> None:
    await rest(database, await taken(database), timedelta(seconds=60))

    assert await take(database, "hubspot", holder=uuid4(), lease=LEASE) is None
    assert await due_in(database) == pytest.approx(60, abs=5)


async def test_pauses_double_with_each_failure_and_obey_the_source(database: Database) -> None:
    found = []
    for asked in (0, 0, 0, 120):
        await fail(database, await taken(database), "no route", timedelta(seconds=asked))
        found.append(round(await due_in(database)))
        async with database.connection() as connection:
            await connection.execute("UPDATE pull SET due_at = now()")
    assert found == [5, 10, 20, 120]

    async with database.connection() as connection:
        await connection.execute("UPDATE pull SET failures = 1000")
    await fail(database, await taken(database), "no route", timedelta(0))
    assert await due_in(database) == pytest.approx(900, abs=5)


async def test_an_error_is_shown_until_the_source_answers(database: Database) -> None:
    await fail(database, await taken(database), "no route " * 100, timedelta(0))
    async with database.connection() as connection:
        (row,) = await pulls(connection)
        await connection.execute("UPDATE pull SET due_at = now()")
    assert (row.source, row.pulled_at) == ("hubspot", None)
    assert row.error == ("no route " * 100)[:500]

    held = await taken(database)
    await keep(database, held, fetched(), LEASE)
    async with database.connection() as connection:
        (row,) = await pulls(connection)
        assert await connection.fetchval("SELECT failures FROM pull") == 0
    assert row.error is None
    assert row.pulled_at is not None


async def test_a_backlog_is_seen(database: Database) -> None:
    held = await taken(database)
    await keep(database, held, fetched(b"1", b"2"), LEASE)

    assert await has_backlog(database, 2)
    assert not await has_backlog(database, 3)
