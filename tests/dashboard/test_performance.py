"""Performance: groups side by side, what is chosen in the address, and what advice changed."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from domain.viewer import Role
from store.access import create_api_key
from tests.dashboard.browsing import LOOKS, Browsing, Scheme, faults, is_wider_than_window
from tests.schema import test_outcomes as outcomes
from tests.seeding import Seed
from tests.server import reports
from tests.server.portfolio import Portfolio
from tests.server.service import Service
from tests.store.counts import count

SEGMENTS = {"Acme": "Enterprise", "Bolt": "SMB", "Core": "Non-profit", "Dune": "Public"}

DELIVERED, OPENED, CLICKED = 0, 1, 2

NEWS = {"Acme": (30, 24, 12), "Bolt": (30, 6, 1), "Core": (30, 6, 1), "Dune": (30, 3, 3)}
"""Of “News”, a newsletter of three days ago: whose people got it, opened it, clicked."""

LAUNCH = {"Acme": (10, 5, 5)}
"""Of “Launch”, marketing of forty days ago."""


LATE = {"late": (2, 1, 1)}
"""Of “News” too, at another domain of Bolt's."""


def sent_at() -> datetime:
    """When “News” went out: three days ago, at 8:00 UTC."""
    return (datetime.now(UTC) - timedelta(days=3)).replace(hour=8, minute=0, second=0)


async def send(
    seed: Seed, campaign: int, customers: dict[str, int], did: dict[str, tuple[int, int, int]]
) -> list[int]:
    """Recipients of a campaign: the first of each customer's opened, the first of those clicked."""
    made = []
    at = sent_at()
    for name, figures in did.items():
        for number in range(figures[DELIVERED]):
            address = await seed.address(f"{campaign}-{number}@{name}.example", None)
            await seed.match(address, customers[name])
            acts: dict[str, object] = {"status": "DELIVERED", "delivered_at": at}
            if number < figures[OPENED]:
                acts |= {"opens_human": 1, "first_open_at": at, "engaged": True}
            if number < figures[CLICKED]:
                acts |= {"clicks_human": 1, "first_click_at": at}
            made.append(await seed.recipient(campaign, address, **acts))
    return made


@pytest.fixture
async def seeded(portfolio: Portfolio) -> Portfolio:
    """Three portfolios, four segments, two campaigns, counted."""
    async with portfolio.database.transaction() as connection:
        seed = Seed(connection)
        customers = dict(portfolio.customers)
        customers["Dune"] = await seed.customer("Dune", await seed.csm("Kim"))
        for name, segment in SEGMENTS.items():
            await connection.execute(
                "UPDATE customer SET segment = $2 WHERE id = $1", customers[name], segment
            )
        news = await seed.campaign(
            "News", type="NEWSLETTER", topics=["security"], sent_at=sent_at()
        )
        launch = await seed.campaign(
            "Launch", type="MARKETING", topics=["launch"], sent_at=sent_at() - timedelta(days=37)
        )
        made = await send(seed, news, customers, NEWS)
        made += await send(seed, launch, customers, LAUNCH)
        await connection.execute("INSERT INTO counting_queue SELECT unnest($1::bigint[])", made)
    await count(portfolio.database)
    await portfolio.until("SELECT NOT EXISTS (SELECT FROM counting_queue)")
    return portfolio


def panel(page: Page, name: str) -> Locator:
    """A part of the page by its heading."""
    return page.get_by_role("region", name=name, exact=True)


def row(page: Page, table: str, name: str) -> Locator:
    """A row of a table by what begins it."""
    cell = page.get_by_role("rowheader", name=name, exact=True)
    return page.get_by_role("region", name=table).get_by_role("row").filter(has=cell)


async def choose(page: Page, label: str, option: str) -> None:
    """Take another of a few."""
    await page.get_by_role("button", name=re.compile(f"{label}$")).click()
    await page.get_by_role("option", name=option, exact=True).click()


async def saved(page: Page, button: str) -> list[str]:
    """The lines of a table that is exported."""
    async with page.expect_download() as download:
        await page.get_by_role("button", name=button).click()
    return Path(await (await download.value).path()).read_text().splitlines()


