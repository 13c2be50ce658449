"""Today: what comes in is shown at once, and what is done is gone everywhere."""

import re
import statistics
import time
from datetime import UTC, datetime

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.dashboard.browsing import LOOKS, Browsing, Scheme, faults, is_wider_than_window
from tests.server import reports
from tests.server.portfolio import Portfolio
from tests.server.service import Service

SHIFTS = """() => {
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: false });
}"""


async def report(service: Service, address: str, kind: str = "click", message: str = "m1") -> None:
    """A signed webhook of SendGrid, as it comes: taken with 200."""
    told = reports.sendgrid(
        address,
        datetime.now(UTC),
        kind=kind,
        message=message,
        event_id=f"{kind}{message}{address}",
    )
    async with httpx.AsyncClient() as client:
        assert await reports.post(client, service.url, "sendgrid", [told]) == 200


async def today(
    browsing: Browsing, token: str, *, width: int = 1440, scheme: Scheme = "light"
) -> Page:
    """Somebody's page, once it is live."""
    page = await browsing.visit(token, width=width, scheme=scheme)
    await expect(page.locator("[data-connection=live]")).to_be_visible()
    return page


def line(who: str, did: str) -> str:
    """Where the live stream says so."""
    return f"[role=region] li:has-text('{who} {did}')"


async def at_risk(service: Service, page: Page, address: str) -> None:
    """A complaint, of which a recommendation comes: it waits on the page until it is asked for."""
    await report(service, address, "spamreport")
    await page.get_by_role("button", name=re.compile("Show .* new")).first.click()
    await expect(row(page, address)).to_be_visible()


def row(page: Page, address: str) -> Locator:
    """The recommendation about somebody."""
    return page.locator("ol button[data-id]").filter(has_text=address.partition("@")[0])


