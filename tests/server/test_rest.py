"""The REST doors: exact bodies, and nothing half-stored on refusal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from domain.viewer import Role
from schema import ids
from server import rest
from server.access import Access
from store.access import create_api_key
from store.database import Conflict, Connection, Database
from tests.conftest import EMPTY
from tests.schema.test_customers import Counting
from tests.seeding import NOW, Seed, services

RECORD = "/api/campaigns/engagement"


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=rest.routes)
    app.state.services = services(database)
    app.state.access = Access(database)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield client


async def bearer(database: Database, role: Role, csm_email: str | None = None) -> dict[str, str]:
    token = await create_api_key(database, role=role, name="x", csm_email=csm_email)
    return {"Authorization": f"Bearer {token}"}


async def stored(database: Database) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM event"))


def event(**fields: Any) -> dict[str, Any]:
    return {
        "provider": "acmemail",
        "campaign": {"externalId": "spring"},
        "address": "a@acme.example",
        "kind": "DELIVERED",
        "occurredAt": "2026-11-20T10:00:00Z",
    } | fields


async def test_events_are_recorded_each_with_its_outcome(
    client: httpx.AsyncClient, database: Database
) -> None:
    headers = await bearer(database, Role.INTEGRATION)
    body = {"events": [event(), event(kind="OPEN"), event(), 7, event(campaign=7)]}

    answer = await client.post(RECORD, json=body, headers=headers)

    assert answer.status_code == 200
    found = answer.json()
    counts = {k: found[k] for k in ("recorded", "duplicates", "unmatched", "rejected")}
    assert counts == {"recorded": 0, "duplicates": 1, "unmatched": 1, "rejected": 3}
    assert [result["outcome"] for result in found["results"]] == [
        "UNMATCHED",
        "REJECTED",
        "DUPLICATE",
        "REJECTED",
        "REJECTED",
    ]
    assert found["results"][0]["eventId"] == found["results"][2]["eventId"]
    assert [r["error"] and r["error"]["field"] for r in found["results"]] == [
        None,
        ["events", "1", "kind"],
        None,
        ["events", "3"],
        ["events", "4", "campaign"],
    ]
    assert await stored(database) == 1


async def test_a_state_told_twice_is_recorded_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    headers = await bearer(database, Role.ADMIN)
    body = {
        "id": "1",
        "campaignId": "spring",
        "campaignName": "Spring",
        "campaignType": "newsletter",
        "sentAt": "2026-11-20T08:00:00Z",
        "customerEngagements": [
            {
                "customerId": "acme",
                "stakeholderId": None,
                "email": "a@acme.example",
                "engagement": {
                    "delivered": True,
                    "opened": True,
                    "openedAt": "2026-11-20T09:00:00Z",
                    "openCount": 2,
                    "clicked": True,
                    "clickedLinks": ["https://x.example/a"],
                    "replied": False,
                    "unsubscribed": False,
                    "bounced": False,
                },
                "followUp": {"recommended": False, "reason": None, "completed": False},
            }
        ],
    }

    first = (await client.post(RECORD, json=body, headers=headers)).json()
    second = (await client.post(RECORD, json=body, headers=headers)).json()

    assert (first["unmatched"], first["duplicates"]) == (4, 0)
    assert (second["unmatched"], second["duplicates"]) == (0, 4)
    assert await stored(database) == 4


@pytest.mark.parametrize(
    ("content", "status", "code", "field"),
    [
        (b"", 400, "INVALID_JSON", None),
        (b"{", 400, "INVALID_JSON", None),
        (b"\xff", 400, "INVALID_JSON", None),
        (b"[" * 100_000, 400, "INVALID_JSON", None),
        (b"[" * 1_020 + b"]" * 1_020, 400, "INVALID_TYPE", None),
        (
            b'{"campaignId": ' + b"[" * 1_020 + b"]" * 1_020 + b"}",
            400,
            "INVALID_TYPE",
            ["campaignId"],
        ),
        (b"null", 400, "INVALID_TYPE", None),
        (b"[]", 400, "INVALID_TYPE", None),
        (b"7", 400, "INVALID_TYPE", None),
        (b"{}", 400, "MISSING", ["campaignId"]),
        (b'{"events": 7}', 400, "INVALID_TYPE", ["events"]),
        (b'{"events": [{}]}', 400, "MISSING", ["events", "0", "kind"]),
        (b'{"events": [' + b"{}," * 1000 + b"{}]}", 400, "TOO_MANY_EVENTS", ["events"]),
        (b" " * (rest.MAX_BODY_BYTES + 1), 413, "TOO_LARGE", None),
    ],
)
async def test_a_bad_body_is_refused_and_nothing_stored(
    client: httpx.AsyncClient,
    database: Database,
    content: bytes,
    status: int,
    code: str,
    field: list[str] | None,
) -> None:
    headers = await bearer(database, Role.INTEGRATION)

    answer = await client.post(RECORD, content=content, headers=headers)

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["field"] == field
    assert await stored(database) == 0


async def test_text_that_cannot_be_stored_costs_only_its_event(
    client: httpx.AsyncClient, database: Database
) -> None:
    headers = await bearer(database, Role.INTEGRATION)

    answer = await client.post(
        RECORD, json={"events": [event(detail="a\0b"), event()]}, headers=headers
    )

    assert [r["outcome"] for r in answer.json()["results"]] == ["REJECTED", "UNMATCHED"]


async def test_who_is_not_known_or_may_not_is_refused(
    client: httpx.AsyncClient, database: Database
) -> None:
    anonymous = await client.post(RECORD, json={"events": []})
    reader = await client.post(
        RECORD, json={"events": [event()]}, headers=await bearer(database, Role.MANAGER)
    )

    assert anonymous.status_code == 401
    assert anonymous.headers["www-authenticate"] == "Bearer"
    assert anonymous.json() == {
        "error": {
            "code": "UNAUTHENTICATED",
            "message": "there is no token: send Authorization: Bearer with an API key or a JWT",
            "field": None,
        }
    }
    assert (reader.status_code, reader.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert await stored(database) == 0


async def plant(database: Database) -> int:
    """Ann's customer Acme: one person opened and clicked Spring, another's mail bounced."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        ann = await seed.csm("Ann")
        await seed.csm("Bob")
        acme = await seed.customer("Acme", ann, external_id="A-1")
        person = await seed.stakeholder(acme, "a@acme.example", external_id="P-1")
        spring = await seed.campaign("Spring", type="NEWSLETTER")
        tagged = await seed.campaign("Tagged", detection="TAG", external_id="tag:x:020000")
        known = await seed.matched("a@acme.example", acme, person)
        other = await seed.address("b@acme.example", None)
        await seed.match(other, acme, method="DOMAIN", confidence=0.8)
        clicked = {"first_at": NOW.isoformat(), "last_at": NOW.isoformat()}
        await seed.recipient(
            spring,
            known,
            status="DELIVERED",
            opens_human=2,
            first_open_at=NOW - timedelta(hours=1),
            clicks_human=1,
            links=[
                {"url": "https://x.example/a", "human": 1, "machine": 0, **clicked},
                {"url": "https://x.example/b", "human": 0, "machine": 2, **clicked},
            ],
        )
        await seed.recipient(spring, other, status="HARD_BOUNCED")
        await seed.recipient(tagged, known)
    return acme


