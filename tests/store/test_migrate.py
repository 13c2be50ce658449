"""Migrating: any number at once, any number of times, and a new feed in another cluster."""

import asyncio
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from store.database import Connection
from store.migrate import is_migrated, latest_migration, migrate, tortoise_connection

NAME = "engagement_migrate_test"


@pytest.fixture
async def url(postgres_url: str) -> AsyncIterator[str]:
    """The DSN of an empty database, which is dropped afterwards."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {NAME}")
    yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{NAME}"))
    await connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
    await connection.close()


@pytest.fixture
async def connection(url: str) -> AsyncIterator[Connection]:
    found = await asyncpg.connect(url)
    yield found
    await found.close()


SHAPE = """
SELECT table_name, column_name, data_type, column_default FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY 1, 2
"""


async def test_migrating_again_changes_nothing(url: str, connection: Connection) -> None:
    assert not await is_migrated(connection)
    await migrate(url)
    assert await is_migrated(connection)
    shape = await connection.fetch(SHAPE)
    state = await connection.fetchrow("SELECT * FROM feed_state")
    await migrate(url)
    assert await connection.fetch(SHAPE) == shape
    assert await connection.fetchrow("SELECT * FROM feed_state") == state
    applied = [row[0] for row in await connection.fetch("SELECT name FROM tortoise_migrations")]
    assert sorted(applied)[-1] == latest_migration()
    assert len(set(applied)) == len(applied)


async def test_two_who_migrate_at_once_wait_for_each_other(
    url: str, connection: Connection
) -> None:
    programs = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "import asyncio, sys; from store.migrate import migrate; "
            "asyncio.run(migrate(sys.argv[1]))",
            url,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = [(await program.communicate())[1] for program in programs]
    assert [program.returncode for program in programs] == [0, 0], said
    assert await is_migrated(connection)
    assert await connection.fetchval("SELECT count(*) FROM feed_state") == 1


async def test_a_database_restored_elsewhere_begins_a_new_feed(
    url: str, connection: Connection
) -> None:
    await migrate(url)
    before = await connection.fetchval("SELECT epoch FROM feed_state")
    await connection.execute(
        "INSERT INTO feed (customer_id, kind, fact_on, key, recipient_id) "
        "VALUES (1, 'RECORDED', '2026-11-22', 'key', 1)"
    )
    await migrate(url)
    assert await connection.fetchval("SELECT epoch FROM feed_state") == before
    assert await connection.fetchval("SELECT count(*) FROM feed") == 1
    # The rows of another cluster: its transaction ids mean nothing here.
    await connection.execute("UPDATE feed_state SET system_identifier = 'another'")
    await migrate(url)
    assert await connection.fetchval("SELECT epoch FROM feed_state") != before
    assert await connection.fetchval("SELECT count(*) FROM feed") == 0


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        (
            "postgresql://me:p%40ss@db.example:5433/mail?sslmode=require",
            {"host": "db.example", "port": 5433, "user": "me", "password": "p@ss",
             "database": "mail", "ssl": "require"},
        ),
        (
            "postgresql://postgres@/postgres?host=%2Ftmp%2Fsockets",
            {"host": "/tmp/sockets", "port": 5432, "user": "postgres", "password": None,
             "database": "postgres"},
        ),
    ],
)  # fmt: skip
def test_a_dsn_is_read_as_tortoise_wants_it(dsn: str, expected: dict[str, object]) -> None:
    found = tortoise_connection(dsn)["credentials"]
    assert {**found, **expected} == found
