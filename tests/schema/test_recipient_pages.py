"""A page of a campaign's recipients is read by one statement, and says what each says by itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schema import ids
from server.graphql import Schema
from store.database import Database
from tests.schema.conftest import Run
from tests.schema.test_customer_pages import Watched
from tests.seeding import MANAGER, NOW, Seed, context, csm_viewer

FIELDS = (
    "id", "address", "unmatchedReason", "repliedAt", "engaged", "__typename",
    "delivery { status bounce { hard } }", "opens { human firstAt }", "clicks { human lastAt }",
    "clicks { links { url human topics { name } } }", "campaign { name }",
    "suppressions { reason }",
    "matches { confidence }", "matches { method customer { name } }", "matches { __typename }",
    "matches { customer { id csm { name } domains } stakeholder { name } }",
    "matches { stakeholder { title addresses customer { name } } }", "events { totalCount }",
    "matches { customer { engagement { score { value } } stakeholders { nodes { name } } } }",
)  # fmt: skip
PAGE = (
    "query ($id: ID!, $first: Int, $after: String) {{ campaign(id: $id) {{ "
    "recipients(first: $first, after: $after) {{ totalCount nodes {{ key: id {fields} }} "
    "edges {{ node {{ {fields} }} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
)
ALONE = "query ($id: ID!) {{ node(id: $id) {{ ... on Recipient {{ {fields} }} }} }}"

DASHBOARD = Path(__file__).parents[2] / "dashboard/src/pages/campaign/campaign.graphql"


async def plant(database: Database) -> list[int]:
    """A campaign to people of Ann's customer, of Bob's, of both and of nobody's; the CSMs' ids."""
    links = [
        {"url": "https://us.example/a-b", "human": 1, "machine": 0}
        | dict.fromkeys(("first_at", "last_at"), NOW.isoformat())
    ]
    async with database.transaction() as connection:
        seed = Seed(connection)
        csms = [await seed.csm("Ann"), await seed.csm("Bob")]
        own, other = [await seed.customer(f"Customer {n}", csm) for n, csm in enumerate(csms)]
        campaign = await seed.campaign("News")
        for n in range(3):
            person = await seed.stakeholder(own, f"p{n}@a.example", title="Head")
            address = await seed.matched(f"p{n}@a.example", own, person)
            if n == 1:
                await seed.match(address, other, None, "DOMAIN", 0.8)
            await seed.recipient(
                campaign, address, opens_human=n, clicks_human=n, links=links if n else None
            )
        person = await seed.stakeholder(other, "q@b.example")
        await seed.recipient(campaign, await seed.matched("q@b.example", other, person))
        await seed.recipient(campaign, await seed.address("x@nowhere.example"))
        return csms


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(drawn=st.data())
async def test_a_page_says_of_each_what_it_says_by_itself(
    run: Run, database: Database, drawn: st.DataObject
) -> None:
    async with database.connection() as connection:
        csms = [row[0] for row in await connection.fetch("SELECT id FROM csm ORDER BY id")]
        if not csms:
            csms = await plant(database)
        campaign = ids.encode("Campaign", await connection.fetchval("SELECT id FROM campaign"))
    fields = " ".join(drawn.draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=8)))
    viewer, count = drawn.draw(
        st.sampled_from([(MANAGER, 5), (csm_viewer(csms[0]), 3), (csm_viewer(csms[1]), 2)])
    )
    first = drawn.draw(st.sampled_from([1, 2, 5]))
    after, told, more = None, list[dict[str, Any]](), True
    while more:
        asked = {"id": campaign, "first": first, "after": after}
        got = await run(viewer, PAGE.format(fields=fields), **asked)
        assert "errors" not in got, got
        page = got["campaign"]["recipients"]
        assert page["totalCount"] == count
        assert len(page["nodes"]) <= first
        told += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        own = [{key: node[key] for key in node if key != "key"} for node in page["nodes"]]
        assert [edge["node"] for edge in page["edges"]] == own

    assert len(told) == count
    for node in told:
        alone = await run(viewer, ALONE.format(fields=fields), id=node.pop("key"))
        assert node == alone["node"]


async def test_a_page_with_matches_their_customers_and_stakeholders_takes_one_statement(
    schema: Schema, database: Database
) -> None:
    _, bob = await plant(database)
    watched = Watched(database)
    operation = context(watched, csm_viewer(bob))
    fields = "address matches { confidence customer { name } stakeholder { name } }"
    document = PAGE.format(fields=fields)

    result = await schema.execute(
        document, {"id": ids.encode("Campaign", 1), "first": 5}, context_value=operation
    )
    await operation.close()

    assert result.errors is None
    assert result.data is not None
    assert result.data["campaign"]["recipients"]["totalCount"] == 2
    found = result.data["campaign"]["recipients"]["nodes"]
    of_bobs = {"customer": {"name": "Customer 1"}}
    assert [(node["address"], node["matches"]) for node in found] == [
        ("p1@a.example", [{"confidence": 0.8, **of_bobs, "stakeholder": None}]),
        ("q@b.example", [{"confidence": 1.0, **of_bobs, "stakeholder": {"name": "q"}}]),
    ]
    (sql,) = watched.sent
    assert sql.startswith("SELECT k.id, (SELECT count(*) FROM recipient r ")
    assert (
        ", r.id, r.address_id, a.address, m.address_id, m.customer_id, m.stakeholder_id, "
        "m.confidence, c.id, c.name, s.id, s.name FROM (VALUES " in sql
    )


async def test_the_dashboards_page_of_recipients_takes_one_statement(
    schema: Schema, database: Database
) -> None:
    await plant(database)
    watched = Watched(database)
    operation = context(watched, MANAGER)
    asked = {"id": ids.encode("Campaign", 1), "first": 50, "filter": None}

    result = await schema.execute(
        DASHBOARD.read_text(), asked, operation, operation_name="CampaignRecipients"
    )
    await operation.close()

    assert result.errors is None
    assert result.data is not None
    assert len(result.data["campaign"]["recipients"]["nodes"]) == 5
    assert len(watched.sent) == 1


async def test_pages_of_several_campaigns_take_one_statement(
    schema: Schema, database: Database
) -> None:
    ann, _ = await plant(database)
    async with database.transaction() as connection:
        seed = Seed(connection)
        second = await seed.campaign("Second", sent_at=NOW - timedelta(days=2))
        await seed.recipient(second, 1)
    watched = Watched(database)
    operation = context(watched, csm_viewer(ann))
    document = (
        "{ campaigns { nodes { name recipients(first: 1) { pageInfo { hasNextPage } "
        "nodes { address matches { stakeholder { name } } } } } } }"
    )

    result = await schema.execute(document, context_value=operation)
    await operation.close()

    page = {"nodes": [{"address": "p0@a.example", "matches": [{"stakeholder": {"name": "p0"}}]}]}
    assert result.data == {
        "campaigns": {
            "nodes": [
                {"name": "News", "recipients": {"pageInfo": {"hasNextPage": True}, **page}},
                {"name": "Second", "recipients": {"pageInfo": {"hasNextPage": False}, **page}},
            ]
        }
    }
    assert [sql.split()[0] for sql in watched.sent] == ["BEGIN", "SELECT", "SELECT", "COMMIT;"]


@pytest.mark.parametrize(
    ("given", "code"),
    [({"first": 101}, "INVALID_FIRST"), ({"after": "x"}, "INVALID_CURSOR")],
)
async def test_a_bad_page_is_refused_where_it_was_asked_for(
    run: Run, database: Database, given: dict[str, Any], code: str
) -> None:
    await plant(database)

    data = await run(MANAGER, PAGE.format(fields="address"), id=ids.encode("Campaign", 1), **given)

    (error,) = data["errors"]
    assert error.original_error.code == code
    assert error.path == ["campaign", "recipients"]


async def test_a_campaign_out_of_sight_and_one_without_recipients_are_told_apart(
    run: Run, database: Database
) -> None:
    _, bob = await plant(database)
    async with database.transaction() as connection:
        empty = ids.encode("Campaign", await Seed(connection).campaign("Empty"))
    document = PAGE.format(fields="address matches { confidence }")

    of_manager, of_bob = [await run(who, document, id=empty) for who in (MANAGER, csm_viewer(bob))]

    assert of_manager["campaign"]["recipients"] == {
        "totalCount": 0,
        "nodes": [],
        "edges": [],
        "pageInfo": {"hasNextPage": False, "endCursor": None},
    }
    assert of_bob == {"campaign": None}
