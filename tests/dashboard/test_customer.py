"""Customers: found and ranked, and one of them live."""

import re
import statistics
import time
from datetime import UTC, datetime

import httpx
import pytest
from playwright.async_api import expect

from tests.dashboard.browsing import LOOKS, Browsing, Scheme, faults, is_wider_than_window
from tests.server import reports
from tests.server.portfolio import Portfolio
from tests.server.service import Service


async def report(service: Service, address: str, kind: str = "click") -> None:
    """A signed webhook of SendGrid, taken with 200."""
    told = reports.sendgrid(
        address, datetime.now(UTC), kind=kind, message="m1", event_id=f"{kind}{address}"
    )
    async with httpx.AsyncClient() as client:
        assert await reports.post(client, service.url, "sendgrid", [told]) == 200


async def test_a_signed_webhook_is_on_the_timeline_within_a_second(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    page = await browsing.visit(portfolio.tokens["Mia"], f"/customers/{portfolio.customer('Acme')}")
    await expect(page.get_by_text("Quiet so far")).to_be_visible()
    await expect(page.locator("[data-connection=live]")).to_be_visible()
    seconds = []
    for number in range(3):
        await report(service, f"ann{number}@acme.com")
        begun = time.perf_counter()
        await page.wait_for_selector(f"li[data-event=CLICKED]:has-text('ann{number}')")
        seconds.append(time.perf_counter() - begun)
    assert statistics.median(seconds) < 1, seconds
    # Another customer's acts are not this one's.
    await report(service, "ann0@bolt.com")
    await report(service, "ann4@acme.com", "open")
    await expect(page.locator("li[data-event=OPENED]")).to_have_count(1)
    await expect(page.locator("li[data-event=CLICKED]")).to_have_count(3)


async def test_customers_are_searched_and_ranked_and_lead_to_their_pages(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await browsing.visit(portfolio.tokens["Mia"], "/customers")
    table = page.get_by_role("table", name="Customers")
    await expect(page.get_by_text("2 customers, the highest score first")).to_be_visible()
    await page.get_by_role("button", name=re.compile("Order")).click()
    await page.get_by_role("option", name="By name").click()
    await expect(page.get_by_text("2 customers, by name")).to_be_visible()
    await expect(table.get_by_role("link")).to_have_text(["Acme", "Bolt"])
    await page.get_by_label("Search by name, domain or id").fill("bol")
    await expect(table.get_by_role("link")).to_have_text(["Bolt"])
    assert "search=bol" in page.url
    await table.get_by_role("link", name="Bolt").click()
    await expect(page.get_by_role("heading", level=1, name="Bolt")).to_be_visible()
    await page.get_by_role("link", name="ann0", exact=True).click()
    await expect(page.get_by_role("dialog", name="ann0")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_another_csms_customer_is_not_there(browsing: Browsing, portfolio: Portfolio) -> None:
    page = await browsing.visit(portfolio.tokens["Joe"], f"/customers/{portfolio.customer('Acme')}")
    await expect(page.get_by_text("There is no such customer")).to_be_visible()
    assert "ann0@acme.com" not in await page.content()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_a_customer_passes_axe_and_fits(
    browsing: Browsing, service: Service, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    acme = portfolio.customer("Acme")
    page = await browsing.visit(
        portfolio.tokens["Mia"], f"/customers/{acme}", width=width, scheme=scheme
    )
    await expect(page.get_by_role("link", name="ann9", exact=True)).to_have_count(1)
    await report(service, "ann1@acme.com")
    await expect(page.locator("li[data-event=CLICKED]")).to_have_count(1)
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
    await page.get_by_role("link", name="ann0", exact=True).click()
    await expect(page.get_by_role("heading", name="Best time")).to_be_visible()
    assert await faults(page) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_the_customers_pass_axe_and_fit(
    browsing: Browsing, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    page = await browsing.visit(
        portfolio.tokens["MANAGER"], "/customers", width=width, scheme=scheme
    )
    await expect(page.get_by_role("link", name="Core")).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
