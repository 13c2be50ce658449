"""The customer page: timeline, recipients, stakeholders, cursor, in few statements."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from schema import ids
from server.graphql import Schema
from store.database import Connection, Database
from tests.conftest import EMPTY
from tests.schema.conftest import Run, both_executions
from tests.seeding import INTEGRATION, MANAGER, NOW, Seed, context, csm_viewer

PAGE = """
query ($id: ID!, $after: String) { customer(id: $id) {
  name externalId segment renewsOn domains csm { name email } feedCursor
  stakeholders { nodes { name addresses suppressed } totalCount }
  events(first: 3, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
    kind occurredAt actor machineReasons url
    recipient { address campaign { name }
      matches { customer { name } stakeholder { name } method } }
    campaign { name }
  } }
  recipients { totalCount nodes { address engaged campaign { name } matches { confidence }
    clicks { human links { url human topics { name } } } events { nodes { kind } } } }
} }
"""


class Counting(Database):
    """A database that counts the statements that reads send."""

    statements: list[str]

    def __init__(self, database: Database) -> None:
        self.__dict__.update(database.__dict__)
        self.statements = []

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        async with super().snapshot() as connection:

            def note(record: Any) -> None:
                self.statements.append(record.query)

            connection.add_query_logger(note)
            try:
                yield connection
            finally:
                connection.remove_query_logger(note)


async def plant(database: Database, stakeholders: int, campaigns: int) -> tuple[int, int]:
    """A CSM and their customer, every stakeholder sent every campaign, opening and clicking it."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        csm = await seed.csm("Ann")
        acme = await seed.customer("Acme", csm, segment="enterprise", renews_on=date(2027, 3, 31))
        await seed.domain(acme, "acme.example")
        sent = [await seed.campaign(f"Issue {n}", topics=["news"]) for n in range(campaigns)]
        for who in range(stakeholders):
            address = f"p{who}@acme.example"
            person = await seed.stakeholder(acme, address)
            address_id = await seed.matched(address, acme, person)
            for n, campaign in enumerate(sent):
                at = NOW - timedelta(hours=10 * n + who)
                link = {
                    "url": "https://x.example/a",
                    "human": 1,
                    "machine": 0,
                    "first_at": at.isoformat(),
                    "last_at": at.isoformat(),
                }
                recipient = await seed.recipient(
                    campaign, address_id, engaged=True, clicks_human=1, links=[link]
                )
                await seed.event(recipient, "OPENED", at - timedelta(minutes=1))
                await seed.event(recipient, "CLICKED", at, url="https://x.example/a")
    return csm, acme


async def test_the_customer_page_shows_who_did_what(run: Run, database: Database) -> None:
    csm, acme = await plant(database, stakeholders=2, campaigns=2)

    data = await run(csm_viewer(csm), PAGE, id=ids.encode("Customer", acme))

    customer = data["customer"]
    assert customer["name"] == "Acme"
    assert customer["externalId"] == "acme"
    assert customer["renewsOn"] == "2027-03-31T00:00:00Z"
    assert customer["domains"] == ["acme.example"]
    assert customer["csm"] == {"name": "Ann", "email": "ann@us.example"}
    assert customer["stakeholders"] == {
        "nodes": [
            {"name": "p0", "addresses": ["p0@acme.example"], "suppressed": False},
            {"name": "p1", "addresses": ["p1@acme.example"], "suppressed": False},
        ],
        "totalCount": 2,
    }
    assert customer["events"]["totalCount"] == 8
    assert customer["events"]["nodes"][0] == {
        "kind": "CLICKED",
        "occurredAt": "2026-11-22T12:00:00Z",
        "actor": "HUMAN",
        "machineReasons": [],
        "url": "https://x.example/a",
        "recipient": {
            "address": "p0@acme.example",
            "campaign": {"name": "Issue 0"},
            "matches": [
                {"customer": {"name": "Acme"}, "stakeholder": {"name": "p0"}, "method": "EXACT"}
            ],
        },
        "campaign": {"name": "Issue 0"},
    }
    assert customer["recipients"]["totalCount"] == 4
    assert customer["recipients"]["nodes"][0] == {
        "address": "p1@acme.example",
        "engaged": True,
        "campaign": {"name": "Issue 1"},
        "matches": [{"confidence": 1.0}],
        "clicks": {
            "human": 1,
            "links": [{"url": "https://x.example/a", "human": 1, "topics": []}],
        },
        "events": {"nodes": [{"kind": "CLICKED"}, {"kind": "OPENED"}]},
    }


