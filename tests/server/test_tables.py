"""The doors of analysis: JSON of a campaign, and tables as CSV; scoped, exact and safe to open."""

import csv
import io
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from domain.viewer import Role
from schema import ids
from server import analysis, exports, tables
from server.access import Access
from server.csv_rows import cell, lines
from store.database import Database
from tests.schema.portfolios import CANARY
from tests.schema.test_analysis import plant
from tests.schema.test_canaries import plant_both
from tests.seeding import Seed, services
from tests.server.test_rest import bearer
from tests.store.counts import count


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[*analysis.routes, *tables.routes])
    app.state.services = services(database)
    app.state.access = Access(database)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield client


async def read(
    client: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> list[dict[str, str]]:
    answer = await client.get(path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        (-1, "-1"),
        (0.5, "0.5"),
        (None, ""),
        (True, "true"),
    ],
)
def test_text_that_a_spreadsheet_would_run_is_marked_as_text(value: object, text: str) -> None:
    assert cell(value) == text


def test_fields_are_quoted_as_rfc_4180_says() -> None:
    assert lines([("a,b", 'say "hi"', "two\r\nlines", 1)]) == (
        b'"a,b","say ""hi""","two\r\nlines",1\r\n'
    )


async def test_the_analysis_of_a_campaign_is_told_by_either_of_its_ids(
    client: httpx.AsyncClient, database: Database
) -> None:
    planted = await plant(database)
    headers = await bearer(database, Role.MANAGER)

    by_node = await client.get(f"/api/campaigns/{planted.id}/analysis", headers=headers)
    by_name = await client.get("/api/campaigns/spring/analysis", headers=headers)

    found = by_node.json()
    assert by_name.json() == found
    assert found | {"openRate": None} == found | {
        "openRate": None,
        "id": planted.id,
        "campaignId": "spring",
        "campaignName": "Spring",
        "campaignType": "MARKETING",
        "sentAt": "2026-11-21T12:00:00Z",
        "recipients": 16,
        "delivered": 13,
        "opened": 7,
        "machineOpened": 1,
        "clicked": 2,
        "openCount": 11,
    }
    assert (found["openRate"]["numerator"], found["openRate"]["denominator"]) == (7, 13)
    assert [row["csm"]["name"] for row in found["byCsm"]] == ["Ann", "Bob", "Cem"]
    assert [row["segment"] for row in found["bySegment"]] == [None, "large", "small"]
    assert found["average"]["openRate"] == 7 / 12
    assert found["byHourOfWeek"][0] == {"weekday": 6, "hour": 7, "opened": 3, "clicked": 0}
    assert found["timeToOpen"]["basedOn"] == 7


async def test_a_csm_is_told_of_their_own_customers(
    client: httpx.AsyncClient, database: Database
) -> None:
    await plant(database)
    headers = await bearer(database, Role.CSM, "bob@us.example")

    found = (await client.get("/api/campaigns/spring/analysis", headers=headers)).json()
    rows = await read(client, "/api/campaigns/spring/recipients.csv", headers)

    assert found["recipients"] == 5
    assert [row["csm"]["name"] for row in found["byCsm"]] == ["Bob"]
    assert {row["customers"] for row in rows} == {"Beta"}
    assert len(rows) == 5


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/campaigns/nothing/analysis", 404, "NOT_FOUND"),
        ("/api/campaigns/%00/analysis", 404, "NOT_FOUND"),
        ("/api/campaigns/nothing/recipients.csv", 404, "NOT_FOUND"),
        ("/api/campaigns/spring/recipients.csv?opened=maybe", 400, "INVALID_ARGUMENT"),
        ("/api/campaigns/spring/recipients.csv?colour=red", 400, "INVALID_ARGUMENT"),
        ("/api/performance/weather.csv", 404, "NOT_FOUND"),
    ],
)
async def test_what_is_not_there_is_told_before_a_table_begins(
    client: httpx.AsyncClient, database: Database, path: str, status: int, code: str
) -> None:
    await plant(database)
    answer = await client.get(path, headers=await bearer(database, Role.MANAGER))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_without_a_token_or_the_right_role_nothing_is_told(
    client: httpx.AsyncClient, database: Database
) -> None:
    await plant(database)
    feeder = await bearer(database, Role.INTEGRATION)
    for path in ("/api/campaigns.csv", "/api/customers.csv", "/api/performance/types.csv"):
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=feeder)).status_code == 403
    answer = await client.get("/api/campaigns/spring/recipients.csv", headers=feeder)
    assert answer.status_code == 404


