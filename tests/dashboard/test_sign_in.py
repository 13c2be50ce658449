"""Coming in: by link, by pasted token, and out again."""

from playwright.async_api import expect

from tests.dashboard.browsing import Browsing
from tests.server.portfolio import Portfolio


async def test_a_link_signs_in_and_its_token_leaves_the_address(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await browsing.visit(portfolio.tokens["Mia"])
    await expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    assert page.url == f"{browsing.url}/"
    assert (
        await page.evaluate("() => localStorage.getItem('engagement.token')")
        == (portfolio.tokens["Mia"])
    )
    await page.reload()
    await expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()


async def test_a_pasted_token_signs_in_and_signing_out_forgets_it(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await browsing.fresh()
    await page.goto(browsing.url)
    await page.get_by_label("Token, or the link you were given").fill(portfolio.tokens["Mia"])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Mia").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert await page.evaluate("() => localStorage.getItem('engagement.token')") is None


async def test_a_token_that_was_never_good_is_said_not_to_be_accepted(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await browsing.fresh()
    await page.goto(f"{browsing.url}/#token=nonsense")
    await expect(page.get_by_role("alert")).to_contain_text("That token was not accepted")
    refused = [problem for problem in browsing.problems if "401" in problem]
    assert browsing.problems == refused != []
    browsing.problems.clear()
