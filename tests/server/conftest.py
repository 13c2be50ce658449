"""Servers and processes of the tests' own."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server import embedded
from store.database import Database
from tests.server.portfolio import Portfolio, seed_portfolio
from tests.server.service import Service, embedded_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A DATA_DIR whose servers end with the test."""
    with embedded_folder() as path:
        yield path


@pytest.fixture(scope="module")
async def service(database_url: str) -> AsyncIterator[Service]:
    """Web and worker on the session's PostgreSQL and a Valkey of their own, which may be killed."""
    place = Path(tempfile.mkdtemp(prefix="engagement-live-"))
    found = Service(database_url, embedded.start_valkey(place), place)
    try:
        found.start("web", "worker")
        await found.ready()
        yield found
    finally:
        found.end()
        embedded.stop_valkey(place)
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
async def portfolio(database: Database) -> Portfolio:
    """Two CSMs; Acme and Bolt are Mia's, Core is Joe's; one campaign, declared to each provider."""
    return await seed_portfolio(database)
