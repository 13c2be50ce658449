"""Signing in at an identity provider: there and back, live by a cookie, and out again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.dashboard.browsing import LOOKS, Browsing, Scheme, faults, is_wider_than_window
from tests.server import reports
from tests.server.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    MIA,
    IdentityProvider,
    identity_provider,
)
from tests.server.portfolio import Portfolio
from tests.server.service import Service

NAME = "Sign in with Example ID"


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[IdentityProvider]:
    async with identity_provider() as found:
        yield found


@pytest.fixture(scope="module")
async def connected_service(
    service: Service, provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """Another web process beside the service's, which knows the provider."""
    folder: Path = tmp_path_factory.mktemp("connected")
    settings = {
        "OIDC_ISSUER": provider.url,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "OIDC_NAME": "Example ID",
    }
    found = Service(
        service.database_url, service.redis_url, folder, settings=service.settings | settings
    )
    try:
        found.start("web")
        await found.ready()
        yield found
    finally:
        found.end()


@pytest.fixture
async def visiting(
    browser: Browser, connected_service: Service, provider: IdentityProvider
) -> AsyncIterator[Browsing]:
    provider.person = dict(MIA)
    found = Browsing(browser, connected_service.url)
    yield found
    await found.close()
    assert found.problems == []


async def test_one_signs_in_there_is_live_by_the_cookie_and_signs_out(
    visiting: Browsing, connected_service: Service, portfolio: Portfolio
) -> None:
    page = await visiting.fresh()
    await page.goto(f"{visiting.url}/customers?search=a")
    await page.get_by_role("link", name=NAME).click()
    await expect(page.get_by_role("heading", level=1, name="Customers")).to_be_visible()
    assert page.url == f"{visiting.url}/customers?search=a"
    assert await page.evaluate("() => [{...localStorage}, document.cookie]") == [
        {"engagement.token": "cookie"},
        "",
    ]
    await page.get_by_role("link", name="Today").click()
    await expect(page.locator("[data-connection=live]")).to_be_visible()
    told = reports.sendgrid("ann0@acme.com", datetime.now(UTC))
    async with httpx.AsyncClient() as client:
        assert await reports.post(client, connected_service.url, "sendgrid", [told]) == 200
    await expect(page.locator("[data-event=CLICKED]")).to_have_count(1)

    await page.reload()
    await page.get_by_role("button", name="Mia").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page.get_by_role("link", name=NAME)).to_be_visible()
    assert await page.context.cookies() == []


async def test_whom_nobody_knows_is_told_so_and_may_try_again(
    visiting: Browsing, provider: IdentityProvider, portfolio: Portfolio
) -> None:
    provider.person = {**MIA, "email": "eve@us.example"}
    page = await visiting.fresh()
    await page.goto(visiting.url)
    await page.get_by_role("link", name=NAME).click()
    await expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    await expect(page.get_by_text("You are eve@us.example, and no CSM here")).to_be_visible()
    assert await faults(page) == []
    provider.person = dict(MIA)
    await page.get_by_role("link", name="Sign in again").click()
    await expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    # The browser says itself that the page came with 403.
    assert all("403" in problem for problem in visiting.problems)
    visiting.problems.clear()


async def test_a_session_that_is_over_asks_to_sign_in_again(
    visiting: Browsing, portfolio: Portfolio
) -> None:
    page = await visiting.fresh()
    await page.goto(visiting.url)
    await page.get_by_role("link", name=NAME).click()
    await expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    await page.context.clear_cookies()
    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("Your sign-in has ended")
    await expect(page.get_by_role("link", name=NAME)).to_be_visible()
    assert all("401" in problem for problem in visiting.problems)
    visiting.problems.clear()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_the_offer_passes_axe_and_fits(
    visiting: Browsing, width: int, scheme: Scheme
) -> None:
    page = await visiting.fresh(width=width, scheme=scheme)
    await page.goto(visiting.url)
    await expect(page.get_by_role("link", name=NAME)).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
