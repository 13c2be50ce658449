"""Workflows: built from conditions and actions, previewed, turned on, and seen acting."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import Dialog, Locator, Page, expect
from standardwebhooks.webhooks import Webhook

from domain.viewer import Role
from store.access import create_api_key
from tests.dashboard.browsing import LOOKS, Browsing, Scheme, faults, is_wider_than_window
from tests.jobs.receiver import Receiver, answer
from tests.server import reports
from tests.server.portfolio import Portfolio
from tests.server.service import Service

KNOWN = "SELECT count(*) = {} FROM stakeholder_insight"

SETTLING = "SELECT EXISTS (SELECT FROM insight_queue WHERE is_settling AND due_at > now())"


async def clicked(service: Service, portfolio: Portfolio, address: str, ago: timedelta) -> None:
    """A signed webhook of SendGrid that somebody clicked a while ago, taken with 200; and the
    15 seconds have passed in which a machine could have turned out to have made it."""
    at = datetime.now(UTC) - ago
    told = reports.sendgrid(address, at, message=f"m-{address}", event_id=address)
    async with httpx.AsyncClient() as client:
        assert await reports.post(client, service.url, "sendgrid", [told]) == 200
    await portfolio.until(SETTLING)
    await portfolio.execute("UPDATE insight_queue SET due_at = now() WHERE is_settling")


async def admin(portfolio: Portfolio) -> str:
    """An admin's token."""
    return await create_api_key(portfolio.database, role=Role.ADMIN, name="admin")


def panel(page: Page, name: str) -> Locator:
    """A part of the page by its heading."""
    return page.get_by_role("region", name=name, exact=True)


async def choose(scope: Locator, page: Page, field: str, option: str) -> None:
    """Choose in a list that opens."""
    await scope.get_by_role("button", name=re.compile(field)).click()
    await page.get_by_role("option", name=option, exact=True).click()


async def write(page: Page) -> None:
    """A new workflow on two conditions: a click on our pages, and not a customer of a segment."""
    await page.get_by_label("Name").fill("Back again")
    first = page.get_by_role("group", name="Condition 1", exact=True)
    await first.get_by_label("On links like").fill("example.com/*")
    await page.get_by_role("button", name="Add a condition").click()
    second = page.get_by_role("group", name="Condition 2", exact=True)
    await choose(second, page, "what it is", "Not this")
    inner = page.get_by_role("group", name="Condition 2.1", exact=True)
    await choose(inner, page, "what it is", "Customer’s segment")


async def test_a_workflow_is_built_previewed_saved_and_seen_acting(
    browsing: Browsing, service: Service, portfolio: Portfolio
) -> None:
    await clicked(service, portfolio, "ann0@acme.com", timedelta(days=2))
    await portfolio.until(KNOWN.format(1))
    page = await browsing.visit(portfolio.tokens["MANAGER"], "/workflows")
    await page.get_by_role("link", name="New workflow").click()
    await write(page)

    # What the service says of a part stands at that part.
    inner = page.get_by_role("group", name="Condition 2.1", exact=True)
    await expect(inner).to_contain_text("give 1 to 50 values")
    preview = panel(page, "Preview")
    await expect(preview).to_contain_text("The condition is unfinished")
    await inner.get_by_label("Another segment").fill("startup")
    await inner.get_by_role("button", name="Add segment").click()
    await expect(inner.get_by_role("checkbox", name="startup")).to_be_checked()
    await expect(page.get_by_text("In words:")).to_contain_text(
        "1 click on links like “example.com/*” within 30 days and "
        "not (a customer of segment startup)"
    )

    await expect(preview).to_contain_text("1 time")
    await expect(preview.get_by_role("img")).to_have_accessible_name(
        re.compile(
            r"It would have fired 1 time in 31 days, for 1 person at 1 customer; most, 1, on"
        )
    )
    await expect(preview.get_by_role("row").filter(has_text="Acme")).to_contain_text(
        "1 click within 30 days"
    )
    assert await portfolio.value("SELECT count(*) FROM workflow_run") == 0

    await page.get_by_role("button", name="Save workflow").click()
    await expect(page.get_by_role("alert")).to_contain_text("It was not saved: give 1 to 500")
    reason = page.get_by_label("Why, in one sentence")
    await expect(reason).to_have_attribute("aria-invalid", "true")
    await reason.fill("{stakeholder} of {customer} came back.")
    await page.get_by_text("Turn it on when it is saved").click()
    await page.get_by_role("button", name="Save workflow").click()

    await expect(page.get_by_role("heading", level=1, name="Back again")).to_be_visible()
    # Turned on, it is judged for everybody: for whom it holds already it fires at once.
    log = panel(page, "Run log")
    await expect(log).to_contain_text("It fired 1 time")
    await clicked(service, portfolio, "ann1@acme.com", timedelta(minutes=1))
    await expect(log).to_contain_text("It fired 2 times")
    await expect(log.get_by_role("row").nth(1)).to_contain_text("ann1")

    # Whoever looks after the customer has it on their page; another CSM sees none of it.
    mia = await browsing.visit(portfolio.tokens["Mia"])
    await expect(mia.get_by_text("ann1 of Acme came back.")).to_be_visible()
    joe = await browsing.visit(portfolio.tokens["Joe"], "/workflows")
    await expect(joe.get_by_text("A workflow acts in every portfolio")).to_be_visible()
    assert "Back again" not in await joe.content()
    await joe.goto(page.url)
    await expect(joe.get_by_text("A workflow acts in every portfolio")).to_be_visible()
    assert "Back again" not in await joe.content()


