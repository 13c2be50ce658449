"""Data quality: addresses that nobody knew become somebody's, and what failed is tried again."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from domain.viewer import Role
from store.access import create_api_key
from tests.dashboard.browsing import LOOKS, Browsing, Scheme, faults, is_wider_than_window
from tests.server import reports
from tests.server.portfolio import Portfolio
from tests.server.service import Service

NOVA_IS_KNOWN = "SELECT EXISTS (SELECT FROM customer_domain WHERE domain = 'nova.com')"

PAST_UNDO = "00:06"
"""Later than the time in which a decision can be taken back."""

READ_AGAIN = "00:16"
"""Later than the page reads itself again."""


async def report(service: Service, *addresses: str) -> None:
    """A signed webhook of SendGrid that each of them clicked, taken with 200."""
    told = [
        reports.sendgrid(address, datetime.now(UTC), message=f"m-{address}", event_id=address)
        for address in addresses
    ]
    async with httpx.AsyncClient() as client:
        assert await reports.post(client, service.url, "sendgrid", told) == 200


async def failed(portfolio: Portfolio, address: str) -> None:
    """A good payload that was set aside, as it is left where workers died of something else."""
    now = datetime.now(UTC)
    request = reports.signed("sendgrid", [reports.sendgrid(address, now)])
    await portfolio.execute(
        "INSERT INTO payload (received_on, received_at, provider, headers, query, body, status, "
        "attempts, error) VALUES ($1, $2, 'sendgrid', $3, '', $4, 'FAILED', 6, $5)",
        now.date(),
        now - timedelta(minutes=1),
        dict(request.headers),
        request.body,
        "not finished in 5 tries",
    )


async def quality(
    browsing: Browsing, token: str, *, width: int = 1440, scheme: Scheme = "light"
) -> Page:
    """Somebody's page, whose clock the test may put forward."""
    page = await browsing.fresh(width=width, scheme=scheme)
    await page.clock.install()
    await page.goto(f"{browsing.url}/#token={token}")
    await page.get_by_role("link", name="Data quality").click()
    await expect(page.get_by_role("heading", level=1, name="Data quality")).to_be_visible()
    return page


def panel(page: Page, name: str) -> Locator:
    """A part of the page by its heading."""
    return page.get_by_role("region", name=name)


async def test_a_domain_is_confirmed_and_coverage_moves(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    await report(service, "ann0@acme.com", "eve@nova.com", "bob@nova.com", "joe@gmail.com")
    await portfolio.until("SELECT count(*) = 4 FROM recipient")
    page = await quality(browsing, portfolio.tokens["MANAGER"])
    coverage = panel(page, "Coverage")
    await expect(coverage).to_contain_text("25.0 %")
    await expect(coverage).to_contain_text("1 of 4 recipients who are not our own")

    review = panel(page, "To review")
    await expect(review).to_contain_text("3 addresses wait")
    await review.get_by_role("button", name=re.compile(r"Whose is it\? .*@nova\.com")).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Customer’s name or domain").fill("cor")
    await dialog.get_by_role("button", name="This domain is theirs: Core").click()
    await expect(review.get_by_text("nova.com", exact=True)).to_have_count(0)
    assert not await portfolio.value(NOVA_IS_KNOWN)
    await page.clock.fast_forward(PAST_UNDO)

    await expect(coverage).to_contain_text("75.0 %")
    await expect(coverage).to_contain_text("3 of 4 recipients who are not our own")
    await expect(coverage).to_contain_text("+2 matched recipients")
    await expect(review).to_contain_text("1 address waits")
    assert (
        await portfolio.value(
            "SELECT array_agg(domain)::text[] FROM customer_domain WHERE customer_id = $1",
            portfolio.customers["Core"],
        )
    ) == ["nova.com"]
    # Whoever writes from there from now on is theirs at once.
    await report(service, "new@nova.com")
    await portfolio.until("SELECT count(*) = 5 FROM recipient")
    await page.clock.fast_forward(READ_AGAIN)
    await expect(coverage).to_contain_text("4 of 5 recipients who are not our own")


async def test_a_proposal_is_taken_back_before_it_counts_then_confirmed_with_one_press(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    await portfolio.execute(
        "INSERT INTO customer_domain (customer_id, domain) VALUES ($1, 'acme.com')",
        portfolio.customers["Acme"],
    )
    await report(service, "stranger@acme.com")
    await portfolio.until("SELECT count(*) = 1 FROM recipient")
    page = await quality(browsing, portfolio.tokens["Mia"])
    review = panel(page, "To review")
    yes = review.get_by_role("button", name="Yes, theirs: acme.com is Acme")
    await yes.click()
    await expect(review).to_contain_text("Nothing to review")
    await page.get_by_role("button", name="Undo").click()
    await expect(yes).to_be_visible()
    await page.clock.fast_forward(PAST_UNDO)
    assert await portfolio.value("SELECT array_agg(method)::text[] FROM match") == ["DOMAIN"]

    await yes.click()
    await page.clock.fast_forward(PAST_UNDO)
    await portfolio.until("SELECT EXISTS (SELECT FROM match WHERE method = 'MANUAL')")
    await expect(review).to_contain_text("Nothing to review")
    # Another CSM is asked about none of it, nor told what only managers see.
    other = await quality(browsing, portfolio.tokens["Joe"])
    await expect(panel(other, "To review")).to_contain_text("Nothing to review")
    assert "acme" not in (await other.content()).lower()


async def test_a_failed_payload_is_tried_again_and_its_event_counts_once(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    admin = await create_api_key(portfolio.database, role=Role.ADMIN, name="admin")
    await failed(portfolio, "ann0@acme.com")
    manager = await quality(browsing, portfolio.tokens["MANAGER"])
    await expect(panel(manager, "Failed payloads")).to_contain_text("Admins can try them again")
    await expect(manager.get_by_role("button", name=re.compile("Try"))).to_have_count(0)

    page = await quality(browsing, admin)
    rows = panel(page, "Failed payloads")
    await expect(rows).to_contain_text("not finished in 5 tries")
    await expect(rows).to_contain_text("tried 6 times")
    await rows.get_by_role("button", name="Try again: payload of SendGrid").click()
    await expect(page.get_by_text("1 payload will be tried again")).to_be_visible()
    await portfolio.until("SELECT count(*) = 1 FROM event WHERE kind = 'CLICKED'")
    await page.clock.fast_forward(PAST_UNDO)
    await expect(rows).to_contain_text("Nothing failed")
    assert await portfolio.value("SELECT array_agg(status)::text[] FROM payload") == ["DONE"]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_it_passes_axe_and_fits_with_everything_on_it(
    browsing: Browsing, service: Service, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    admin = await create_api_key(portfolio.database, role=Role.ADMIN, name="admin")
    await report(service, "ann0@acme.com", "eve@nova.com")
    await failed(portfolio, "ann1@acme.com")
    await portfolio.until("SELECT count(*) = 2 FROM recipient")
    page = await quality(browsing, admin, width=width, scheme=scheme)
    await expect(panel(page, "Coverage")).to_contain_text("50.0 %")
    await expect(panel(page, "Failed payloads")).to_contain_text("not finished in 5 tries")
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
    await page.get_by_role("button", name=re.compile("Whose is it")).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", name=re.compile("Whose is"))).to_be_visible()
    await dialog.get_by_label("Customer’s name or domain").fill("")
    await expect(dialog.get_by_role("button", name=re.compile("theirs: Acme"))).to_be_visible()
    assert await faults(page) == []
