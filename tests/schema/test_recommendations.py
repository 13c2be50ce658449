"""Recommendations over the API: listed, explained, followed live, acted upon."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.events import EventKind
from domain.viewer import Viewer
from resolvers.context import Context
from schema import ids
from server.graphql import Schema
from store.database import Database
from tests.jobs.mail import execute, rows
from tests.schema.conftest import Run, both_executions
from tests.schema.test_feed import follow, take
from tests.seeding import INTEGRATION, MANAGER, Seed, csm_viewer, services
from tests.store.advice import DAY, NOW, acme, happen, report, sent

LIST = """query ($filter: RecommendationFilter, $first: Int, $after: String) {
  recommendations(filter: $filter, first: $first, after: $after) { totalCount
    nodes { id kind status reason priority priorityParts { name points } isRisk
      customer { name } stakeholder { name } address campaign { name } topics { name }
      talkingPoints evidence { kind occurredAt url } dueAt expiresAt
      bestTime { basis timezone windows { weekday startHour } } }
    pageInfo { hasNextPage endCursor } } }"""


async def listed(run: Run, viewer: Viewer = MANAGER, **variables: Any) -> list[dict[str, Any]]:
    answer = await run(viewer, LIST, **variables)
    assert "errors" not in answer, answer
    found: list[dict[str, Any]] = answer["recommendations"]["nodes"]
    return found


async def busy(database: Database) -> None:
    """Ann replied and clicked, Bob clicked, a stranger clicked, Carla unsubscribed."""
    await acme(database, renews_on=(NOW + 20 * DAY).date())
    await happen(
        database,
        *sent(3, 9, who=["ann", "bob", "carla", "dora"]),
        report(3, EventKind.REPLIED),
        report(3, EventKind.CLICKED),
        report(3, EventKind.CLICKED, occurred_at=NOW - 2 * DAY),
        report(3, EventKind.CLICKED, "bob"),
        report(9, EventKind.UNSUBSCRIBED, "carla"),
        report(9, EventKind.CLICKED, "dora"),
    )


async def test_a_csms_morning_begins_with_the_most_urgent(run: Run, database: Database) -> None:
    await busy(database)
    found = await listed(run)
    assert [
        (n["kind"], (n["stakeholder"] or {}).get("name"), n["address"], n["priority"])
        for n in found
    ] == [
        ("REPLY_WAITING", "Ann Acme", None, 95.0),
        ("RELATIONSHIP_RISK", "Carla Acme", None, 65.0),
        ("SHARE_CONTENT", "Ann Acme", None, 60.0),
        ("SHARE_CONTENT", "Bob Acme", None, 53.0),
        ("MEET_STAKEHOLDER", None, "dora@acme.com", 50.0),
    ]
    for node in found:
        assert sum(part["points"] for part in node["priorityParts"]) == node["priority"]


async def test_a_recommendation_says_why_and_what_to_say(run: Run, database: Database) -> None:
    await busy(database)
    share = (await listed(run, filter={"kinds": ["SHARE_CONTENT"]}))[0]
    day = NOW - 2 * DAY
    renews = NOW + 20 * DAY
    assert share["reason"] == (
        "Ann Acme followed us.example/guides/security twice in “News 3”: share more about security."
    )
    assert share["talkingPoints"] == [
        "Ann Acme got “News 3”, followed us.example/guides/security twice and replied, last on "
        f"{day:%A}, {day.day} {day:%B}.",
        "Bob Acme followed links in “News 3”, too.",
        f"The contract of Acme renews on {renews.day} {renews:%B %Y}.",
    ]
    assert share["topics"] == [{"name": "security"}]
    assert (share["customer"]["name"], share["campaign"]["name"]) == ("Acme", "News 3")
    assert [e["kind"] for e in share["evidence"]] == ["CLICKED", "CLICKED"]
    assert share["bestTime"]["timezone"] == "UTC"
    assert share["bestTime"]["basis"] == "STAKEHOLDER"


async def test_pages_go_on_where_they_ended(run: Run, database: Database) -> None:
    await busy(database)
    whole = [node["id"] for node in await listed(run)]
    after, found = None, []
    for _ in range(len(whole)):
        page = (await run(MANAGER, LIST, first=1, after=after))["recommendations"]
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert found == whole
    assert page["pageInfo"]["hasNextPage"] is False
    assert page["totalCount"] == len(whole)


@both_executions
async def test_everybody_sees_their_own(run: Run, database: Database) -> None:
    await busy(database)
    async with database.connection() as connection:
        other = await Seed(connection).csm("Dan")
        (own,) = await connection.fetchrow("SELECT csm_id FROM customer")
    assert len(await listed(run, csm_viewer(own))) == 5
    assert await listed(run, csm_viewer(other)) == []
    assert await listed(run, INTEGRATION) == []
    chosen = {"csmId": ids.encode("Csm", other)}
    assert await listed(run, MANAGER, filter=chosen) == []


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        ({"kinds": []}, 0),
        ({"statuses": []}, 0),
        ({"statuses": ["COMPLETED"]}, 0),
        ({"statuses": ["OPEN", "WITHDRAWN"]}, 5),
        ({"isRisk": True}, 1),
        ({"isRisk": False}, 4),
    ],
)
async def test_lists_can_be_narrowed(
    run: Run, database: Database, chosen: dict[str, Any], count: int
) -> None:
    await busy(database)
    answer = (await run(MANAGER, LIST, filter=chosen))["recommendations"]
    assert (len(answer["nodes"]), answer["totalCount"]) == (count, count)


NESTED = """{ customers(first: 1) { nodes { risks { kind }
    recommendations(first: 2) { totalCount nodes { kind } }
    recipients(first: 50) { nodes { address campaign { name } recommendations { kind } } } } } }"""


async def test_customers_and_recipients_lead_to_their_recommendations(
    run: Run, database: Database
) -> None:
    await busy(database)
    answer = await run(MANAGER, NESTED)
    assert "errors" not in answer, answer
    (customer,) = answer["customers"]["nodes"]
    assert customer["risks"] == [{"kind": "RELATIONSHIP_RISK"}]
    assert customer["recommendations"] == {
        "totalCount": 5,
        "nodes": [{"kind": "REPLY_WAITING"}, {"kind": "RELATIONSHIP_RISK"}],
    }
    found = {
        (n["address"], n["campaign"]["name"]): sorted(r["kind"] for r in n["recommendations"])
        for n in customer["recipients"]["nodes"]
    }
    assert {key: kinds for key, kinds in found.items() if kinds} == {
        ("ann@acme.com", "News 3"): ["REPLY_WAITING", "SHARE_CONTENT"],
        ("bob@acme.com", "News 3"): ["SHARE_CONTENT"],
        ("carla@acme.com", "News 9"): ["RELATIONSHIP_RISK"],
        ("dora@acme.com", "News 9"): ["MEET_STAKEHOLDER"],
    }


PAYLOAD = """{ recommendation { status outcome closedBecause snoozedUntil startedAt }
    userErrors { code field message } }"""
START = f"mutation ($input: StartFollowUpInput!) {{ startFollowUp(input: $input) {PAYLOAD} }}"
COMPLETE = (
    f"mutation ($input: CompleteFollowUpInput!) {{ completeFollowUp(input: $input) {PAYLOAD} }}"
)
SNOOZE = (
    "mutation ($input: SnoozeRecommendationInput!) "
    f"{{ snoozeRecommendation(input: $input) {PAYLOAD} }}"
)
DISMISS = (
    "mutation ($input: DismissRecommendationInput!) "
    f"{{ dismissRecommendation(input: $input) {PAYLOAD} }}"
)


async def act(run: Run, document: str, viewer: Viewer = MANAGER, **given: Any) -> dict[str, Any]:
    """A mutation's payload: the status it came to, or the codes of what is wrong."""
    answer = await run(viewer, document, input=given)
    assert "errors" not in answer, answer
    (payload,) = answer.values()
    return dict(payload)


