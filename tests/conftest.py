"""Real servers for the tests: they start once a session, when the first test asks for them.

`make test` runs several sessions side by side (pytest-xdist), each with servers of its own.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from store.database import Database

FAST = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "shared_buffers": "64MB"}
"""A test's data need not survive a power cut. `synchronous_commit` stays on: tests may read it."""

KEPT_TABLES = ("tortoise_migrations", "feed_state")
"""Tables whose rows belong to the schema."""

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=1_000)
settings.load_profile("same")
"""One commit, one verdict; `--hypothesis-profile search` looks for what nobody has met yet."""

SHARED = ("tests/dashboard/",)
"""Folders whose tests share what takes long to start: one session runs them all."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one file, or of one shared folder, stay together and in order."""
    from xdist.scheduler import LoadScopeScheduling

    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = _together
    return scheduling


def _together(nodeid: str) -> str:
    """What a test shares a session with: its file, or its shared folder."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in SHARED if file.startswith(folder)), file)


def _given(variable: str) -> str | None:
    """The URL in the environment; one server cannot serve several sessions at once."""
    url = os.environ.get(variable)
    if url and "PYTEST_XDIST_WORKER" in os.environ:
        raise pytest.UsageError(f"{variable} serves one session: make test SESSIONS=0")
    return url


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
    if given := _given("TEST_DATABASE_URL"):
        yield given
        return
    from server import embedded

    yield embedded.start_postgres(data_dir, FAST)
    embedded.stop_postgres(data_dir)


@pytest.fixture(scope="session")
def redis_url(data_dir: Path) -> Iterator[str]:
    """The URL of the session's Valkey (TEST_REDIS_URL, where given)."""
    if given := _given("TEST_REDIS_URL"):
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
