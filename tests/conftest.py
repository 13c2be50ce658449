"""Real servers for the tests: they start once a session, when the first test asks for them."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from store.database import Database

FAST = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "shared_buffers": "64MB"}
"""A test's data need not survive a power cut. `synchronous_commit` stays on: tests may read it."""

KEPT_TABLES = ("tortoise_migrations", "feed_state")
"""Tables whose rows belong to the schema."""


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """A folder for servers, short enough for sockets and open to PostgreSQL's system user."""
    folder = Path(tempfile.mkdtemp(prefix="engagement-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(data_dir: Path) -> Iterator[str]:
    """The DSN of an empty database of the session's own (TEST_DATABASE_URL, where given)."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    from server import embedded

    yield embedded.start_postgres(data_dir, FAST)
    embedded.stop_postgres(data_dir)


@pytest.fixture(scope="session")
def redis_url(data_dir: Path) -> Iterator[str]:
    """The URL of the session's Valkey (TEST_REDIS_URL, where given)."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    from server import embedded

    yield embedded.start_valkey(data_dir)
    embedded.stop_valkey(data_dir)


@pytest.fixture(scope="session")
async def database_url(postgres_url: str) -> str:
    """The DSN of a migrated database, shared by all tests."""
    from store.migrate import migrate

    await migrate(postgres_url)
    return postgres_url


@pytest.fixture(scope="session")
async def connected(database_url: str) -> AsyncIterator["Database"]:
    """One pool for the session; tests take `database`, which is empty."""
    from store.database import Database

    database = Database(database_url)
    await database.connect()
    yield database
    await database.close()


@pytest.fixture
async def database(connected: "Database") -> "Database":
    """The database with every table empty and every identity at its start."""
    from store.database import retried

    async def empty() -> None:
        async with connected.connection() as connection:
            await connection.execute(EMPTY)

    # A service that runs beside may hold what this wants, and want what this holds.
    await retried(empty)
    return connected


EMPTY = f"""
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition AND c.relname <> ALL (ARRAY{list(KEPT_TABLES)})
    LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    PERFORM setval(c.oid::regclass, 1, false) FROM pg_class c
    WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace;
END $$
"""
"""Foreign keys sleep meanwhile, so that the order of the tables does not matter."""