async def test_a_follow_up_is_started_and_completed(run: Run, database: Database) -> None:
    await busy(database)
    first = (await listed(run))[0]["id"]
    for _ in range(2):
        started = await act(run, START, id=first)
        assert (started["recommendation"]["status"], started["userErrors"]) == ("STARTED", [])
    for _ in range(2):
        done = (await act(run, COMPLETE, id=first, outcome="CONVERSATION"))["recommendation"]
        assert (done["status"], done["outcome"]) == ("COMPLETED", "CONVERSATION")
    audit = await rows(database, "SELECT actor, action FROM audit ORDER BY id")
    assert audit == [("Mia", "RECOMMENDATION_STARTED"), ("Mia", "RECOMMENDATION_COMPLETED")]
    facts = "SELECT kind, outcome, completed_by, started_at IS NOT NULL FROM follow_up"
    assert await rows(database, facts) == [("REPLY_WAITING", "CONVERSATION", "Mia", True)]


async def test_what_is_closed_stays_closed_and_says_what_to_do(
    run: Run, database: Database
) -> None:
    await busy(database)
    first, second = [n["id"] for n in (await listed(run))[:2]]
    await act(run, COMPLETE, id=first, outcome="MEETING")
    again = await act(run, COMPLETE, id=first, outcome="NO_ANSWER")
    assert [e["code"] for e in again["userErrors"]] == ["ALREADY_COMPLETED"]
    assert again["recommendation"]["outcome"] == "MEETING"
    for answer in (await act(run, START, id=first), await act(run, DISMISS, id=first, reason="x")):
        (error,) = answer["userErrors"]
        assert (error["code"], error["field"]) == ("RECOMMENDATION_CLOSED", ["id"])
    dismissed = (await act(run, DISMISS, id=second, reason=" knows already "))["recommendation"]
    assert (dismissed["status"], dismissed["closedBecause"]) == ("DISMISSED", "knows already")


