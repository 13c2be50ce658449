"""A page of recommendations is read by one statement, and says what each says by itself."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server.graphql import Schema
from store.database import Database
from tests.schema.conftest import Run
from tests.schema.test_customer_pages import Watched
from tests.seeding import INTEGRATION, MANAGER, NOW, Seed, context, csm_viewer

FIELDS = (
    "id", "kind", "status", "address", "reason", "priority", "priorityParts { name points }",
    "topics { name }", "talkingPoints", "isRisk", "dueAt", "expiresAt", "snoozedUntil", "startedAt",
    "closedAt", "outcome", "because: closedBecause", "createdAt", "changedAt", "__typename",
    "evidence { kind }", "workflow { name }", "bestTime { timezone basis }",
    "customer { id }", "customer { name domains renewsOn segment }", "customer { csm { id } }",
    "customer { csm { name email } timezone }", "customer { engagement { score { value } } }",
    "customer { stakeholders { nodes { name } } }",
    "stakeholder { name title }", "stakeholder { id addresses suppressed trackingConsent }",
    "stakeholder { customer { name } persona }", "stakeholder { timezone bestTime { basis } }",
    "campaign { id }", "campaign { name subject topics { name } externalId }",
    "campaign { detection { method } funnel { recipients } }",
)  # fmt: skip
PAGE = (
    "query ($first: Int, $after: String) {{ recommendations(first: $first, after: $after) "
    "{{ {count} nodes {{ key: id {fields} }} edges {{ node {{ {fields} }} }} "
    "pageInfo {{ hasNextPage endCursor }} }} }}"
)
ALONE = "query ($id: ID!) {{ node(id: $id) {{ ... on Recommendation {{ {fields} }} }} }}"
WHOLE = PAGE.format(
    count="totalCount",
    fields="id kind reason talkingPoints customer { name csm { name } } stakeholder { name } "
    "campaign { name }",
)

DASHBOARD = Path(__file__).parents[2] / "dashboard/src/pages/today/today.graphql"


async def plant(database: Database) -> list[int]:
    """Recommendations of Ann's customer and Bob's and of nobody's; the CSMs' ids."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        csms = [await seed.csm("Ann"), await seed.csm("Bob")]
        own, hidden = await seed.campaign("News"), await seed.campaign("Elsewhere")
        provisional = await seed.campaign("Hello", is_provisional=True)
        owners: list[int | None] = [*csms, None]
        customers: list[int] = [
            await seed.customer(f"Customer {n}", csm_id, timezone="Europe/Oslo", segment="SMB")
            for n, csm_id in enumerate(owners)
        ]
        people = []
        for n, customer in enumerate(customers):
            await seed.domain(customer, f"c{n}.example")
            people.append(await seed.stakeholder(customer, f"p{n}@c{n}.example", title="Head"))
            address = await seed.matched(f"p{n}@c{n}.example", customer, people[n])
            for campaign in (own if n == 0 else hidden, provisional):
                await seed.recipient(campaign, address)
        stranger = await seed.address("x@c0.example")
        for n, customer in enumerate(customers):
            advice: list[tuple[dict[str, Any], int | None, int | None]] = [
                ({"kind": "SHARE_CONTENT"}, people[n], own),
                ({"kind": "SHARE_CONTENT"}, people[(n + 1) % 3], hidden),  # moved to another
                ({"kind": "REPLY_WAITING", "due_at": NOW}, None, provisional),
                ({"kind": "MEET_STAKEHOLDER", "address_id": stranger}, None, None),
            ]
            for about, who, about_campaign in advice:
                row = _row(customer, owners[n], who, about_campaign)
                await seed._insert("recommendation", **row | about)
        return csms


def _row(
    customer: int, csm: int | None, person: int | None, campaign: int | None
) -> dict[str, Any]:
    return {
        "customer_id": customer, "stakeholder_id": person, "csm_id": csm, "is_held_out": False,
        "is_risk": False, "reason": "because", "priority": 50, "parts": [["one", 30], ["two", 20]],
        "evidence": [], "evidenced_at": NOW, "campaign_id": campaign, "topics": ["security"],
        "talking_points": ["a", "b"], "named_ids": [], "expires_at": NOW, "created_at": NOW,
        "changed_at": NOW,
    }  # fmt: skip


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
    csms = csms or await plant(database)
    fields = " ".join(drawn.draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=8)))
    viewer = drawn.draw(st.sampled_from([MANAGER, *map(csm_viewer, csms)]))
    first = drawn.draw(st.sampled_from([1, 3, 12]))
    count = 12 if viewer is MANAGER else 4
    document = PAGE.format(count=drawn.draw(st.sampled_from(["", "totalCount"])), fields=fields)
    after, told, more = None, list[dict[str, Any]](), True
    while more:
        got = await run(viewer, document, first=first, after=after)
        assert "errors" not in got, got
        page = got["recommendations"]
        assert page.get("totalCount", count) == count
        told += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        own = [{key: node[key] for key in node if key != "key"} for node in page["nodes"]]
        assert [edge["node"] for edge in page["edges"]] == own

    assert len(told) == count
    for node in told:
        alone = await run(viewer, ALONE.format(fields=fields), id=node.pop("key"))
        assert node == alone["node"]


