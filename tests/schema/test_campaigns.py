"""The campaign page: funnel and recipients, of those the viewer sees."""

from dataclasses import dataclass
from typing import Any

import pytest

from schema import ids
from server.graphql import Schema
from store.counting import note_recipients
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.schema.test_customer_pages import Watched
from tests.seeding import INTEGRATION, MANAGER, NOW, Seed, context, csm_viewer
from tests.store.counts import count

PAGE = """
query ($id: ID!, $f: RecipientFilter) { campaign(id: $id) {
  name type provider externalId sentAt provisional topics { name }
  detection { method confidence evidence }
  recipients(filter: $f) { totalCount nodes {
    address unmatchedReason engaged delivery { status bounce { hard reason } } opens { human }
    matches { customer { name } } } }
  funnel { recipients internal unmatched delivered openers { human machine }
    clickers { human machine } repliers forwarders unsubscribers bounced { hard soft }
    complained rejected }
} }
"""


@dataclass
class Planted:
    """Two CSMs with a customer each, and a campaign to both, to us, and to strangers."""

    ann: int
    bob: int
    acme: int
    beta: int
    campaign: int


async def plant(database: Database) -> Planted:
    async with database.transaction() as connection:
        seed = Seed(connection)
        ann, bob = await seed.csm("Ann"), await seed.csm("Bob")
        acme, beta = await seed.customer("Acme", ann), await seed.customer("Beta", bob)
        campaign = await seed.campaign("Spring", type="MARKETING", topics=["sale"])

        made: list[int] = []

        async def send(address: str, customer: int | None, reason: str = "", **did: Any) -> None:
            address_id = await seed.address(address, reason or None)
            if customer is not None:
                await seed.match(address_id, customer)
            made.append(await seed.recipient(campaign, address_id, **did))

        await send("a1@acme.example", acme, status="DELIVERED", opens_human=2, engaged=True)
        await send(
            "a2@acme.example",
            acme,
            status="HARD_BOUNCED",
            bounced_at=NOW,
            bounce_hard=True,
            bounce_reason="5.1.1 no such user",
        )
        await send(
            "b1@beta.example",
            beta,
            status="COMPLAINED",
            clicks_human=1,
            clicks_machine=3,
            opens_machine=1,
            unsubscribed_at=NOW,
            replied_at=NOW,
            engaged=True,
        )
        shared = await seed.address("consultant@both.example", None)
        await seed.match(shared, acme)
        await seed.match(shared, beta)
        made.append(await seed.recipient(campaign, shared, status="SOFT_BOUNCED", forwarded_at=NOW))
        await send("me@us.example", None, "INTERNAL", status="DELIVERED")
        await send("x@gmail.com", None, "FREEMAIL", status="REJECTED")
        await note_recipients(connection, made)
    await count(database)
    return Planted(ann, bob, acme, beta, campaign)


async def test_a_manager_sees_the_whole_funnel(run: Run, database: Database) -> None:
    planted = await plant(database)

    data = await run(MANAGER, PAGE, id=ids.encode("Campaign", planted.campaign))

    campaign = data["campaign"]
    assert campaign["name"] == "Spring"
    assert campaign["type"] == "MARKETING"
    assert campaign["externalId"] == "spring"
    assert campaign["topics"] == [{"name": "sale"}]
    assert campaign["provisional"] is False
    assert campaign["sentAt"] == "2026-11-21T12:00:00Z"
    assert campaign["detection"] == {
        "method": "CAMPAIGN_ID",
        "confidence": 0.95,
        "evidence": "spring",
    }
    assert campaign["funnel"] == {
        "recipients": 6,
        "internal": 1,
        "unmatched": 1,
        "delivered": 3,
        "openers": {"human": 1, "machine": 1},
        "clickers": {"human": 1, "machine": 1},
        "repliers": 1,
        "forwarders": 1,
        "unsubscribers": 1,
        "bounced": {"hard": 1, "soft": 1},
        "complained": 1,
        "rejected": 1,
    }
    assert campaign["recipients"]["totalCount"] == 6
    assert campaign["recipients"]["nodes"][1] == {
        "address": "a2@acme.example",
        "unmatchedReason": None,
        "engaged": False,
        "delivery": {
            "status": "HARD_BOUNCED",
            "bounce": {"hard": True, "reason": "5.1.1 no such user"},
        },
        "opens": {"human": 0},
        "matches": [{"customer": {"name": "Acme"}}],
    }