async def test_the_timeline_pages_through_every_event_once_and_newest_first(
    run: Run, database: Database
) -> None:
    csm, acme = await plant(database, stakeholders=3, campaigns=4)
    seen: list[str] = []
    after, more = None, True

    while more:
        data = await run(csm_viewer(csm), PAGE, id=ids.encode("Customer", acme), after=after)
        page = data["customer"]["events"]
        seen += [event["occurredAt"] for event in page["nodes"]]
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]

    assert len(seen) == 24
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    ("chosen", "kinds"),
    [
        ({"kinds": ["OPENED"]}, ["OPENED", "OPENED"]),
        ({"kinds": []}, []),
        ({"actor": "MACHINE"}, []),
        ({"since": "2026-11-22T12:00:00Z"}, ["CLICKED"]),
        ({"until": "2026-11-22T02:00:00Z"}, ["OPENED"]),
        ({"since": "2026-11-22T02:00:00+00:00", "until": "2026-11-22T12:00:00Z"},
         ["OPENED", "CLICKED"]),
    ],
)  # fmt: skip
async def test_a_filter_narrows_the_timeline(
    run: Run, database: Database, chosen: dict[str, Any], kinds: list[str]
) -> None:
    csm, acme = await plant(database, stakeholders=1, campaigns=2)
    document = (
        "query ($id: ID!, $f: EventFilter) "
        "{ customer(id: $id) { events(filter: $f) { totalCount nodes { kind } } } }"
    )

    data = await run(csm_viewer(csm), document, id=ids.encode("Customer", acme), f=chosen)

    assert data["customer"]["events"] == {
        "totalCount": len(kinds),
        "nodes": [{"kind": kind} for kind in kinds],
    }


async def test_events_not_yet_projected_are_left_to_the_feed(run: Run, database: Database) -> None:
    csm, acme = await plant(database, stakeholders=1, campaigns=1)
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO projection_queue (recipient_id, fact_on, key) "
            "SELECT recipient_id, fact_on, key FROM event WHERE kind = 'CLICKED'"
        )
    document = "query ($id: ID!) { customer(id: $id) { events { totalCount nodes { kind } } } }"

    data = await run(csm_viewer(csm), document, id=ids.encode("Customer", acme))

    assert data["customer"]["events"] == {"totalCount": 1, "nodes": [{"kind": "OPENED"}]}


async def test_the_customer_page_takes_as_many_statements_for_many_rows_as_for_few(
    schema: Schema, database: Database
) -> None:
    counts = []
    for stakeholders, campaigns in ((8, 6), (12, 9)):
        async with database.connection() as connection:
            await connection.execute(EMPTY)
        csm, acme = await plant(database, stakeholders, campaigns)
        counting = Counting(database)
        operation = context(counting, csm_viewer(csm))
        result = await schema.execute(
            PAGE, {"id": ids.encode("Customer", acme)}, context_value=operation
        )
        await operation.close()
        assert result.errors is None
        counts.append([s for s in counting.statements if s.lstrip().startswith("SELECT")])

    assert len(counts[0]) == len(counts[1])
    assert len(counts[1]) <= 16


async def test_what_is_no_id_finds_nothing(run: Run) -> None:
    for wrong in (
        "",
        "x",
        "Q3VzdG9tZXI6MQ==x",
        ids.encode("Campaign", 1),
        ids.encode("Customer", 9),
    ):
        data = await run(MANAGER, "query ($id: ID!) { customer(id: $id) { name } }", id=wrong)

        assert data == {"customer": None}


@both_executions
async def test_a_customer_is_found_by_its_external_id_only_within_scope(
    run: Run, database: Database
) -> None:
    csm, _ = await plant(database, 1, 1)
    document = "query ($id: String!) { customer(externalId: $id) { name } }"

    assert (await run(csm_viewer(csm), document, id="acme")) == {"customer": {"name": "Acme"}}
    assert (await run(csm_viewer(csm + 1), document, id="acme")) == {"customer": None}
    assert (await run(INTEGRATION, document, id="acme")) == {"customer": None}