async def test_snoozing_needs_a_time_to_come(run: Run, database: Database) -> None:
    await busy(database)
    first = (await listed(run))[0]["id"]
    clock = timedelta(days=1)
    for until, code in (("2020-01-01T00:00:00Z", "INVALID_TIME"), ("nonsense", "INVALID_TIME"),
        ("2027-03-01T00:00:00Z", "SNOOZED_TOO_LONG")):  # fmt: skip
        (error,) = (await act(run, SNOOZE, id=first, until=until))["userErrors"]
        assert (error["code"], error["field"]) == (code, ["until"])
    until = (NOW + clock).isoformat()
    for _ in range(2):
        found = (await act(run, SNOOZE, id=first, until=until))["recommendation"]
        assert found["status"] == "SNOOZED"
    assert first not in [n["id"] for n in await listed(run)]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
async def test_a_dismissal_says_why(run: Run, database: Database, reason: str) -> None:
    await busy(database)
    first = (await listed(run))[0]["id"]
    (error,) = (await act(run, DISMISS, id=first, reason=reason))["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID_REASON", ["reason"])


async def test_nobody_acts_on_what_is_not_theirs(run: Run, database: Database) -> None:
    await busy(database)
    first = (await listed(run))[0]["id"]
    async with database.connection() as connection:
        other = await Seed(connection).csm("Dan")
    refused = await act(run, START, csm_viewer(other), id=first)
    assert (refused["recommendation"], refused["userErrors"][0]["code"]) == (None, "NOT_FOUND")
    answer = await run(INTEGRATION, START, input={"id": first})
    assert [e.original_error.code for e in answer["errors"]] == ["FORBIDDEN"]
    assert await rows(database, "SELECT count(*) FROM audit") == [(0,)]


async def test_what_is_held_out_is_as_if_it_were_not_there(run: Run, database: Database) -> None:
    await busy(database)
    first = (await listed(run))[0]["id"]
    await execute(database, "UPDATE recommendation SET is_held_out = true")
    assert await listed(run) == []
    node = await run(MANAGER, "query ($id: ID!) { node(id: $id) { id } }", id=first)
    assert node["node"] is None
    (customer,) = (await run(MANAGER, NESTED))["customers"]["nodes"]
    assert (customer["risks"], customer["recommendations"]["totalCount"]) == ([], 0)
    (error,) = (await act(run, START, id=first))["userErrors"]
    assert error["code"] == "NOT_FOUND"


CHANGED = """subscription ($csm: ID, $after: String) { recommendationChanged(
    csmId: $csm, after: $after) { cursor recommendation { id kind status } } }"""


async def test_changes_are_told_live_and_resumed_without_a_gap(
    run: Run, database: Database
) -> None:
    start = (await run(MANAGER, "{ viewer { recommendationCursor } }"))["viewer"]
    await busy(database)
    stream = follow(database, MANAGER, CHANGED, after=start["recommendationCursor"])
    told = [u["recommendationChanged"] for u in await take(stream, 5)]
    assert {u["recommendation"]["id"] for u in told} == {n["id"] for n in await listed(run)}
    first = told[0]["recommendation"]["id"]
    await act(run, START, id=first)
    later = follow(database, MANAGER, CHANGED, after=told[1]["cursor"])
    rest = [u["recommendationChanged"]["recommendation"] for u in await take(later, 4)]
    assert [r["id"] for r in rest[:3]] == [u["recommendation"]["id"] for u in told[2:]]
    assert rest[3]["id"] == first
    assert rest[3]["status"] == "STARTED"


async def test_whoever_follows_hears_at_once_of_what_is_done(
    run: Run, schema: Schema, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.live.POLL_SECONDS", 60.0)
    await busy(database)
    first = (await listed(run))[0]["id"]
    shared = services(database)
    reading = asyncio.create_task(shared.live.run())
    stream: Any = await schema.subscribe(CHANGED, {}, context_value=Context(MANAGER, shared))
    news = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.2)

    acting = Context(MANAGER, shared)
    await schema.execute(START, {"input": {"id": first}}, context_value=acting)
    async with asyncio.timeout(5):
        told = (await news).data["recommendationChanged"]["recommendation"]

    assert (told["id"], told["status"]) == (first, "STARTED")
    await acting.close()
    await stream.aclose()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_a_csm_is_told_of_their_own_customers_alone(run: Run, database: Database) -> None:
    start = (await run(MANAGER, "{ viewer { recommendationCursor } }"))["viewer"]
    await busy(database)
    async with database.connection() as connection:
        other = await Seed(connection).csm("Dan")
    stream = follow(database, csm_viewer(other), CHANGED, after=start["recommendationCursor"])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await anext(stream)