async def test_two_platforms_with_one_campaign_id_are_told_apart(
    client: httpx.AsyncClient, database: Database
) -> None:
    await plant(database)
    async with database.connection() as connection:
        await Seed(connection).campaign("Spring", provider="mailgun")
    answer = await client.get(
        "/api/campaigns/spring/analysis", headers=await bearer(database, Role.MANAGER)
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "AMBIGUOUS_ID")


async def test_a_table_is_streamed_page_after_page(
    client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(database)
    monkeypatch.setattr(exports, "PAGE", 3)
    headers = await bearer(database, Role.MANAGER)

    rows = await read(client, "/api/campaigns/spring/recipients.csv", headers)
    opened = await read(client, "/api/campaigns/spring/recipients.csv?opened=true", headers)

    assert len(rows) == 16
    assert len({row["address"] for row in rows}) == 16
    assert [row["address"] for row in opened] == [
        "o0@acme.example",
        "o1@acme.example",
        "o2@acme.example",
        "o3@acme.example",
        "c@acme.example",
        "both@partner.example",
        "who@free.example",
    ]
    assert opened[4]["clicks"] == "3"
    assert opened[5]["customers"] in ("Acme; Beta", "Beta; Acme")


async def test_every_table_has_its_figures(client: httpx.AsyncClient, database: Database) -> None:
    planted = await plant(database)
    async with database.connection() as connection:
        await connection.execute("UPDATE customer SET name = '=1+1' WHERE name = 'Gamma'")
    await count(database)
    headers = await bearer(database, Role.MANAGER)

    campaigns = await read(client, "/api/campaigns.csv", headers)
    customers = await read(client, "/api/customers.csv", headers)
    links = await read(client, "/api/campaigns/spring/links.csv", headers)
    segments = await read(client, "/api/campaigns/spring/segments.csv", headers)
    portfolios = await read(client, "/api/performance/portfolios.csv", headers)
    times = await read(client, "/api/performance/send-times.csv", headers)

    assert [(row["id"], row["recipients"], row["openRate"]) for row in campaigns] == [
        (planted.id, "16", repr(7 / 13))
    ]
    assert [(row["name"], row["csm"]) for row in customers] == [
        ("'=1+1", "cem@us.example"),
        ("Acme", "ann@us.example"),
        ("Beta", "bob@us.example"),
    ]
    assert [(row["url"], row["clickersHuman"]) for row in links] == [
        ("https://us.example/1", "2"),
        ("https://us.example/2", "1"),
    ]
    assert [row["segment"] for row in segments] == ["", "large", "small"]
    assert [(row["csm"], row["openersHuman"]) for row in portfolios] == [
        ("ann@us.example", "6"),
        ("bob@us.example", "1"),
        ("cem@us.example", "0"),
    ]
    assert [(row["weekday"], row["hour"], row["campaigns"]) for row in times] == [("6", "12", "1")]
    assert customers[0]["id"] == ids.encode("Customer", planted.customers["gamma"])


async def test_no_door_of_figures_tells_of_another_portfolio(
    client: httpx.AsyncClient, database: Database
) -> None:
    ann, bob = await plant_both(database)
    async with database.connection() as connection:
        await connection.execute("INSERT INTO counting_queue SELECT id FROM recipient")
    await count(database)
    campaigns = {ann.node_ids["Campaign"], bob.node_ids["Campaign"]}
    paths = [
        *(
            f"/api/campaigns/{campaign}/{table}"
            for campaign in campaigns
            for table in ("analysis", "recipients.csv", "links.csv", "segments.csv")
        ),
        "/api/campaigns.csv",
        "/api/customers.csv",
        *(
            f"/api/performance/{by}.csv"
            for by in ("segments", "types", "topics", "send-times", "portfolios")
        ),
        "/api/outcomes/cases.csv",
    ]
    to_bob = await bearer(database, Role.CSM, "bob-csm@us.example")
    to_all = await bearer(database, Role.MANAGER)

    told = {path: (await client.get(path, headers=to_bob)).text for path in paths}
    everything = {path: (await client.get(path, headers=to_all)).text for path in paths}

    assert [path for path, text in told.items() if CANARY in text] == []
    assert sum(CANARY in text for text in everything.values()) >= 8