@both_executions
async def test_a_csm_sees_their_own_customers_share_of_it(run: Run, database: Database) -> None:
    planted = await plant(database)

    data = await run(csm_viewer(planted.ann), PAGE, id=ids.encode("Campaign", planted.campaign))

    campaign = data["campaign"]
    assert [(r["address"], r["matches"]) for r in campaign["recipients"]["nodes"]] == [
        ("a1@acme.example", [{"customer": {"name": "Acme"}}]),
        ("a2@acme.example", [{"customer": {"name": "Acme"}}]),
        ("consultant@both.example", [{"customer": {"name": "Acme"}}]),
    ]
    assert campaign["recipients"]["totalCount"] == 3
    assert campaign["funnel"] == {
        "recipients": 3,
        "internal": 0,
        "unmatched": 0,
        "delivered": 1,
        "openers": {"human": 1, "machine": 0},
        "clickers": {"human": 0, "machine": 0},
        "repliers": 0,
        "forwarders": 1,
        "unsubscribers": 0,
        "bounced": {"hard": 1, "soft": 1},
        "complained": 0,
        "rejected": 0,
    }


@pytest.mark.parametrize(
    ("chosen", "addresses"),
    [
        ({"engaged": True}, ["a1@acme.example", "b1@beta.example"]),
        ({"opened": True}, ["a1@acme.example"]),
        ({"clicked": True}, ["b1@beta.example"]),
        ({"replied": True}, ["b1@beta.example"]),
        ({"bounced": True}, ["a2@acme.example", "consultant@both.example"]),
        ({"unsubscribed": True}, ["b1@beta.example"]),
        ({"matched": False}, ["me@us.example", "x@gmail.com"]),
        ({"engaged": False, "matched": True}, ["a2@acme.example", "consultant@both.example"]),
    ],
)
async def test_a_filter_narrows_the_recipients(
    run: Run, database: Database, chosen: dict[str, bool], addresses: list[str]
) -> None:
    planted = await plant(database)

    data = await run(MANAGER, PAGE, id=ids.encode("Campaign", planted.campaign), f=chosen)

    recipients = data["campaign"]["recipients"]
    assert [r["address"] for r in recipients["nodes"]] == addresses
    assert recipients["totalCount"] == len(addresses)