async def test_a_workflow_is_turned_on_in_the_list_changed_and_deleted(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    await portfolio.execute(
        "INSERT INTO workflow (name, description, is_enabled, condition, actions, window_days, "
        "created_at, updated_at) VALUES ('Quiet', '', false, $1, $2, 30, now(), now())",
        {"not": {"any": [{"silentForDays": 60}, {"levels": ["HIGH", "LOW"]}]}},
        [{"raiseRisk": {"reason": "Call.", "talkingPoints": ["One."]}}],
    )
    page = await browsing.visit(portfolio.tokens["MANAGER"], "/workflows")
    row = panel(page, "All workflows").get_by_role("listitem").filter(has_text="Quiet")
    await expect(row).to_contain_text(
        "When not (nothing done with any mail for 60 days or engagement is high or low): "
        "raise a risk."
    )
    await expect(row).to_contain_text("Never fired")
    await row.get_by_text("Off").click()
    await expect(page.get_by_text("“Quiet” is on")).to_be_visible()
    kept = "SELECT (is_enabled, version, condition, actions)::text FROM workflow"
    assert str(await portfolio.value(kept)).startswith("(t,2,")

    await row.get_by_role("link", name="Quiet").click()
    silence = page.get_by_role("group", name="Condition 1.1", exact=True)
    await silence.get_by_role("textbox", name="Days without any act").fill("90")
    await page.get_by_role("button", name="Add a talking point").click()
    second = page.get_by_role("textbox", name="Talking point 2")
    await second.fill("Two {people}.")
    await page.get_by_role("button", name="Save changes").click()
    await expect(second).to_have_attribute("aria-invalid", "true")
    await second.fill("Two.")
    # Somebody else is faster: nothing of theirs is lost.
    await portfolio.execute("UPDATE workflow SET version = 7, name = 'Theirs'")
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_role("alert")).to_contain_text("has been changed meanwhile")
    await page.get_by_role("button", name="Load what is there now").click()
    await expect(page.get_by_role("heading", level=1, name="Theirs")).to_be_visible()
    await silence.get_by_role("textbox", name="Days without any act").fill("45")
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_text("“Theirs” is saved")).to_be_visible()
    assert await portfolio.value("SELECT condition FROM workflow") == {
        "not": {"any": [{"silentForDays": 45}, {"levels": ["HIGH", "LOW"]}]}
    }
    assert await portfolio.value("SELECT is_enabled FROM workflow")

    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Delete workflow").click()
    await expect(page.get_by_text("There are no workflows")).to_be_visible()


async def test_a_campaign_that_is_there_no_more_is_kept_until_another_is_chosen(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    await portfolio.execute(
        "INSERT INTO workflow (name, description, is_enabled, condition, actions, window_days, "
        "created_at, updated_at) VALUES ('Old', '', true, $1, $2, 30, now(), now())",
        {"happened": {"kind": "CLICKED", "atLeast": 1, "withinDays": 30, "campaignId": 999}},
        [{"recommend": {"reason": "Call.", "talkingPoints": []}}],
    )
    kept = "SELECT condition #>> '{happened,campaignId}' FROM workflow"
    page = await browsing.visit(portfolio.tokens["MANAGER"], "/workflows")
    await panel(page, "All workflows").get_by_text("On: Old").click()
    await expect(page.get_by_text("“Old” is off")).to_be_visible()
    assert await portfolio.value(kept) == "999"
    await page.get_by_role("link", name="Old").click()
    await expect(page.get_by_text("In words:")).to_contain_text("a campaign that is there no more")
    campaign = page.get_by_role("combobox", name="Campaign", exact=True)
    await campaign.focus()
    await expect(page.get_by_role("option", name="any campaign")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(campaign).to_have_value("no longer there")
    await page.get_by_label("Name").fill("Older")
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_text("“Older” is saved")).to_be_visible()
    assert await portfolio.value(kept) == "999"
    await campaign.click()
    await page.get_by_role("option", name="any campaign").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_text("In words: 1 click within 30 days.")).to_be_visible()
    await portfolio.until(f"SELECT ({kept}) IS NULL")


