"""Search: from anywhere, by keyboard, over what one sees."""

import pytest
from playwright.async_api import expect

from tests.dashboard.browsing import LOOKS, Browsing, Scheme, faults, is_wider_than_window
from tests.server.portfolio import Portfolio


async def test_a_customer_a_person_or_a_campaign_is_found_and_opened_by_keyboard(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await browsing.visit(portfolio.tokens["Mia"])
    await expect(page.get_by_text("Nothing calls for you")).to_be_visible()
    await page.keyboard.press("/")
    box = page.get_by_placeholder("Customer, person or campaign")
    await expect(box).to_be_focused()
    await page.keyboard.type("acm")
    found = page.get_by_role("listbox", name="Found")
    await expect(found.get_by_role("option", name="Acme").first).to_be_visible()
    assert await found.locator("header").all_inner_texts() == ["Customers", "People"]
    await expect(found.get_by_role("option", name="ann0")).to_contain_text("Acme")
    first = found.locator("[role=option][data-focused]")
    await expect(first).to_contain_text("Acme")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == f"{browsing.url}/customers/{portfolio.customer('Acme')}"

    await page.keyboard.press("Control+k")
    await expect(box).to_be_focused()
    await page.keyboard.type("core")
    await expect(page.get_by_text("Nothing you see is called “core”.")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_it_passes_axe_and_fits(
    browsing: Browsing, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    page = await browsing.visit(portfolio.tokens["Mia"], width=width, scheme=scheme)
    await page.get_by_role("button", name="Search").click()
    await page.get_by_placeholder("Customer, person or campaign").fill("acme")
    await expect(page.get_by_role("option").first).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