def nothing(**did: Any) -> dict[str, Any]:
    return {
        "delivered": False,
        "opened": False,
        "openedAt": None,
        "openCount": 0,
        "clicked": False,
        "clickedLinks": [],
        "replied": False,
        "unsubscribed": False,
        "bounced": False,
    } | did


async def test_a_customers_campaigns_are_told_in_the_agreed_json(
    client: httpx.AsyncClient, database: Database
) -> None:
    await plant(database)
    headers = await bearer(database, Role.CSM, "ann@us.example")

    answer = await client.get("/api/campaigns/customer/A-1", headers=headers)

    assert answer.status_code == 200
    assert "link" not in answer.headers
    follow_up = {"recommended": False, "reason": None, "completed": False}
    tagged = ids.encode("Campaign", 2)
    assert answer.json() == [
        {
            "id": tagged,
            "campaignId": tagged,
            "campaignName": "Tagged",
            "campaignType": None,
            "sentAt": "2026-11-21T12:00:00Z",
            "customerEngagements": [
                {
                    "customerId": "A-1",
                    "stakeholderId": "P-1",
                    "email": "a@acme.example",
                    "engagement": nothing(),
                    "followUp": follow_up,
                }
            ],
        },
        {
            "id": ids.encode("Campaign", 1),
            "campaignId": "spring",
            "campaignName": "Spring",
            "campaignType": "NEWSLETTER",
            "sentAt": "2026-11-21T12:00:00Z",
            "customerEngagements": [
                {
                    "customerId": "A-1",
                    "stakeholderId": None,
                    "email": "b@acme.example",
                    "engagement": nothing(bounced=True),
                    "followUp": follow_up,
                },
                {
                    "customerId": "A-1",
                    "stakeholderId": "P-1",
                    "email": "a@acme.example",
                    "engagement": nothing(
                        delivered=True,
                        opened=True,
                        openedAt="2026-11-22T11:00:00Z",
                        openCount=2,
                        clicked=True,
                        clickedLinks=["https://x.example/a"],
                    ),
                    "followUp": follow_up,
                },
            ],
        },
    ]


