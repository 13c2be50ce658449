"""Subscriptions of the contract: what an update holds, and where it begins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import strawberry

from domain.viewer import Viewer
from schema import ids
from schema.build import CONFIG, MUTATION, QUERY, SUBSCRIPTION
from store.counting import note_recipients
from store.database import Database
from tests.seeding import INTEGRATION, MANAGER, NOW, Seed, context, csm_viewer
from tests.store.counts import count

SCHEMA = strawberry.Schema(QUERY, MUTATION, SUBSCRIPTION, config=CONFIG)

FOLLOW = """subscription ($id: ID!, $after: String) {
  engagementRecorded(customerId: $id, after: $after) {
    cursor kind eventId customer { name } event { id kind } recipient { address opens { human } }
  } }"""


async def follow(
    database: Database, viewer: Viewer, document: str, **variables: Any
) -> AsyncIterator[dict[str, Any]]:
    """A subscription's data; its refusal is raised."""
    operation = context(database, viewer)
    stream: Any = await SCHEMA.subscribe(document, variables, context_value=operation)
    async with aclosing(stream):
        async for result in stream:
            assert not result.errors, result.errors
            yield result.data


async def take(stream: AsyncIterator[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """The next so many, within a few seconds."""
    async with asyncio.timeout(10):
        return [await anext(stream) for _ in range(count)]


async def plant(database: Database) -> tuple[int, int, int]:
    async with database.transaction() as connection:
        seed = Seed(connection)
        ann = await seed.csm("Ann")
        acme = await seed.customer("Acme", ann)
        spring = await seed.campaign("Spring")
        person = await seed.stakeholder(acme, "a@acme.example")
        address = await seed.matched("a@acme.example", acme, person)
        recipient = await seed.recipient(spring, address, opens_human=2)
        await note_recipients(connection, [recipient])
    await count(database)
    return ann, acme, recipient


async def feed(database: Database, acme: int, recipient: int, kind: str) -> str:
    """An open with its row on the feed; returns the event's id."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        count = await connection.fetchval("SELECT count(*) FROM event")
        fact_on, key = await seed.event(recipient, "OPENED", NOW, detail=str(count))
        await seed._add(
            "feed",
            customer_id=acme,
            kind=kind,
            fact_on=fact_on,
            key=key,
            recipient_id=recipient,
        )
    return ids.encode_event(fact_on, key)


async def cursor(database: Database, viewer: Viewer, acme: int) -> str:
    operation = context(database, viewer)
    result = await SCHEMA.execute(
        "query ($id: ID!) { customer(id: $id) { feedCursor } }",
        {"id": ids.encode("Customer", acme)},
        context_value=operation,
    )
    await operation.close()
    assert result.data is not None
    return str(result.data["customer"]["feedCursor"])


async def test_what_happens_after_a_query_is_told_from_its_cursor_on(database: Database) -> None:
    ann, acme, recipient = await plant(database)
    viewer, node = csm_viewer(ann), ids.encode("Customer", acme)
    await feed(database, acme, recipient, "RECORDED")
    after = await cursor(database, viewer, acme)
    second = await feed(database, acme, recipient, "RECORDED")
    third = await feed(database, acme, recipient, "REMOVED")

    stream = follow(database, viewer, FOLLOW, id=node, after=after)
    told = [data["engagementRecorded"] for data in await take(stream, 2)]
    await stream.aclose()  # type: ignore[attr-defined]
    resumed = follow(database, viewer, FOLLOW, id=node, after=told[0]["cursor"])
    again = await take(resumed, 1)
    await resumed.aclose()  # type: ignore[attr-defined]

    assert [{k: v for k, v in update.items() if k != "cursor"} for update in told] == [
        {
            "kind": "RECORDED",
            "eventId": second,
            "customer": {"name": "Acme"},
            "event": {"id": second, "kind": "OPENED"},
            "recipient": {"address": "a@acme.example", "opens": {"human": 2}},
        },
        {
            "kind": "REMOVED",
            "eventId": third,
            "customer": {"name": "Acme"},
            "event": None,
            "recipient": None,
        },
    ]
    assert again == [{"engagementRecorded": told[1]}]


async def refusal(database: Database, viewer: Viewer, document: str, **variables: Any) -> str:
    operation = context(database, viewer)
    stream: Any = await SCHEMA.subscribe(document, variables, context_value=operation)
    async with aclosing(stream), asyncio.timeout(10):
        try:
            result = await anext(stream)
        except Exception as error:
            return str(getattr(error, "code", error))
        return str(result.errors[0].original_error.code)


async def test_what_may_not_be_followed_is_refused(database: Database) -> None:
    ann, acme, _ = await plant(database)
    node = ids.encode("Customer", acme)
    portfolio = "subscription { portfolioEngagement { cursor } }"

    assert await refusal(database, csm_viewer(ann + 1), FOLLOW, id=node) == "NOT_FOUND"
    assert await refusal(database, csm_viewer(ann), FOLLOW, id="x") == "INVALID_ID"
    assert await refusal(database, csm_viewer(ann), FOLLOW, id=node, after="x") == "INVALID_CURSOR"
    assert await refusal(database, INTEGRATION, portfolio) == "FORBIDDEN"


async def test_a_campaigns_progress_begins_with_its_state_and_follows_its_changes(
    database: Database,
) -> None:
    ann, _, recipient = await plant(database)
    document = """subscription ($id: ID!) { campaignProgressed(campaignId: $id) {
        name funnel { recipients repliers } } }"""
    viewer = csm_viewer(ann)
    operation = context(database, viewer)
    stream: Any = await SCHEMA.subscribe(
        document, {"id": ids.encode("Campaign", 1)}, context_value=operation
    )

    async with aclosing(stream), asyncio.timeout(10):
        first = await anext(stream)
        async with database.transaction() as connection:
            await connection.execute(
                "UPDATE recipient SET replied_at = $2 WHERE id = $1", recipient, NOW
            )
            await note_recipients(connection, [recipient])
        await count(database)
        waiting = asyncio.ensure_future(anext(stream))
        while not waiting.done():
            await asyncio.sleep(0.05)
            for tick in operation.services.live._ticks:
                tick.set()
        second = await waiting

    assert first.data["campaignProgressed"] == {
        "name": "Spring",
        "funnel": {"recipients": 1, "repliers": 0},
    }
    assert second.data["campaignProgressed"]["funnel"] == {"recipients": 1, "repliers": 1}


RECENT = """query ($csm: ID, $first: Int!) { recentEngagement(csmId: $csm, first: $first) {
  feedCursor
  updates { cursor kind eventId customer { name } event { id } recipient { address } } } }"""

PORTFOLIO = """subscription ($after: String) {
  portfolioEngagement(after: $after) { eventId customer { name } } }"""


async def recent(
    database: Database, viewer: Viewer, *, csm: int | None = None, first: int = 20
) -> Any:
    """The answer's field; its refusal's code where there is none."""
    operation = context(database, viewer)
    node = None if csm is None else ids.encode("Csm", csm)
    result = await SCHEMA.execute(RECENT, {"csm": node, "first": first}, context_value=operation)
    await operation.close()
    if result.errors:
        return getattr(result.errors[0].original_error, "code", result.errors[0])
    assert result.data is not None
    return result.data["recentEngagement"]


async def test_the_last_updates_are_told_newest_first_and_what_follows_comes_live(
    database: Database,
) -> None:
    ann, acme, recipient = await plant(database)
    told = [await feed(database, acme, recipient, "RECORDED") for _ in range(3)]
    viewer = csm_viewer(ann)
    found = await recent(database, viewer, first=2)
    assert [update["eventId"] for update in found["updates"]] == [told[2], told[1]]
    assert found["updates"][0] == {
        "cursor": found["feedCursor"],
        "kind": "RECORDED",
        "eventId": told[2],
        "customer": {"name": "Acme"},
        "event": {"id": told[2]},
        "recipient": {"address": "a@acme.example"},
    }
    stream = follow(database, viewer, PORTFOLIO, after=found["feedCursor"])
    later = await feed(database, acme, recipient, "RECORDED")
    assert [update["portfolioEngagement"]["eventId"] for update in await take(stream, 1)] == [later]
    await stream.aclose()  # type: ignore[attr-defined]


async def test_the_last_updates_are_those_of_the_viewers_own_customers(
    database: Database,
) -> None:
    ann, acme, recipient = await plant(database)
    async with database.transaction() as connection:
        bob = await Seed(connection).csm("Bob")
    told = await feed(database, acme, recipient, "RECORDED")
    assert (await recent(database, csm_viewer(bob)))["updates"] == []
    assert await recent(database, csm_viewer(bob), csm=ann) == "NOT_FOUND"
    assert await recent(database, INTEGRATION) == "FORBIDDEN"
    assert await recent(database, MANAGER, first=101) == "INVALID_FIRST"
    for csm, events in ((None, [told]), (ann, [told]), (bob, [])):
        found = await recent(database, MANAGER, csm=csm)
        assert [update["eventId"] for update in found["updates"]] == events
