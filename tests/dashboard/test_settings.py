"""Settings of one's own: kept, and nobody else's."""

import pytest
from playwright.async_api import Page, expect

from tests.dashboard.browsing import LOOKS, Browsing, Scheme, faults, is_wider_than_window
from tests.server.portfolio import Portfolio


async def choose_zone(page: Page, label: str, zone: str) -> None:
    """Type into the field until one zone is left, and take it."""
    field = page.get_by_role("combobox", name=label)
    await field.fill(zone)
    await page.get_by_role("option", name=zone).click()


async def test_the_digest_is_chosen_and_kept(browsing: Browsing, portfolio: Portfolio) -> None:
    page = await browsing.visit(portfolio.tokens["Mia"], "/settings")
    wanted = page.get_by_role("switch", name="Mail it to me")
    was_on = await wanted.is_checked()
    await page.get_by_text("Mail it to me").click()
    await expect(page.get_by_text("Kept", exact=True)).to_be_visible()
    await choose_zone(page, "Made in the morning of", "Asia/Tokyo")
    await expect(page.get_by_text("Kept", exact=True)).to_have_count(2)
    await page.reload()
    await expect(wanted).to_be_checked(checked=not was_on)
    zone = page.get_by_role("combobox", name="Made in the morning of")
    await expect(zone).to_have_value("Asia/Tokyo")

    other = await browsing.visit(portfolio.tokens["Joe"], "/settings")
    await expect(other.get_by_role("switch", name="Mail it to me")).to_be_checked(checked=was_on)


async def test_a_zone_and_a_look_hold_in_this_browser(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await browsing.visit(portfolio.tokens["MANAGER"], "/settings")
    await expect(page.get_by_text("You are signed in without one.")).to_be_visible()
    await choose_zone(page, "Time zone", "Europe/Lisbon")
    await page.get_by_role("button", name="Appearance").click()
    await page.get_by_role("option", name="Dark").click()
    await page.reload()
    await expect(page.get_by_role("combobox", name="Time zone")).to_have_value("Europe/Lisbon")
    assert await page.evaluate("() => document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_it_passes_axe_and_fits(
    browsing: Browsing, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    page = await browsing.visit(portfolio.tokens["Mia"], "/settings", width=width, scheme=scheme)
    await expect(page.get_by_role("switch", name="Mail it to me")).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