@both_executions
async def test_another_portfolios_customer_as_a_filter_tells_nothing(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    campaign, acme = ids.encode("Campaign", planted.campaign), ids.encode("Customer", planted.acme)

    by_ann = await run(csm_viewer(planted.ann), PAGE, id=campaign, f={"customerId": acme})
    by_bob = await run(csm_viewer(planted.bob), PAGE, id=campaign, f={"customerId": acme})

    assert by_ann["campaign"]["recipients"]["totalCount"] == 3
    assert by_bob["campaign"]["recipients"] == {"totalCount": 0, "nodes": []}


@both_executions
async def test_a_campaign_that_reached_nobody_of_theirs_is_not_there_for_a_csm(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    async with database.transaction() as connection:
        seed = Seed(connection)
        other = await seed.campaign("Theirs")
        address = await seed.address("b2@beta.example", None)
        await seed.match(address, planted.beta)
        await seed.recipient(other, address)
        await seed.campaign("Nobody's")
    listing = "{ campaigns { totalCount nodes { name } } }"

    assert (await run(csm_viewer(planted.ann), listing))["campaigns"] == {
        "totalCount": 1,
        "nodes": [{"name": "Spring"}],
    }
    assert (await run(csm_viewer(planted.bob), listing))["campaigns"]["totalCount"] == 2
    assert (await run(MANAGER, listing))["campaigns"]["totalCount"] == 3
    assert (await run(INTEGRATION, listing))["campaigns"]["totalCount"] == 0
    assert await run(csm_viewer(planted.ann), PAGE, id=ids.encode("Campaign", other)) == {
        "campaign": None
    }


@pytest.mark.parametrize("role", ["manager", "csm"])
@both_executions
async def test_a_provisional_send_is_seen_by_none_but_who_may_classify_it(
    run: Run, database: Database, role: str
) -> None:
    planted = await plant(database)
    async with database.transaction() as connection:
        await connection.execute("UPDATE campaign SET is_provisional = true")
        recipient = await connection.fetchval("SELECT min(id) FROM recipient")
    document = """query ($k: ID!, $r: ID!, $c: ID!) {
        campaigns { totalCount } node(id: $r) { id }
        campaign(id: $k) { name recipients { totalCount } }
        customer(id: $c) { recipients { totalCount nodes { id } } }
        recipientsToReview { totalCount } }"""

    data = await run(
        MANAGER if role == "manager" else csm_viewer(planted.ann),
        document,
        k=ids.encode("Campaign", planted.campaign),
        r=ids.encode("Recipient", recipient),
        c=ids.encode("Customer", planted.acme),
    )

    assert data == {
        "campaigns": {"totalCount": 0},
        "campaign": {"name": "Spring", "recipients": {"totalCount": 0}}
        if role == "manager"
        else None,
        "node": None,
        "customer": {"recipients": {"totalCount": 0, "nodes": []}},
        "recipientsToReview": {"totalCount": 0},
    }


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ("", ["Late", "Early", "Unsent"]),
        ("orderBy: SENT_AT", ["Unsent", "Early", "Late"]),
        ("orderBy: NAME", ["Early", "Late", "Unsent"]),
        ("orderBy: NAME_DESC", ["Unsent", "Late", "Early"]),
        ('filter: {search: "sale"}', ["Late"]),
        ("filter: {type: NEWSLETTER}", ["Early"]),
        ('filter: {provider: "postmark"}', ["Unsent"]),
        ('filter: {sentSince: "2026-11-21T12:00:00Z"}', ["Late"]),
        ('filter: {sentUntil: "2026-11-21T12:00:00Z"}', ["Early"]),
    ],
)
async def test_campaigns_are_ordered_and_filtered(
    run: Run, database: Database, arguments: str, names: list[str]
) -> None:
    from datetime import timedelta

    async with database.transaction() as connection:
        seed = Seed(connection)
        await seed.campaign("Late", subject="Summer SALE")
        await seed.campaign("Early", sent_at=NOW - timedelta(days=9), type="NEWSLETTER")
        await seed.campaign("Unsent", sent_at=None, provider="postmark")
    document = (
        f"query ($a: String) {{ campaigns({arguments} first: 1 after: $a) "
        "{ nodes { name } pageInfo { endCursor hasNextPage } } }"
    )
    found, after, more = [], None, True

    while more:
        data = await run(MANAGER, document, a=after)
        found += [node["name"] for node in data["campaigns"]["nodes"]]
        page = data["campaigns"]["pageInfo"]
        after, more = page["endCursor"], page["hasNextPage"]

    assert found == names


async def test_the_funnel_is_one_statement_on_counters(schema: Schema, database: Database) -> None:
    planted = await plant(database)
    watched = Watched(database)
    operation = context(watched, csm_viewer(planted.ann))

    result = await schema.execute(
        "query ($id: ID!) { campaign(id: $id) { funnel { recipients delivered } } }",
        {"id": ids.encode("Campaign", planted.campaign)},
        context_value=operation,
    )
    await operation.close()

    assert result.errors is None
    assert result.data == {"campaign": {"funnel": {"recipients": 3, "delivered": 1}}}
    (sql,) = watched.sent
    assert "FROM campaign_counter" in sql
