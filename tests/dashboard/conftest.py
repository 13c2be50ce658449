"""One service with a built dashboard and one browser for all of these tests."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from server import embedded
from store.database import Database
from tests.dashboard.browsing import ROOT, WAIT_MS, Browsing, browser_program
from tests.server.portfolio import Portfolio, seed_portfolio
from tests.server.service import Service

BUILD_SECONDS = 600

expect.set_options(timeout=WAIT_MS)


def unless_required(reason: str, *variables: str) -> None:
    """Skip, or fail where one of the variables says that this must run."""
    if any(os.environ.get(name) in ("1", "true") for name in (*variables, "CI")):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def dist() -> Path:
    """The built dashboard: DASHBOARD_DIR where set, else made by make where it is out of date."""
    if given := os.environ.get("DASHBOARD_DIR"):
        return Path(given)
    made = subprocess.run(
        ["make", "-s", "dashboard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    found = ROOT / "dashboard" / "dist"
    if made.returncode or not (found / "built").exists():
        unless_required(f"the dashboard was not built:\n{made.stderr}", "REQUIRE_NODE")
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program."""
    program = browser_program()
    if program is None:
        unless_required("there is no Chromium to test the dashboard in", "REQUIRE_BROWSER")
    assert program is not None
    return program


@pytest.fixture(scope="package")
def place() -> Iterator[Path]:
    """A folder for the service's Valkey and its log."""
    folder = Path(tempfile.mkdtemp(prefix="engagement-dashboard-"))
    yield folder
    embedded.stop_valkey(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package")
async def service(
    chromium: str, dist: Path, database_url: str, place: Path
) -> AsyncIterator[Service]:
    """Web and worker on the session's PostgreSQL, with the dashboard."""
    found = Service(
        database_url,
        embedded.start_valkey(place),
        place,
        settings={
            "DASHBOARD_DIR": str(dist),
            "TRUSTED_DOCUMENTS_ONLY": "0",
            "WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        },
    )
    try:
        found.start("web", "worker")
        await found.ready()
        yield found
    finally:
        found.end()


@pytest.fixture(scope="package")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One headless Chromium."""
    async with async_playwright() as playwright:
        # As root, as in a container, Chromium has no sandbox.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        found = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield found
        await found.close()


@pytest.fixture
async def browsing(browser: Browser, service: Service) -> AsyncIterator[Browsing]:
    """Pages of this test; no error may have been said on any of their consoles."""
    found = Browsing(browser, service.url)
    yield found
    await found.close()
    assert found.problems == []


@pytest.fixture
async def portfolio(database: Database) -> Portfolio:
    """Acme and Bolt are Mia's, Core is Joe's; one campaign, declared to each provider."""
    return await seed_portfolio(database)
