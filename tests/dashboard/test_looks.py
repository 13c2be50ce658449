"""Every page, light and dark, on a desk and in a hand."""

import pytest
from playwright.async_api import expect

from tests.dashboard.browsing import LOOKS, Browsing, Scheme, faults, is_wider_than_window
from tests.server.portfolio import Portfolio


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_today_passes_axe_and_fits(
    browsing: Browsing, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    page = await browsing.visit(portfolio.tokens["Mia"], width=width, scheme=scheme)
    await expect(page.get_by_text("Nothing calls for you")).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_the_sign_in_passes_axe_and_fits(
    browsing: Browsing, width: int, scheme: Scheme
) -> None:
    page = await browsing.fresh(width=width, scheme=scheme)
    await page.goto(browsing.url)
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