async def test_pages_lead_to_each_other(client: httpx.AsyncClient, database: Database) -> None:
    acme = await plant(database)
    headers = await bearer(database, Role.MANAGER)
    url: str | None = f"/api/campaigns/customer/{ids.encode('Customer', acme)}?limit=1"
    found = []

    while url is not None:
        answer = await client.get(url, headers=headers)
        for campaign in answer.json():
            found += [
                (campaign["campaignName"], e["email"]) for e in campaign["customerEngagements"]
            ]
        url = answer.links["next"]["url"] if "next" in answer.links else None

    assert found == [
        ("Tagged", "a@acme.example"),
        ("Spring", "b@acme.example"),
        ("Spring", "a@acme.example"),
    ]


async def test_many_rows_take_as_many_statements_as_few(database: Database) -> None:
    counts = []
    for people in (2, 9):
        async with database.transaction() as connection:
            await connection.execute(EMPTY)
            seed = Seed(connection)
            acme = await seed.customer("Acme", external_id="A-1")
            for who in range(people):
                address = f"p{who}@acme.example"
                person = await seed.stakeholder(acme, address)
                known = await seed.matched(address, acme, person)
                await seed.recipient(await seed.campaign(f"Issue {who}"), known)
        headers = await bearer(database, Role.MANAGER)
        counting = Counting(database)
        app = Starlette(routes=rest.routes)
        app.state.services, app.state.access = services(counting), Access(database)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.get("/api/campaigns/customer/A-1", headers=headers)
        assert len(answer.json()) == people
        counts.append(len(counting.statements))

    assert counts[0] == counts[1]


async def test_what_may_not_be_seen_is_not_there(
    client: httpx.AsyncClient, database: Database
) -> None:
    acme = await plant(database)
    seen = []
    for role, email in ((Role.CSM, "bob@us.example"), (Role.INTEGRATION, None)):
        headers = await bearer(database, role, email)
        for customer in ("A-1", ids.encode("Customer", acme), "nobody", "a%00b"):
            answer = await client.get(f"/api/campaigns/customer/{customer}", headers=headers)
            seen.append((answer.status_code, answer.json()["error"]["code"]))

    assert seen == [(404, "NOT_FOUND")] * 8


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "INVALID_LIMIT"),
        ("limit=101", "INVALID_LIMIT"),
        ("limit=x", "INVALID_LIMIT"),
        ("limit=0000000010000", "INVALID_LIMIT"),
        ("limit=00000001" + "0" * 5_000, "INVALID_LIMIT"),
        ("after=x", "INVALID_CURSOR"),
    ],
)
async def test_a_bad_page_is_refused(
    client: httpx.AsyncClient, database: Database, query: str, code: str
) -> None:
    await plant(database)
    headers = await bearer(database, Role.MANAGER)

    answer = await client.get(f"/api/campaigns/customer/A-1?{query}", headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


async def test_without_a_database_clients_are_told_to_come_back() -> None:
    app = Starlette(routes=rest.routes)
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    app.state.services, app.state.access = services(away), Access(away)
    transport = httpx.ASGITransport(app)

    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(
            RECORD, json={"events": []}, headers={"Authorization": "Bearer ce_0123456789ab_x"}
        )

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"]["code"] == "DATABASE_UNAVAILABLE"


class Contended(Database):
    """A database in which others are always in the way of whoever writes."""

    def __init__(self, database: Database) -> None:
        self.__dict__.update(database.__dict__)

    @asynccontextmanager
    async def transaction(self, held: Connection | None = None) -> AsyncIterator[Connection]:
        async with super().transaction(held) as connection:
            yield connection
            raise Conflict("messages were moved by another transaction meanwhile")


async def test_who_meets_others_in_the_way_time_and_again_is_told_to_come_back(
    database: Database,
) -> None:
    headers = await bearer(database, Role.INTEGRATION)
    app = Starlette(routes=rest.routes)
    app.state.services, app.state.access = services(Contended(database)), Access(database)
    transport = httpx.ASGITransport(app)

    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(RECORD, json={"events": [event()]}, headers=headers)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert await stored(database) == 0
