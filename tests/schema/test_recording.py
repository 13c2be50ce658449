"""Engagement in by mutation: each event its own outcome."""

from typing import Any

import pytest

from domain.viewer import Viewer
from schema import ids
from server.graphql import Schema
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.seeding import ADMIN, INTEGRATION, MANAGER, Seed, context, csm_viewer

RECORD = """
mutation ($events: [EngagementEventInput!]!) { recordEngagement(input: {events: $events}) {
  recorded duplicates unmatched rejected
  results { outcome error { field code } event { id kind occurredAt url recipient { address } } }
  userErrors { message field code }
} }
"""


def event(**fields: Any) -> dict[str, Any]:
    return {
        "provider": "acmemail",
        "campaign": {"externalId": "spring", "name": "Spring"},
        "address": "a@acme.example",
        "kind": "OPENED",
        "occurredAt": "2026-11-20T10:00:00Z",
    } | fields


async def plant(database: Database) -> int:
    async with database.transaction() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme", await seed.csm("Ann"))
        await seed.stakeholder(acme, "a@acme.example")
    return acme


async def stored(database: Database) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM event"))


async def test_each_event_has_its_own_outcome(run: Run, database: Database) -> None:
    await plant(database)
    events = [
        event(),
        event(),
        event(address="stranger@gmail.com", kind="CLICKED", url="https://x.example/"),
        event(address="not an address"),
        event(occurredAt="yesterday"),
        event(occurredAt="2026-11-20T10:00:00"),
        event(url="https://x.example/" + "a" * 4096),
        event(kind="UNKNOWN"),
        event(address=None),
        event(provider=" "),
        event(ip="300.1.1.1"),
    ]

    data = await run(ADMIN, RECORD, events=events)

    payload = data["recordEngagement"]
    assert [result["outcome"] for result in payload["results"]] == [
        "RECORDED",
        "DUPLICATE",
        "UNMATCHED",
        *["REJECTED"] * 8,
    ]
    assert [(e["field"], e["code"]) for e in payload["userErrors"]] == [
        (["events", "3", "address"], "INVALID_ADDRESS"),
        (["events", "4", "occurredAt"], "INVALID_TIME"),
        (["events", "5", "occurredAt"], "INVALID_TIME"),
        (["events", "6", "url"], "TOO_LONG"),
        (["events", "7", "kind"], "INVALID_KIND"),
        (["events", "8", "address"], "MISSING"),
        (["events", "9", "provider"], "MISSING"),
        (["events", "10", "ip"], "INVALID_IP"),
    ]
    assert payload["userErrors"][1]["message"] == (
        "“yesterday” is no time: give it as 2026-11-22T14:00:00Z"
    )
    counts = {k: payload[k] for k in ("recorded", "duplicates", "unmatched", "rejected")}
    assert counts == {"recorded": 1, "duplicates": 1, "unmatched": 1, "rejected": 8}
    first, again = payload["results"][0]["event"], payload["results"][1]["event"]
    assert first == again
    assert first["kind"] == "OPENED"
    assert first["occurredAt"] == "2026-11-20T10:00:00Z"
    assert payload["results"][2]["event"]["url"] == "https://x.example/"
    assert await stored(database) == 2


async def test_what_was_recorded_wakes_a_worker_and_waits_for_it(
    schema: Schema, database: Database
) -> None:
    await plant(database)
    operation = context(database, INTEGRATION)

    result = await schema.execute(RECORD, {"events": [event()]}, context_value=operation)
    await operation.close()

    assert result.errors is None
    assert operation.services.wake.count == 1  # type: ignore[attr-defined]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM projection_queue") == 1


async def test_a_call_of_bad_events_alone_wakes_nobody(schema: Schema, database: Database) -> None:
    operation = context(database, INTEGRATION)

    result = await schema.execute(RECORD, {"events": [event(address="x")]}, context_value=operation)
    await operation.close()

    assert result.errors is None
    assert operation.services.wake.count == 0  # type: ignore[attr-defined]
    assert await stored(database) == 0


async def test_an_integration_gets_the_outcome_and_the_event_and_nothing_beyond(
    run: Run, database: Database
) -> None:
    await plant(database)

    data = await run(INTEGRATION, RECORD, events=[event()])

    result = data["recordEngagement"]["results"][0]
    assert result["outcome"] == "RECORDED"
    assert result["event"]["kind"] == "OPENED"
    assert result["event"]["recipient"] is None


@pytest.mark.parametrize("viewer", [MANAGER, csm_viewer(1)])
@both_executions
async def test_who_only_reads_may_not_record(run: Run, database: Database, viewer: Viewer) -> None:
    answer = await run(viewer, RECORD, events=[event()])

    assert [error.original_error.code for error in answer["errors"]] == ["FORBIDDEN"]
    assert await stored(database) == 0


async def test_more_than_a_thousand_events_are_refused_whole(run: Run, database: Database) -> None:
    answer = await run(INTEGRATION, RECORD, events=[event()] * 1001)

    assert [error.original_error.code for error in answer["errors"]] == ["TOO_MANY_EVENTS"]
    assert await stored(database) == 0


async def test_a_recorded_event_is_found_by_its_id(run: Run, database: Database) -> None:
    acme = await plant(database)
    events = [event(address=f"p{n}@acme.example") for n in range(5)] + [event()]
    data = await run(ADMIN, RECORD, events=events)
    event_id = data["recordEngagement"]["results"][5]["event"]["id"]
    node = "query ($id: ID!) { node(id: $id) { ... on Event { kind recipient { address } } } }"

    found = {"node": {"kind": "OPENED", "recipient": {"address": "a@acme.example"}}}

    assert await run(MANAGER, node, id=event_id) == found
    assert await run(csm_viewer(1), node, id=event_id) == found
    assert await run(csm_viewer(2), node, id=event_id) == {"node": None}
    assert await run(INTEGRATION, node, id=event_id) == {"node": None}
    assert acme == 1
    assert ids.decode(event_id)[0] == "Event"


async def test_a_campaign_type_that_was_told_is_kept(run: Run, database: Database) -> None:
    campaign = {"externalId": "spring", "type": "NEWSLETTER"}
    events = [event(address=f"p{n}@acme.example", campaign=campaign) for n in range(6)]

    await run(INTEGRATION, RECORD, events=events)

    data = await run(MANAGER, "{ campaigns { nodes { type typeConfidence } } }")
    assert data["campaigns"]["nodes"] == [{"type": "NEWSLETTER", "typeConfidence": 1.0}]


@pytest.mark.parametrize(
    ("fields", "bounce"),
    [
        ({"detail": "550 5.1.1 no such user"}, "HARD"),
        ({"detail": "452 4.2.2 mailbox full"}, "SOFT"),
        ({"detail": "went away"}, None),
        ({"bounce": "HARD", "detail": "4.2.2"}, "HARD"),
    ],
)
async def test_a_bounces_class_is_told_or_read_from_its_status_code(
    run: Run, database: Database, fields: dict[str, str], bounce: str | None
) -> None:
    await run(INTEGRATION, RECORD, events=[event(kind="BOUNCED", **fields)])

    async with database.connection() as connection:
        assert await connection.fetchval("SELECT bounce FROM event") == bounce