async def test_groups_are_compared_with_intervals_and_denominators(
    browsing: Browsing, seeded: Portfolio
) -> None:
    page = await browsing.visit(seeded.tokens["MANAGER"], "/performance")
    everything = panel(page, "All together")
    await expect(everything).to_contain_text("22 of 130 delivered")
    await expect(everything).to_contain_text("16.9 %")
    await expect(everything).to_contain_text("44 of 130 delivered")

    enterprise = row(page, "Table of segments", "Enterprise")
    await expect(enterprise).to_contain_text("42.5 % 17 of 40 delivered · 28.5 %–57.8 %")
    await expect(enterprise).to_contain_text("▲ above usual")
    await expect(row(page, "Table of segments", "SMB")).to_contain_text("1 of 30 delivered")
    marketing = row(page, "Table of types", "Marketing")
    await expect(marketing).to_contain_text("5 of 10 delivered")
    await expect(marketing).to_contain_text("not enough data")
    await expect(panel(page, "Types")).to_contain_text("takes three groups with 20 delivered each")
    await expect(row(page, "Table of topics", "security")).to_contain_text("17 of 120 delivered")
    csms = page.get_by_role("region", name="Table of csms").get_by_role("rowheader")
    assert await csms.all_inner_texts() == ["Mia", "Kim", "Joe"]
    await expect(row(page, "Table of csms", "Mia")).to_contain_text("18 of 70 delivered")

    clock = sent_at().astimezone(ZoneInfo("Europe/Berlin"))
    hour = f"{clock:%A} {clock.hour}–{clock.hour + 1} h"
    times = page.get_by_role("table", name="Table of send times")
    await expect(times.get_by_role("row").filter(has_text=hour)).to_contain_text("17 of 120")
    await expect(panel(page, "Send times").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(f"best .*{hour}")
    )
    await expect(panel(page, "Segments").locator("canvas")).to_be_visible()


async def test_figures_follow_what_happens(
    browsing: Browsing, service: Service, seeded: Portfolio
) -> None:
    page = await browsing.visit(seeded.tokens["MANAGER"], "/performance")
    everything = panel(page, "All together")
    await expect(everything).to_contain_text("22 of 130 delivered")
    news = await seeded.value("SELECT id FROM campaign WHERE name = 'News'")
    assert isinstance(news, int)
    async with seeded.database.transaction() as connection:
        made = await send(Seed(connection), news, {"late": seeded.customers["Bolt"]}, LATE)
        await connection.execute("INSERT INTO counting_queue SELECT unnest($1::bigint[])", made)
    await count(seeded.database)
    told = reports.sendgrid("ann0@acme.com", datetime.now(UTC), message="m", event_id="e")
    async with httpx.AsyncClient() as client:
        assert await reports.post(client, service.url, "sendgrid", [told]) == 200
    # The two of Bolt's, one of whom clicked, and the click that was just reported.
    await expect(everything).to_contain_text("24 of 133 delivered")


async def test_rate_period_and_campaigns_are_kept_in_the_address_and_narrow_the_export(
    browsing: Browsing, seeded: Portfolio
) -> None:
    page = await browsing.visit(seeded.tokens["MANAGER"], "/performance")
    everything = panel(page, "All together")
    await expect(everything).to_contain_text("2 campaigns")
    await choose(page, "Sent in", "Last 30 days")
    await expect(everything).to_contain_text("17 of 120 delivered")
    await choose(page, "Rate", "Open rate")
    await expect(row(page, "Table of segments", "Enterprise")).to_contain_text("24 of 30")
    assert page.url.endswith("/performance?period=30&rate=open")

    lines = await saved(page, "Export CSV of types")
    assert [line.split(",")[0] for line in lines] == ["type", "NEWSLETTER"]

    await page.reload()
    await expect(everything).to_contain_text("17 of 120 delivered")
    await choose(page, "Sent in", "All time")
    await choose(page, "Type", "Marketing")
    await expect(everything).to_contain_text("5 of 10 delivered")
    await expect(everything).to_contain_text("not enough data")
    await page.get_by_label("Campaigns by name or subject").fill("news")
    await expect(page.get_by_text("No such campaign was sent in this period")).to_be_visible()
    await choose(page, "Type", "Any type")
    await expect(everything).to_contain_text("17 of 120 delivered")
    assert page.url.endswith("/performance?period=all&search=news&rate=open")


async def test_days_the_wrong_way_round_are_told(browsing: Browsing, seeded: Portfolio) -> None:
    page = await browsing.visit(
        seeded.tokens["MANAGER"], "/performance?period=own&from=2026-02-02&to=2026-02-01"
    )
    await expect(page.get_by_text("It is before the first day.")).to_be_visible()
    await page.get_by_label("Last day").fill("2026-02-02")
    await expect(page.get_by_text("No such campaign was sent in this period")).to_be_visible()
    assert page.url.endswith("?period=own&from=2026-02-02&to=2026-02-02")


