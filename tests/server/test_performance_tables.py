"""Performance and outcomes as CSV: narrowed as the page that shows them is."""

import csv
import io
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from domain.intervals import wilson
from domain.viewer import Role
from schema import ids
from server import tables
from server.access import Access
from store.database import Database
from tests.schema.test_analysis import plant
from tests.schema.test_outcomes import DAY
from tests.schema.test_outcomes import Portfolio as Advice
from tests.seeding import NOW, Seed, services
from tests.server.test_rest import bearer
from tests.store.counts import count


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=tables.routes)
    app.state.services = services(database)
    app.state.access = Access(database)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield client


async def read(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], **parameters: str
) -> list[dict[str, str]]:
    answer = await client.get(path, headers=headers, params=parameters)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize(
    ("parameters", "campaigns"),
    [
        ({}, ["1"]),
        ({"type": "MARKETING"}, ["1"]),
        ({"type": "NEWSLETTER"}, []),
        ({"search": "sPr"}, ["1"]),
        ({"search": "autumn"}, []),
        ({"sentSince": "2026-11-21T13:00:00+01:00"}, ["1"]),
        ({"sentSince": "2026-11-21T12:00:01Z"}, []),
        ({"sentUntil": "2026-11-21T12:00:00Z"}, []),
        ({"provider": "postal"}, []),
    ],
)
async def test_tables_of_performance_are_narrowed_as_the_contract_narrows(
    client: httpx.AsyncClient,
    database: Database,
    parameters: dict[str, str],
    campaigns: list[str],
) -> None:
    await plant(database)
    headers = await bearer(database, Role.MANAGER)
    for by in ("types", "portfolios"):
        rows = await read(client, f"/api/performance/{by}.csv", headers, **parameters)
        assert [*dict.fromkeys(row["campaigns"] for row in rows)] == campaigns


async def test_hours_of_sending_are_by_the_clock_that_is_named(
    client: httpx.AsyncClient, database: Database
) -> None:
    await plant(database)
    headers = await bearer(database, Role.MANAGER)
    rows = await read(client, "/api/performance/send-times.csv", headers, timezone="Asia/Tokyo")
    assert [(row["weekday"], row["hour"]) for row in rows] == [("6", "21")]


async def test_a_rate_has_its_interval_and_what_is_not_known_is_empty(
    client: httpx.AsyncClient, database: Database
) -> None:
    await plant(database)
    headers = await bearer(database, Role.MANAGER)

    rows = await read(client, "/api/performance/segments.csv", headers)

    large = next(row for row in rows if row["segment"] == "large")
    interval = wilson(6, 7)
    assert interval is not None
    assert (large["openRateLow"], large["openRateHigh"]) == tuple(map(repr, interval))
    assert (large["openRateAdjusted"], large["openRateUsual"]) == ("", "")
    assert large["openRateStanding"] == "UNKNOWN"


async def test_portfolios_are_compared_as_the_contract_compares_them(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        campaign = await seed.campaign("Spring")
        made: list[int] = []
        for name, openers in (("Ann", 24), ("Bob", 3), ("Cem", 4)):
            customer = await seed.customer(name, await seed.csm(name))
            for number in range(30):
                address = await seed.address(f"p{number}@{name}.example", None)
                await seed.match(address, customer)
                did = {"status": "DELIVERED", "delivered_at": NOW, "engaged": number < openers}
                if number < openers:
                    did |= {"opens_human": 1, "first_open_at": NOW}
                made.append(await seed.recipient(campaign, address, **did))
        await connection.execute("INSERT INTO counting_queue SELECT unnest($1::bigint[])", made)
    await count(database)
    rows = await read(
        client, "/api/performance/portfolios.csv", await bearer(database, Role.MANAGER)
    )

    found = {row["csm"]: row for row in rows}
    assert {csm: row["openRateStanding"] for csm, row in found.items()} == {
        "ann@us.example": "ABOVE",
        "bob@us.example": "BELOW",
        "cem@us.example": "BELOW",
    }
    assert 0.1 < float(found["bob@us.example"]["openRateAdjusted"]) < 0.2
    own = await read(
        client,
        "/api/performance/portfolios.csv",
        await bearer(database, Role.CSM, "ann@us.example"),
    )
    assert own == [found["ann@us.example"]]


async def test_cases_are_those_behind_the_figures(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        advice = Advice(Seed(connection))
        met = await advice.recommend(outcome="MEETING", replied=2)
        await advice.recommend(outcome="NOT_NEEDED", days=50)
        await advice.recommend(is_held_out=True)
        await advice.recommend(outcome="MEETING", days=91)
    headers = await bearer(database, Role.MANAGER)

    engagers = await read(client, "/api/outcomes/cases.csv", headers)
    contacted = await read(client, "/api/outcomes/cases.csv", headers, success="true")
    held_out = await read(client, "/api/outcomes/cases.csv", headers, group="HELD_OUT")
    treated = await read(
        client,
        "/api/outcomes/cases.csv",
        headers,
        group="TREATED",
        since=(NOW - 45 * DAY).isoformat(),
    )

    assert [(row["customer"], row["outcome"]) for row in engagers] == [
        ("C1", "MEETING"),
        ("C3", "NOT_NEEDED"),
    ]
    assert [row["customerId"] for row in contacted] == [ids.encode("Customer", met)]
    assert [(row["heldOut"], row["success"]) for row in held_out] == [("true", "false")]
    assert [row["customer"] for row in treated] == ["C1"]
    assert treated[0]["replyId"] != ""


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/performance/types.csv?type=LETTER", 400, "INVALID_ARGUMENT"),
        ("/api/performance/types.csv?sentSince=monday", 400, "INVALID_TIME"),
        ("/api/performance/types.csv?sentSince=2026-11-22", 400, "INVALID_TIME"),
        ("/api/performance/send-times.csv?timezone=Mars", 400, "INVALID_TIMEZONE"),
        ("/api/performance/types.csv?search=%00", 400, "INVALID_ARGUMENT"),
        (f"/api/performance/types.csv?search={'x' * 201}", 400, "INVALID_TEXT"),
        ("/api/performance/types.csv?colour=red", 400, "INVALID_ARGUMENT"),
        ("/api/outcomes/cases.csv?group=ALL", 400, "INVALID_ARGUMENT"),
        ("/api/outcomes/cases.csv?since=2030-01-01T00:00:00Z", 400, "INVALID_TIME"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_name(
    client: httpx.AsyncClient, database: Database, path: str, status: int, code: str
) -> None:
    answer = await client.get(path, headers=await bearer(database, Role.MANAGER))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_outcomes_are_refused_to_a_csm(client: httpx.AsyncClient, database: Database) -> None:
    async with database.transaction() as connection:
        await Seed(connection).csm("Ann")
    headers = await bearer(database, Role.CSM, "ann@us.example")
    assert (await client.get("/api/outcomes/cases.csv", headers=headers)).status_code == 403
