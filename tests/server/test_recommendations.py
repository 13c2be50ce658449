"""`GET /api/campaigns/recommendations`, and what a customer's campaigns tell of follow-ups."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from domain.viewer import Role
from schema import ids
from server import recommendations, rest
from server.access import Access
from store.access import create_api_key
from store.database import Database
from tests.jobs.mail import execute
from tests.schema.test_recommendations import busy
from tests.seeding import services

LIST = "/api/campaigns/recommendations"


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[*rest.routes, *recommendations.routes])
    app.state.services, app.state.access = services(database), Access(database)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await busy(database)
        token = await create_api_key(database, role=Role.MANAGER, name="x")
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


async def test_what_is_to_be_done_is_told_page_by_page(client: httpx.AsyncClient) -> None:
    first = await client.get(LIST, params={"limit": 3})
    assert first.status_code == 200
    rest_ = await client.get(first.links["next"]["url"])
    assert "next" not in rest_.links
    told = [*first.json(), *rest_.json()]
    assert [(one["type"], one["stakeholderName"], one["email"]) for one in told] == [
        ("REPLY_WAITING", "Ann Acme", None),
        ("RELATIONSHIP_RISK", "Carla Acme", None),
        ("SHARE_CONTENT", "Ann Acme", None),
        ("SHARE_CONTENT", "Bob Acme", None),
        ("MEET_STAKEHOLDER", None, "dora@acme.com"),
    ]
    share = told[2]
    assert (share["customerId"], share["customerName"], share["priority"]) == ("acme", "Acme", 60)
    assert share["campaignName"] == "News 3"
    assert share["topics"] == ["security"]
    assert [event["kind"] for event in share["evidence"]] == ["CLICKED", "CLICKED"]
    assert share["bestTime"]["basis"] == "STAKEHOLDER"


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"after": "nonsense"}])
async def test_bad_questions_are_refused(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = await client.get(LIST, params=query)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == [*query]


async def test_a_customers_campaigns_tell_of_follow_ups(
    client: httpx.AsyncClient, database: Database
) -> None:
    found = (await client.get("/api/campaigns/customer/acme")).json()
    told = {
        (bulk["campaignName"], one["email"]): one["followUp"]
        for bulk in found
        for one in bulk["customerEngagements"]
    }
    ann = told["News 3", "ann@acme.com"]
    assert (ann["recommended"], ann["completed"]) == (True, False)
    assert ann["reason"].startswith("Ann Acme replied to “News 3”")
    nothing = {"recommended": False, "reason": None, "completed": False}
    assert told["News 9", "bob@acme.com"] == nothing
    await execute(database, "UPDATE recommendation SET is_held_out = true")
    found = (await client.get("/api/campaigns/customer/acme")).json()
    (ann,) = [
        one["followUp"]
        for bulk in found
        for one in bulk["customerEngagements"]
        if (bulk["campaignName"], one["email"]) == ("News 3", "ann@acme.com")
    ]
    assert ann == {"recommended": None, "reason": None, "completed": None}
    assert (await client.get(LIST)).json() == []


async def test_ids_lead_to_the_contracts_own(client: httpx.AsyncClient) -> None:
    (first,) = (await client.get(LIST, params={"limit": 1})).json()
    assert ids.decode(first["id"])[0] == "Recommendation"
    assert ids.decode(first["campaignId"])[0] == "Campaign"