async def test_what_is_not_saved_is_left_behind_only_when_somebody_says_so(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    page = await browsing.visit(portfolio.tokens["MANAGER"], "/workflows")
    await page.get_by_role("link", name="New workflow").click()
    customers = page.get_by_role("link", name="Customers", exact=True)
    name = page.get_by_label("Name")
    await name.fill("Half a thought")
    for going in (customers.click, page.go_back):
        await going()
        question = page.get_by_role("dialog", name="Leave without saving?")
        await expect(question.get_by_role("button", name="Stay here")).to_be_focused()
        assert await faults(page) == []
        await page.keyboard.press("Enter")
        await expect(question).to_be_hidden()
        await expect(name).to_have_value("Half a thought")
    asked: list[str] = []

    async def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    page.on("dialog", accept)
    await page.reload()
    assert asked == ["beforeunload"]
    await expect(name).to_have_value("")
    await name.fill("Another")
    await customers.click()
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("heading", level=1, name="Customers")).to_be_visible()


async def test_an_endpoint_is_made_its_secret_shown_once_and_a_delivery_sent_again(
    browsing: Browsing, portfolio: Portfolio
) -> None:
    async with Receiver([answer(200, "thanks")]) as receiver:
        page = await browsing.visit(await admin(portfolio), "/workflows")
        webhooks = panel(page, "Outgoing webhooks")
        await webhooks.get_by_role("button", name="New endpoint").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill("CRM")
        await dialog.get_by_label("Address").fill("http://crm.example/hook")
        await dialog.get_by_role("button", name="Save endpoint").click()
        await expect(dialog.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
        await dialog.get_by_label("Address").fill(receiver.url)
        await dialog.get_by_role("button", name="Save endpoint").click()
        secret = (await webhooks.locator("code").filter(has_text="whsec_").inner_text()).strip()
        await webhooks.get_by_role("button", name="I have kept it").click()
        await expect(webhooks).not_to_contain_text("whsec_")

        await webhooks.get_by_role("button", name="Change").click()
        await page.get_by_role("menuitem", name="Send a test message").click()
        row = webhooks.get_by_role("row").filter(has_text="Test message")
        await expect(row).to_contain_text("delivered tried 1 time, last answer 200")
        await row.get_by_role("button", name=re.compile("Send again: msg_")).click()
        await expect(page.get_by_text("It is sent again, under the same id")).to_be_visible()
        await portfolio.until(
            "SELECT status = 'DELIVERED' AND ended_at > created_at FROM webhook_delivery"
        )
        first, second = receiver.received
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert Webhook(secret).verify(second.body, second.headers)["type"] == "ping"

        await webhooks.get_by_role("button", name="Change").click()
        await page.get_by_role("menuitem", name="New secret").click()
        await page.get_by_role("button", name="Make a new secret").click()
        fresh = (await webhooks.locator("code").filter(has_text="whsec_").inner_text()).strip()
        assert fresh != secret
        await page.reload()
        await expect(webhooks).to_contain_text("CRM")
        await expect(webhooks).not_to_contain_text("whsec_")

    # A manager looks; only admins change.
    manager = await browsing.visit(portfolio.tokens["MANAGER"], "/workflows")
    theirs = panel(manager, "Outgoing webhooks")
    await theirs.get_by_role("button", name="Deliveries to CRM").click()
    await expect(theirs.get_by_role("row").filter(has_text="Test message")).to_be_visible()
    await expect(theirs.get_by_role("button", name=re.compile("again|Change|New"))).to_have_count(0)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_it_passes_axe_and_fits_with_everything_on_it(
    browsing: Browsing, service: Service, portfolio: Portfolio, width: int, scheme: Scheme
) -> None:
    await clicked(service, portfolio, "ann0@acme.com", timedelta(days=2))
    await portfolio.until(KNOWN.format(1))
    page = await browsing.visit(await admin(portfolio), "/workflows", width=width, scheme=scheme)
    webhooks = panel(page, "Outgoing webhooks")
    await webhooks.get_by_role("button", name="New endpoint").click()
    await page.get_by_label("Name").fill("CRM")
    await page.get_by_label("Address").fill("https://hooks.example/x")
    await page.get_by_role("button", name="Save endpoint").click()
    await expect(webhooks).to_contain_text("shown this once")
    await webhooks.get_by_role("button", name="Change").click()
    await page.get_by_role("menuitem", name="Send a test message").click()
    await expect(webhooks.get_by_role("row").filter(has_text="Test message")).to_be_visible()
    assert await faults(page) == []
    assert not await is_wider_than_window(page)

    await page.get_by_role("link", name="New workflow").click()
    await write(page)
    await expect(panel(page, "Preview")).to_contain_text("The condition is unfinished")
    assert await faults(page) == []
    await page.get_by_label("Another segment").fill("startup")
    await page.get_by_role("button", name="Add segment").click()
    await expect(panel(page, "Preview").get_by_role("row").nth(1)).to_be_visible()
    await page.get_by_label("Why, in one sentence").fill("Call {stakeholder}.")
    await page.get_by_text("CRM").click()
    await page.get_by_text("Turn it on when it is saved").click()
    await page.get_by_role("button", name="Save workflow").click()
    await expect(panel(page, "Run log")).to_contain_text("It fired 1 time")
    assert await faults(page) == []
    assert not await is_wider_than_window(page)