async def test_customers_are_listed_searched_and_counted_within_scope(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        ann, bob = await seed.csm("Ann"), await seed.csm("Bob")
        acme = await seed.customer("Acme", ann, renews_on=date(2027, 1, 1))
        await seed.domain(acme, "under_score.example")
        await seed.customer("Zeta", ann, segment="smb")
        await seed.customer("Beta", bob)
    document = (
        "query ($f: CustomerFilter, $o: CustomerOrder, $n: Int, $a: String) { customers("
        "filter: $f, orderBy: $o, first: $n, after: $a) { totalCount nodes { name } "
        "pageInfo { hasNextPage hasPreviousPage endCursor } } }"
    )

    async def names(viewer: Any, **variables: Any) -> list[str]:
        data = await run(viewer, document, **variables)
        found = [node["name"] for node in data["customers"]["nodes"]]
        assert data["customers"]["totalCount"] == len(found)
        return found

    assert await names(MANAGER) == ["Acme", "Beta", "Zeta"]
    assert await names(csm_viewer(ann)) == ["Acme", "Zeta"]
    assert await names(csm_viewer(ann), o="NAME_DESC") == ["Zeta", "Acme"]
    assert await names(csm_viewer(ann), o="RENEWS_ON") == ["Acme", "Zeta"]
    assert await names(MANAGER, f={"search": "ZET"}) == ["Zeta"]
    assert await names(MANAGER, f={"search": "r_s"}) == ["Acme"]
    assert await names(MANAGER, f={"search": "%"}) == []
    assert await names(MANAGER, f={"segment": "smb"}) == ["Zeta"]
    assert await names(csm_viewer(bob), f={"csmId": ids.encode("Csm", ann)}) == []
    assert await names(INTEGRATION) == []

    first = await run(MANAGER, document, n=2)
    page = first["customers"]["pageInfo"]
    assert (page["hasNextPage"], page["hasPreviousPage"]) == (True, False)
    rest = await run(MANAGER, document, n=2, a=page["endCursor"])
    assert [node["name"] for node in rest["customers"]["nodes"]] == ["Zeta"]
    assert rest["customers"]["pageInfo"]["hasPreviousPage"] is True


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 101", "INVALID_FIRST"),
        ("first: -1", "INVALID_FIRST"),
        ('after: "x"', "INVALID_CURSOR"),
        ('after: "WyJOQU1FIiwxLDJd"', "INVALID_CURSOR"),
        ('filter: {csmId: "x"}', "INVALID_ID"),
    ],
)
async def test_a_bad_argument_is_refused_with_a_code(run: Run, arguments: str, code: str) -> None:
    answer = await run(MANAGER, f"{{ customers({arguments}) {{ nodes {{ name }} }} }}")

    assert answer["errors"][0].original_error.code == code


CALLED = """query ($search: String!, $first: Int!, $after: String) {
  stakeholders(search: $search, first: $first, after: $after) {
    totalCount nodes { name } pageInfo { endCursor hasNextPage } } }"""


async def test_stakeholders_are_found_by_name_title_and_address_within_scope(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        ann, bob = await seed.csm("Ann"), await seed.csm("Bob")
        acme, core = await seed.customer("Acme", ann), await seed.customer("Core", bob)
        await seed.stakeholder(acme, "x@acme.example", name="Ada Byron", title="100% Engineer")
        await seed.stakeholder(acme, "y@acme.example", "ada@home.example", name="Zoe")
        await seed.stakeholder(core, "ada@core.example", name="Ada Core")

    async def found(search: str, first: int = 20, after: str | None = None) -> Any:
        variables = {"search": search, "first": first, "after": after}
        return (await run(csm_viewer(ann), CALLED, **variables))["stakeholders"]

    everybody = await found(" aDa ")
    assert everybody["totalCount"] == 2
    assert [node["name"] for node in everybody["nodes"]] == ["Ada Byron", "Zoe"]
    first = await found("ada", 1)
    assert first["pageInfo"]["hasNextPage"] is True
    rest = await found("ada", 1, first["pageInfo"]["endCursor"])
    assert [node["name"] for node in rest["nodes"]] == ["Zoe"]
    assert [node["name"] for node in (await found("0% e"))["nodes"]] == ["Ada Byron"]
    assert (await found("core"))["nodes"] == []
    everywhere = await run(MANAGER, CALLED, search="ada", first=20)
    assert everywhere["stakeholders"]["totalCount"] == 3
    nobody = await run(INTEGRATION, CALLED, search="ada", first=20)
    assert nobody["stakeholders"]["totalCount"] == 0
    refused = await run(MANAGER, CALLED, search=" ", first=20)
    assert refused["errors"][0].original_error.code == "INVALID_TEXT"
