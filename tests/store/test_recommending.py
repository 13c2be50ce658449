"""Every kind from raw events to its appearance, refresh, withdrawal, expiry and rest."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from domain import follow_ups
from domain.events import BounceClass, EventKind, ReportedEvent
from domain.follow_ups import Outcome
from domain.recommending import REVERSED
from store.database import Database
from store.following_up import follow_up
from store.recommending import pass_time
from tests.jobs.mail import execute, rows
from tests.seeding import MANAGER
from tests.store.advice import (
    DAY,
    NOW,
    OTHER_LINK,
    acme,
    advice,
    happen,
    look_again,
    report,
    sent,
    told,
)

CLICKED, REPLIED, OPENED = EventKind.CLICKED, EventKind.REPLIED, EventKind.OPENED
UNSUBSCRIBED, COMPLAINED = EventKind.UNSUBSCRIBED, EventKind.COMPLAINED
BOUNCED = EventKind.BOUNCED

Events = list[ReportedEvent]


def burst(days: float, who: str = "ann") -> Events:
    """A second link followed within the second: what followed the first was a machine, too."""
    at = NOW - days * DAY + timedelta(hours=1, milliseconds=400)
    return [report(days, CLICKED, who, url=OTHER_LINK, occurred_at=at)]


def bounce(days: float, who: str = "ann", **changes: Any) -> ReportedEvent:
    return report(days, BOUNCED, who, bounce=BounceClass.HARD, detail="no such user", **changes)


@dataclass(frozen=True)
class Case:
    """What makes a kind appear, what refreshes it, and what undoes it, with the reason it gives."""

    who: str
    events: Events
    more: Events
    gone: Events = field(default_factory=list)
    because: str = ""
    lasts: timedelta = timedelta()


DARK = sent(*range(70, 4, -10), who=["ann"])

CASES = {
    "REPLY_WAITING": Case(
        "Ann", [*sent(3, 9), report(9, REPLIED)], [report(3, REPLIED)], lasts=30 * DAY
    ),
    "START_CONVERSATION": Case(
        "Ann",
        [*sent(3, 9, 12), report(9, CLICKED), report(3, CLICKED)],
        [report(12, REPLIED)],
        [*burst(9), *burst(3)],
        REVERSED,
        30 * DAY,
    ),
    "SHARE_CONTENT": Case(
        "Ann",
        [*sent(3, 9), report(9, CLICKED)],
        [report(3, CLICKED)],
        burst(9),
        REVERSED,
        30 * DAY,
    ),
    "CHECK_IN": Case(
        "Ann",
        DARK,
        sent(2, who=["ann"]),
        [report(10, OPENED)],
        "They are no longer silent.",
        60 * DAY,
    ),
    "RELATIONSHIP_RISK": Case(
        "Ann",
        [*sent(3, 9), report(9, UNSUBSCRIBED)],
        [report(3, COMPLAINED)],
        [
            report(9, CLICKED, occurred_at=NOW - 9 * DAY + timedelta(hours=1)),
            *burst(9),
        ],
        REVERSED,
        90 * DAY,
    ),
    "FIX_ADDRESS": Case(
        "Ann",
        [bounce(9)],
        [bounce(3)],
        sent(1, who=["ann"]),
        "Mail arrives again, or the address is no longer theirs.",
        180 * DAY,
    ),
    "MEET_STAKEHOLDER": Case(
        "dora",
        [*sent(3, 9, who=["dora"]), report(9, CLICKED, "dora")],
        [report(3, REPLIED, "dora")],
        burst(9, "dora"),
        REVERSED,
        60 * DAY,
    ),
}
every_kind = pytest.mark.parametrize("kind", CASES)


async def appear(database: Database, kind: str) -> dict[str, Any]:
    await acme(database)
    await happen(database, *CASES[kind].events)
    found = await advice(database)
    assert found.get(f"{kind} {CASES[kind].who}") == "OPEN", found
    return await told(database, kind)


@every_kind
async def test_it_appears(database: Database, kind: str) -> None:
    found = await appear(database, kind)
    assert sum(points for _, points in found["parts"]) == found["priority"] > 0
    assert found["evidence"]
    assert found["due_at"] < found["expires_at"]
    heard = await rows(database, "SELECT recommendation_id FROM recommendation_feed")
    assert (found["id"],) in heard


@every_kind
async def test_what_happens_next_refreshes_it(database: Database, kind: str) -> None:
    before = await appear(database, kind)
    await happen(database, *CASES[kind].more)
    after = await told(database, kind)
    assert after["id"] == before["id"]
    assert after["status"] == "OPEN"
    assert len(after["evidence"]) > len(before["evidence"])
    heard = f"SELECT count(*) FROM recommendation_feed WHERE recommendation_id = {after['id']}"
    assert await rows(database, heard) == [(2,)]


@every_kind
async def test_looking_again_changes_nothing(database: Database, kind: str) -> None:
    before = await appear(database, kind)
    await look_again(database)
    assert await told(database, kind) == before
    assert await rows(database, "SELECT count(*) = count(DISTINCT recommendation_id) "
        "FROM recommendation_feed") == [(True,)]  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind, case in CASES.items() if case.gone])
async def test_it_is_withdrawn_when_its_ground_is_gone(database: Database, kind: str) -> None:
    await appear(database, kind)
    await happen(database, *CASES[kind].gone)
    found = await told(database, kind)
    assert (found["status"], found["because"]) == ("WITHDRAWN", CASES[kind].because)
    audit = "SELECT actor, action, subject FROM audit"
    subject = f"Recommendation:{found['id']}"
    assert ("service", "RECOMMENDATION_WITHDRAWN", subject) in await rows(database, audit)


@every_kind
async def test_it_expires(database: Database, kind: str) -> None:
    before = await appear(database, kind)
    assert before["expires_at"] - before["evidenced_at"] == CASES[kind].lasts
    async with database.transaction() as connection:
        await pass_time(connection, before["expires_at"] - timedelta(seconds=1))
    assert (await told(database, kind))["status"] == "OPEN"
    async with database.transaction() as connection:
        await pass_time(connection, before["expires_at"])
    found = await told(database, kind)
    assert (found["status"], found["because"]) == ("EXPIRED", "Its time has passed.")
    await look_again(database, before["expires_at"])
    assert (await told(database, kind))["id"] == before["id"]


Act = Callable[..., Any]


async def act(database: Database, id_: int, step: Act, value: Any, now: Any = NOW) -> None:
    await follow_up(database, MANAGER, id_, lambda s, at: step(s, value, at), now=now)


@every_kind
async def test_a_follow_up_is_remembered_and_the_kind_rests(database: Database, kind: str) -> None:
    first = await appear(database, kind)
    await act(database, first["id"], follow_ups.complete, Outcome.MEETING)
    facts = "SELECT recommendation_id, kind, outcome, completed_by, completed_at FROM follow_up"
    assert await rows(database, facts) == [(first["id"], kind, "MEETING", "Mia", NOW)]
    await happen(database, *CASES[kind].more)
    assert (await told(database, kind))["id"] == first["id"]
    await look_again(database, NOW + 14 * DAY)
    again = await told(database, kind)
    is_standing = kind == "FIX_ADDRESS"
    assert (again["id"] != first["id"]) is is_standing


async def test_after_its_rest_something_new_makes_it_come_again(database: Database) -> None:
    first = await appear(database, "SHARE_CONTENT")
    await act(database, first["id"], follow_ups.dismiss, "not now", NOW - 2 * DAY)
    await happen(database, report(1, CLICKED))
    assert (await told(database, "SHARE_CONTENT"))["id"] == first["id"]
    async with database.transaction() as connection:
        await pass_time(connection, NOW + 12 * DAY)
    await happen(database, now=NOW + 12 * DAY)
    again = await told(database, "SHARE_CONTENT")
    assert (again["id"] != first["id"], again["status"]) == (True, "OPEN")


async def test_a_reply_waits_no_more_once_anything_was_followed_up(database: Database) -> None:
    await acme(database)
    await happen(database, *sent(3, 9), report(3, REPLIED), report(3, CLICKED))
    share = await told(database, "SHARE_CONTENT")
    await act(database, share["id"], follow_ups.complete, Outcome.CONVERSATION)
    await look_again(database)
    found = await told(database, "REPLY_WAITING")
    assert (found["status"], found["because"]) == ("WITHDRAWN", "The reply has been answered.")


async def test_a_mail_of_the_csms_own_answers_a_reply(database: Database) -> None:
    await acme(database)
    await happen(database, *sent(3, 9), report(3, REPLIED))
    answer = report(
        2,
        EventKind.ACCEPTED,
        provider="mail",
        campaign_id=None,
        message_reference="answer@us.example",
        subject="Re: News 3",
        sender="cora@us.example",
        sent_at=NOW - 2 * DAY,
    )
    await happen(database, answer)
    assert await advice(database) == {"REPLY_WAITING Ann": "WITHDRAWN"}


async def test_engagement_that_fades_ends_the_call_for_a_conversation(database: Database) -> None:
    found = await appear(database, "START_CONVERSATION")
    await look_again(database, found["expires_at"] - 4 * DAY)
    assert (await told(database, "START_CONVERSATION"))["because"] == "The engagement has faded."


async def test_a_stranger_who_is_confirmed_need_not_be_met(database: Database) -> None:
    await appear(database, "MEET_STAKEHOLDER")
    await execute(
        database,
        "INSERT INTO stakeholder_address (stakeholder_id, customer_id, address, alias_key, domain) "
        "SELECT id, customer_id, 'dora@acme.com', 'dora@acme.com', 'acme.com' FROM stakeholder "
        "WHERE name = 'Bob Acme'",
    )
    await execute(
        database, "INSERT INTO rematch_queue (kind, value) VALUES ('ADDRESS', 'dora@acme.com')"
    )
    await happen(database)
    found = await told(database, "MEET_STAKEHOLDER")
    assert (found["status"], found["because"]) == (
        "WITHDRAWN",
        "Whose address it is has been decided.",
    )


async def test_a_click_is_not_acted_on_before_it_has_settled(database: Database) -> None:
    await acme(database)
    clicks = [report(9, CLICKED), report(3, CLICKED), report(3, REPLIED)]
    await happen(database, *sent(3, 9), *clicks, is_settled=False)
    assert await advice(database) == {"REPLY_WAITING Ann": "OPEN"}
    await happen(database)
    found = await advice(database)
    assert found == dict.fromkeys(
        ("REPLY_WAITING Ann", "START_CONVERSATION Ann", "SHARE_CONTENT Ann"), "OPEN"
    )


async def test_a_burst_that_is_complete_before_it_has_settled_leaves_no_trace(
    database: Database,
) -> None:
    await acme(database)
    await happen(database, *sent(3, 9), report(9, CLICKED), is_settled=False)
    await happen(database, *burst(9))
    assert await advice(database) == {}


async def test_a_follow_up_under_way_stays_but_for_a_machines_doing(database: Database) -> None:
    silent = await appear(database, "CHECK_IN")
    await follow_up(database, MANAGER, silent["id"], follow_ups.start, now=NOW)
    await happen(database, *CASES["CHECK_IN"].gone)
    assert (await told(database, "CHECK_IN"))["status"] == "STARTED"


async def test_a_reversed_verdict_withdraws_even_what_is_under_way(database: Database) -> None:
    share = await appear(database, "SHARE_CONTENT")
    await follow_up(database, MANAGER, share["id"], follow_ups.start, now=NOW)
    await happen(database, *burst(9))
    found = await told(database, "SHARE_CONTENT")
    assert (found["status"], found["because"]) == ("WITHDRAWN", REVERSED)


async def test_a_snooze_ends_by_time(database: Database) -> None:
    found = await appear(database, "REPLY_WAITING")
    await act(database, found["id"], follow_ups.snooze, NOW + DAY)
    await look_again(database)
    assert (await told(database, "REPLY_WAITING"))["status"] == "SNOOZED"
    async with database.transaction() as connection:
        await pass_time(connection, NOW + DAY)
    found = await told(database, "REPLY_WAITING")
    assert (found["status"], found["snoozed_until"]) == ("OPEN", None)


async def test_a_customer_whose_people_fell_silent_is_a_recommendation_of_its_own(
    database: Database,
) -> None:
    await acme(database)
    everybody = ["ann", "bob", "carla"]
    await happen(database, *sent(*range(70, 4, -10), who=everybody))
    found = await told(database, "CHECK_IN", is_of_customer=True)
    assert (await advice(database))["CHECK_IN"] == "OPEN"
    assert found["reason"] == (
        "All three people reached at Acme have gone silent: find out what has changed."
    )
    assert len(found["evidence"]) == 3
    await happen(database, report(10, OPENED), report(10, OPENED, "bob"))
    assert (await advice(database))["CHECK_IN"] == "WITHDRAWN"


async def test_customers_held_out_get_recommendations_that_nobody_is_told_of(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.recommendation_rows.is_held_out", lambda customer_id, percent: True)
    found = await appear(database, "REPLY_WAITING")
    assert found["is_held_out"] is True
    assert await rows(database, "SELECT * FROM recommendation_feed") == []


async def test_who_takes_over_a_customer_takes_over_its_recommendations(database: Database) -> None:
    found = await appear(database, "REPLY_WAITING")
    assert found["csm_id"] is not None
    await execute(database, "UPDATE customer SET csm_id = NULL")
    assert (await told(database, "REPLY_WAITING"))["csm_id"] is None