async def test_a_signed_webhook_is_shown_within_a_second_and_nothing_jumps(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    mia = await today(browsing, portfolio.tokens["Mia"])
    joe = await today(browsing, portfolio.tokens["Joe"])
    await mia.evaluate(SHIFTS)
    seconds = []
    for number in range(4):
        await report(service, f"ann{number}@acme.com")
        begun = time.perf_counter()
        await mia.wait_for_selector(line(f"ann{number}", "clicked"))
        seconds.append(time.perf_counter() - begun)
    assert statistics.median(seconds) < 1, seconds
    assert await mia.evaluate("() => window.shifts") == 0

    await report(service, "ann0@core.com")
    await joe.wait_for_selector(line("ann0", "clicked"))
    assert "Acme" not in await joe.content()
    assert "Core" not in await mia.content()


async def test_what_is_completed_leaves_every_list_and_may_be_undone_before(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    first = await today(browsing, portfolio.tokens["Mia"])
    second = await today(browsing, portfolio.tokens["MANAGER"])
    await at_risk(service, first, "ann1@acme.com")
    await second.get_by_role("button", name="Show 1 new").click()

    await row(first, "ann1").focus()
    await first.keyboard.press("c")
    await first.keyboard.press("1")
    await expect(row(first, "ann1")).to_have_count(0)
    await first.get_by_role("button", name="Undo").click()
    await expect(row(first, "ann1")).to_be_visible()
    await expect(row(second, "ann1")).to_be_visible()

    await row(first, "ann1").focus()
    await first.keyboard.press("c")
    await first.get_by_role("button", name="Meeting").click()
    await expect(row(first, "ann1")).to_have_count(0)
    await expect(row(second, "ann1")).to_have_count(0)
    outcome = await portfolio.value("SELECT outcome FROM recommendation")
    assert outcome == "MEETING"


async def test_what_can_still_be_undone_is_done_when_the_page_is_left(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    page = await today(browsing, portfolio.tokens["Mia"])
    await at_risk(service, page, "ann0@acme.com")
    await row(page, "ann0@acme.com").click()
    await page.keyboard.press("c")
    await page.keyboard.press("1")
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
    await page.goto("about:blank")
    await portfolio.until("SELECT status = 'COMPLETED' FROM recommendation")


async def test_every_action_is_one_key_away(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    page = await today(browsing, portfolio.tokens["Mia"])
    for number in range(3):
        await at_risk(service, page, f"ann{number}@acme.com")
    heads = page.locator("ol button[data-id]")
    await heads.first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(heads.nth(1)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="What to say")).to_be_visible()
    await page.get_by_role("button", name="Why? What it rests on").click()
    await expect(page.get_by_text("marked as spam “Spring”")).to_be_visible()

    await heads.nth(1).focus()
    await page.keyboard.press("s")
    await expect(heads.nth(1)).to_contain_text("started")
    await heads.nth(1).focus()
    await page.keyboard.press("z")
    await page.keyboard.press("2")
    await expect(heads).to_have_count(2)
    await expect(page.get_by_text("Snoozed –")).to_be_visible()
    await heads.nth(1).focus()
    await page.keyboard.press("d")
    await page.get_by_label("Another reason").fill("They left the company")
    await page.keyboard.press("Enter")
    await expect(heads).to_have_count(1)
    # What cannot be undone any more is sent when the page goes.
    await page.goto("about:blank")
    await portfolio.until("SELECT count(*) = 2 FROM recommendation WHERE status <> 'OPEN'")
    assert await portfolio.value(
        "SELECT array_agg(status || coalesce(': ' || because, '') ORDER BY status)::text[] "
        "FROM recommendation"
    ) == ["DISMISSED: They left the company", "OPEN", "SNOOZED"]


async def test_of_a_long_list_only_the_rows_in_sight_are_in_the_page_and_arrows_reach_them_all(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    told = [
        reports.sendgrid(
            f"ann{number}@{name}.com",
            datetime.now(UTC),
            kind="spamreport",
            message=f"m{number}{name}",
            event_id=f"{number}{name}",
        )
        for name in ("acme", "bolt", "core")
        for number in range(10)
    ]
    async with httpx.AsyncClient() as client:
        assert await reports.post(client, service.url, "sendgrid", told) == 200
    await portfolio.until("SELECT count(*) = 30 FROM recommendation")
    page = await today(browsing, portfolio.tokens["MANAGER"])
    heads = page.locator("ol button[data-id]")
    await expect(page.get_by_text("30 recommendations")).to_be_visible()
    assert 5 < await heads.count() < 25
    focused = page.locator("li:focus-within")
    await heads.first.focus()
    for number in range(2, 31):
        await page.keyboard.press("ArrowDown")
        await expect(focused).to_have_attribute("aria-posinset", str(number))
    await expect(focused).to_be_in_viewport()
    await expect(focused).to_have_attribute("aria-setsize", "30")
    # Scrolled far away, the row in focus stays, and arrows go on from it.
    await page.evaluate("() => scrollTo(0, 0)")
    await expect(page.locator("li[aria-posinset='1']")).to_be_in_viewport()
    await page.keyboard.press("ArrowUp")
    await expect(focused).to_have_attribute("aria-posinset", "29")


async def test_offline_and_back_nothing_is_missed(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    page = await today(browsing, portfolio.tokens["Mia"])
    await page.context.set_offline(True)
    await expect(page.locator("[data-connection=lost]")).to_be_visible()
    for number in range(3):
        await report(service, f"ann{number}@acme.com")
    await portfolio.until("SELECT count(*) >= 3 FROM feed")
    await page.context.set_offline(False)
    await expect(page.locator("[data-connection=live]")).to_be_visible()
    await expect(page.locator("[data-event=CLICKED]")).to_have_count(3)
    await report(service, "ann3@bolt.com")
    await page.wait_for_selector(line("ann3", "clicked"))
    await expect(page.locator("[data-event=CLICKED]")).to_have_count(4)
    # The browser says itself that it could not connect meanwhile.
    assert all("ERR_INTERNET_DISCONNECTED" in problem for problem in browsing.problems)
    browsing.problems.clear()


async def test_a_restart_of_the_service_is_a_pause(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    page = await today(browsing, portfolio.tokens["Mia"])
    await report(service, "ann0@acme.com")
    await page.wait_for_selector(line("ann0", "clicked"))
    service.kill("web")
    try:
        await expect(page.locator("[data-connection=lost]")).to_be_visible()
    finally:
        service.start("web")
        await service.ready()
    await report(service, "ann1@acme.com")
    await page.wait_for_selector(line("ann1", "clicked"))
    await expect(page.locator("[data-event=CLICKED]")).to_have_count(2)
    assert all("ERR_CONNECTION_REFUSED" in problem for problem in browsing.problems)
    browsing.problems.clear()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_it_passes_axe_and_fits_with_everything_on_it(
    browsing: Browsing, service: Service, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    page = await today(browsing, portfolio.tokens["MANAGER"], width=width, scheme=scheme)
    await at_risk(service, page, "ann0@acme.com")
    await row(page, "ann0").click()
    await page.get_by_role("button", name="Why? What it rests on").click()
    await expect(page.get_by_text("marked as spam “Spring”")).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
    await page.get_by_role("button", name="Complete").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await faults(page) == []
