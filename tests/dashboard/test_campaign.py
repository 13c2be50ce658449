"""Campaigns: found, followed live, exported, and put right by those who know."""

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

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


async def campaign(
    browsing: Browsing, portfolio: Portfolio, who: str, width: int = 1440, scheme: Scheme = "light"
) -> Page:
    """Somebody's page of the campaign that SendGrid reports on."""
    node = portfolio.node("Campaign", portfolio.campaigns["sendgrid"])
    page = await browsing.visit(
        portfolio.tokens[who], f"/campaigns/{node}", width=width, scheme=scheme
    )
    await expect(page.get_by_role("heading", level=1, name="Spring")).to_be_visible()
    return page


async def test_the_funnel_moves_without_a_reload_and_recipients_are_filtered_and_exported(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    await report(service, "ann0@acme.com")
    await report(service, "ann1@acme.com", "delivered")
    await portfolio.until("SELECT count(*) = 2 FROM recipient")
    page = await campaign(browsing, portfolio, "Mia")
    await expect(page.locator("[data-connection=live]")).to_be_visible()
    clicked = page.get_by_label("Funnel").get_by_role("listitem").filter(has_text="Clicked").first
    await expect(clicked).to_contain_text("1 50.0 % of 2 delivered")
    await report(service, "ann1@acme.com")
    await expect(clicked).to_contain_text("2 100 % of 2 delivered")
    await report(service, "ann2@acme.com", "delivered")
    await expect(clicked).to_contain_text("2 66.7 % of 3 delivered")

    await page.get_by_role("button", name=re.compile("Which recipients")).click()
    await page.get_by_role("option", name="Clicked", exact=True).click()
    await expect(page.get_by_text("2 recipients: clicked")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Export CSV").click()
    exported = Path(await (await download.value).path()).read_text()
    assert len(exported.splitlines()) == 3
    assert "ann0@acme.com" in exported
    assert "ann2@acme.com" not in exported


async def test_a_manager_corrects_the_type_and_a_csm_is_not_asked(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await campaign(browsing, portfolio, "MANAGER")
    await page.get_by_role("button", name="Correct the type").click()
    await page.get_by_role("button", name=re.compile("^(?!Which).*Type$")).click()
    await page.get_by_role("option", name="Product update").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_text("a person said so")).to_be_visible()
    await expect(page.get_by_label("How it was detected")).to_contain_text("Product update")
    assert (
        await portfolio.value(
            "SELECT type FROM campaign WHERE id = $1", portfolio.campaigns["sendgrid"]
        )
        == "PRODUCT_UPDATE"
    )


async def test_campaigns_are_searched_by_name_and_type(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await browsing.visit(portfolio.tokens["MANAGER"], "/campaigns")
    await expect(page.get_by_text("3 campaigns")).to_be_visible()
    await page.get_by_label("Search by name or subject").fill("autumn")
    await expect(page.get_by_text("Nothing like that")).to_be_visible()
    await page.get_by_label("Search by name or subject").fill("spr")
    table = page.get_by_role("table", name="Campaigns")
    await expect(table.get_by_role("link", name="Spring")).to_have_count(3)
    await table.get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1, name="Spring")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_a_campaign_passes_axe_and_fits(
    browsing: Browsing, service: Service, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    await report(service, "ann0@acme.com")
    await portfolio.until("SELECT count(*) = 1 FROM recipient")
    page = await campaign(browsing, portfolio, "MANAGER", width, scheme)
    await expect(page.get_by_role("link", name="ann0", exact=True)).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
    await page.get_by_role("button", name="Correct the type").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await faults(page) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_the_campaigns_pass_axe_and_fit(
    browsing: Browsing, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    page = await browsing.visit(
        portfolio.tokens["MANAGER"], "/campaigns", width=width, scheme=scheme
    )
    await expect(page.get_by_role("link", name="Spring").first).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