async def test_a_page_with_all_that_is_joined_to_it_takes_one_statement_and_no_transaction(
    schema: Schema, database: Database
) -> None:
    ann, _ = await plant(database)
    watched = Watched(database)
    operation = context(watched, csm_viewer(ann))

    result = await schema.execute(WHOLE, {"first": 3}, context_value=operation)
    await operation.close()

    assert result.errors is None
    assert result.data is not None
    found = result.data["recommendations"]
    assert (found["totalCount"], len(found["nodes"])) == (4, 3)
    assert [node["stakeholder"] for node in found["nodes"]] == [None, {"name": "p0"}, None]
    assert [node["campaign"] for node in found["nodes"]] == [None, {"name": "News"}, None]
    assert len(watched.sent) == 1


async def test_the_dashboards_morning_takes_a_statement_each_for_page_acts_and_priors(
    schema: Schema, database: Database
) -> None:
    ann, _ = await plant(database)
    watched = Watched(database)
    operation = context(watched, csm_viewer(ann))

    result = await schema.execute(
        DASHBOARD.read_text(), {"first": 40}, operation, operation_name="TodayMore"
    )
    await operation.close()

    assert result.errors is None
    assert result.data is not None
    assert len(result.data["recommendations"]["nodes"]) == 4
    assert [sql.split()[0] for sql in watched.sent] == ["BEGIN", *["SELECT"] * 3, "COMMIT;"]


async def test_what_is_not_selected_is_neither_read_nor_joined(
    schema: Schema, database: Database
) -> None:
    await plant(database)
    watched = Watched(database)
    operation = context(watched, MANAGER)
    document = "{ recommendations(first: 1) { nodes { kind customer { name } } } }"

    result = await schema.execute(document, context_value=operation)
    await operation.close()

    assert result.data == {
        "recommendations": {
            "nodes": [{"kind": "REPLY_WAITING", "customer": {"name": "Customer 0"}}]
        }
    }
    (sql,) = watched.sent
    assert sql.startswith(
        "SELECT r.id, r.kind, r.customer_id, r.priority, r.due_at, c.id, c.name FROM (SELECT r.* "
    )
    assert "JOIN stakeholder" not in sql
    assert "JOIN campaign" not in sql


async def test_the_pages_of_all_customers_take_one_statement(
    schema: Schema, database: Database
) -> None:
    await plant(database)
    watched = Watched(database)
    operation = context(watched, MANAGER)
    document = (
        "{ customers { nodes { name recommendations(first: 2) { pageInfo { hasNextPage } "
        "nodes { kind customer { name } stakeholder { name } campaign { name } } } } } }"
    )

    result = await schema.execute(document, context_value=operation)
    await operation.close()

    assert result.errors is None
    assert result.data is not None
    assert [node["recommendations"] for node in result.data["customers"]["nodes"]] == [
        {
            "pageInfo": {"hasNextPage": True},
            "nodes": [
                {
                    "kind": "REPLY_WAITING",
                    "customer": {"name": f"Customer {n}"},
                    "stakeholder": None,
                    "campaign": {"name": "Hello"},
                },
                {
                    "kind": "SHARE_CONTENT",
                    "customer": {"name": f"Customer {n}"},
                    "stakeholder": {"name": f"p{n}"},
                    "campaign": {"name": "News"},
                },
            ],
        }
        for n in range(3)
    ]
    assert [sql.split()[0] for sql in watched.sent] == ["BEGIN", "SELECT", "SELECT", "COMMIT;"]


async def test_an_integration_finds_nothing(run: Run, database: Database) -> None:
    await plant(database)

    data = await run(INTEGRATION, WHOLE)

    assert data["recommendations"]["totalCount"] == 0
    assert data["recommendations"]["nodes"] == []
