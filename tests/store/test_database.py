"""Connections go back into the pool as whoever comes next needs them; who takes turns waits."""

import asyncio

import pytest

from store.database import Database


async def test_a_statement_that_was_prepared_and_never_run_harms_nobody_after(
    database: Database,
) -> None:
    """So it is left when whoever asked goes away between the two."""
    alone = Database(database.dsn, max_size=1)
    await alone.connect()
    try:
        async with alone.connection() as connection:
            await connection.prepare("SELECT now()")
        async with alone.snapshot() as connection:
            assert await connection.fetchval("SELECT 1") == 1
    finally:
        await alone.close()


async def test_transactions_that_take_turns_are_under_way_one_at_a_time(database: Database) -> None:
    under_way = 0
    most = 0

    async def work() -> None:
        nonlocal under_way, most
        async with database.in_turn() as connection:
            under_way += 1
            most = max(most, under_way)
            await connection.execute("SELECT pg_sleep(0.02)")
            under_way -= 1

    await asyncio.gather(*(work() for _ in range(4)))

    assert most == 1


async def test_nobody_waits_for_a_turn_longer_than_a_transaction_may_take(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.database.TURN_SECONDS", 0.05)
    async with database.in_turn(), asyncio.timeout(5), database.in_turn() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_turn_ends_with_what_failed_in_it(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.in_turn():
            raise ZeroDivisionError

    async with asyncio.timeout(0.4), database.in_turn() as connection:
        assert await connection.fetchval("SELECT 1") == 1