async def test_a_csm_sees_their_own_portfolio_and_no_outcomes(
    browsing: Browsing, seeded: Portfolio
) -> None:
    page = await browsing.visit(seeded.tokens["Joe"], "/performance")
    own = panel(page, "Your portfolio")
    await expect(row(page, "Table of your portfolio", "Joe")).to_contain_text("1 of 30 delivered")
    await expect(own.get_by_role("img")).to_have_attribute("aria-label", re.compile("usual is"))
    await expect(panel(page, "All together")).to_contain_text("1 of 30 delivered")
    await expect(panel(page, "Outcomes")).to_contain_text("This is not yours to see")
    await expect(page.get_by_role("table", name="Table of send times")).to_contain_text("1 of 30")
    shown = await page.content()
    for others in ("Mia", "Kim", "Acme", "Bolt", "Enterprise", "SMB", "launch"):
        assert others not in shown
    lines = await saved(page, "Export CSV of your portfolio")
    assert [line.split(",")[0] for line in lines] == ["csm", "joe@us.example"]


async def advise(portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty customers with recommendations, of whom 24 replied, 12 after contact; of 25 held out
    two replied."""
    monkeypatch.setattr(outcomes, "NOW", datetime.now(UTC))
    async with portfolio.database.transaction() as connection:
        advice = outcomes.Portfolio(Seed(connection))
        for number in range(30):
            await advice.recommend(
                outcome="MEETING" if number < 12 else None, replied=2 if number < 24 else None
            )
        for number in range(25):
            await advice.recommend(is_held_out=True, replied=2 if number < 2 else None)


async def test_what_recommendations_change_is_told_with_the_holdout(
    browsing: Browsing, portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await advise(portfolio, monkeypatch)
    page = await browsing.visit(portfolio.tokens["MANAGER"], "/performance")
    told = panel(page, "Outcomes")
    await expect(told).to_contain_text("12 of 30 recommendations about the highly engaged")
    await expect(told).to_contain_text("Customers with recommendations replied more often")
    reply = told.get_by_role("row").filter(has_text="seen of both alike")
    await expect(reply).to_contain_text("80.0 % 24 of 30 customers")
    await expect(reply).to_contain_text("8.0 % 2 of 25 customers")
    await expect(reply).to_contain_text("+72.0 points (+47.8 to +84.0 points)")
    await expect(reply).to_contain_text("Helps")

    cases = panel(page, "Cases behind the outcomes")
    await expect(cases).to_contain_text("30 recommendations, the newest first")
    await choose(page, "Which cases", "Customers held out")
    await expect(cases).to_contain_text("25 recommendations, the newest first")
    await choose(page, "Which of them", "Those that count")
    await expect(cases).to_contain_text("2 recommendations, the newest first")
    lines = await saved(page, "Export CSV of cases")
    assert len(lines) == 3
    assert {line.split(",")[4] for line in lines[1:]} == {"true"}


async def test_without_a_holdout_no_lift_is_claimed(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await browsing.visit(portfolio.tokens["MANAGER"], "/performance")
    await expect(panel(page, "Outcomes")).to_contain_text("Nobody was held out")
    await expect(panel(page, "Outcomes").locator("canvas")).to_have_count(0)
    await expect(page.get_by_text("No such campaign was sent in this period")).to_be_visible()
    await choose(page, "Which cases", "Customers held out")
    await expect(page.get_by_text("HOLDOUT_PERCENT")).to_be_visible()


async def test_who_only_feeds_it_sees_none_of_it(browsing: Browsing, seeded: Portfolio) -> None:
    feeder = await create_api_key(seeded.database, role=Role.INTEGRATION, name="feeder")
    page = await browsing.visit(feeder, "/performance")
    await expect(page.get_by_text("This is not yours to see")).to_be_visible()
    assert "of 130" not in await page.content()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_performance_passes_axe_and_fits(
    browsing: Browsing,
    seeded: Portfolio,
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    scheme: Scheme,
) -> None:
    await advise(seeded, monkeypatch)
    page = await browsing.visit(
        seeded.tokens["MANAGER"], "/performance?period=own", width=width, scheme=scheme
    )
    await expect(panel(page, "All together")).to_contain_text("22 of 130 delivered")
    await expect(panel(page, "Outcomes").locator("canvas")).to_be_visible()
    await expect(page.get_by_role("table", name="List of cases")).to_be_visible()
    await expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
