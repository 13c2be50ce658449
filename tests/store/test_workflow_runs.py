"""Workflows at work: from reported events to what they do, and what is taken back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import DomainError
from domain.events import EventKind, ReportedEvent
from domain.workflows import plan
from jobs.drain import Drain
from jobs.insight import derive_some
from store.database import Database
from store.recording import record
from store.workflow_due import note_everybody
from store.workflows import (
    delete_workflow,
    insert_workflow,
    update_workflow,
)
from tests.jobs.mail import HUMAN, POLICY, execute, rows
from tests.seeding import Seed

NOW = datetime.now(UTC).replace(microsecond=0)
"""The queue goes by the database's clock."""

CLICK, DELIVERED = EventKind.CLICKED, EventKind.DELIVERED

CLICKED = {"happened": {"kind": "CLICKED", "atLeast": 1, "withinDays": 30}}
RECOMMEND = {
    "recommend": {
        "reason": "Call {stakeholder} of {customer}.",
        "talkingPoints": ["{customer} has a plan."],
    }
}


def report(days: float, kind: EventKind, who: str = "ann", **changes: Any) -> ReportedEvent:
    values: dict[str, Any] = {
        "provider": "sendgrid",
        "kind": kind,
        "occurred_at": NOW - timedelta(days=days),
        "address": f"{who}@acme.com",
        "campaign_id": "spring",
        "message_reference": f"m-{who}",
        "user_agent": HUMAN,
        "url": "https://a.example/1" if kind is CLICK else None,
    }
    return ReportedEvent(**(values | changes))


async def directory(database: Database) -> None:
    async with database.connection() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme", segment="startup")
        for name in ("ann", "bob"):
            await seed.stakeholder(acme, f"{name}@acme.com", name=name.title())
        await seed.campaign(
            "Spring", external_id="spring", is_declared=True, sent_at=None, topics=["plans"]
        )


async def derive_all(database: Database, now: datetime = NOW) -> None:
    await execute(database, "UPDATE insight_queue SET due_at = now() - interval '1 s'")
    while await derive_some(database, now):
        await execute(database, "UPDATE insight_queue SET due_at = now() - interval '1 s'")


async def happen(database: Database, *events: ReportedEvent, now: datetime = NOW) -> None:
    """Record, project and derive, all clicks settled."""
    await record(database, events, now, POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    await derive_all(database, now)


async def workflow(database: Database, condition: Any, *actions: Any, **changes: Any) -> int:
    given = {
        "name": "Clicked",
        "enabled": True,
        "condition": condition,
        "actions": list(actions) or [RECOMMEND],
    }
    async with database.transaction() as connection:
        row = await insert_workflow(connection, plan(given | changes), by="Mia", now=NOW)
    return row.id


async def endpoint(database: Database, url: str = "https://hooks.example/") -> int:
    async with database.connection() as connection:
        return await Seed(connection)._insert("webhook_endpoint", name="CRM", url=url, nonces=[])


RUNS = (
    "SELECT s.name, n.reasons, n.fired_at, n.withdrawn_at IS NOT NULL FROM workflow_run n "
    "JOIN stakeholder s ON s.id = n.stakeholder_id ORDER BY n.id"
)
CUSTOM = (
    "SELECT status, reason, is_risk, due_at, talking_points->>0, because FROM recommendation "
    "WHERE kind = 'CUSTOM' ORDER BY id"
)
DELIVERIES = "SELECT type, status, body FROM webhook_delivery ORDER BY id"


async def test_a_workflow_fires_for_whom_its_condition_comes_to_hold(database: Database) -> None:
    await directory(database)
    await workflow(database, CLICKED, RECOMMEND, {"setDueDate": {"days": 3}})

    await happen(database, *(report(9, DELIVERED, who) for who in ("ann", "bob")), report(8, CLICK))

    assert await rows(database, RUNS) == [("Ann", ["1 × CLICKED within 30 days"], NOW, False)]
    assert await rows(database, CUSTOM) == [
        (
            "OPEN",
            "Call Ann of Acme.",
            False,
            NOW + timedelta(days=3),
            "Acme has a plan.",
            None,
        )
    ]
    (evidence,) = await rows(
        database,
        "SELECT e.kind, r.evidence->0->>1, n.recommendation_id = r.id FROM workflow_run n "
        "JOIN event e ON e.fact_on = (n.evidence->0->>0)::date "
        "AND encode(e.key, 'hex') = n.evidence->0->>1 "
        "JOIN recommendation r ON r.workflow_id = n.workflow_id",
    )
    assert evidence == ("CLICKED", "CLICKED", True)


async def test_everybody_is_noted_in_slices_when_a_workflow_is_turned_on(
    database: Database,
) -> None:
    await directory(database)
    who = ("ann", "bob")
    await happen(
        database, *(report(9, DELIVERED, w) for w in who), *(report(8, CLICK, w) for w in who)
    )
    id_ = await workflow(database, CLICKED)
    due, far = (
        "SELECT stakeholder_id FROM workflow_due ORDER BY 1",
        "SELECT noted_after FROM workflow",
    )
    assert (await rows(database, due), await rows(database, far + f" WHERE id = {id_}")) == (
        [],
        [(0,)],
    )

    slices = []
    for _ in range(4):
        async with database.transaction() as connection:
            slices.append(await note_everybody(connection, 1))

    assert slices == [True, True, True, False]
    assert await rows(database, due) == [(1,), (2,)]
    assert await rows(database, far + f" WHERE id = {id_}") == [(None,)]
    await derive_all(database, NOW + timedelta(days=1))
    assert [row[0] for row in await rows(database, RUNS)] == ["Ann", "Bob"]


async def test_nobody_is_noted_for_a_workflow_that_was_turned_off_again(database: Database) -> None:
    await directory(database)
    await happen(database, report(9, DELIVERED), report(8, CLICK))
    id_ = await workflow(database, CLICKED)
    async with database.transaction() as connection:
        await delete_workflow(connection, id_, by="Mia", now=NOW)
        assert not await note_everybody(connection)
    assert await rows(database, "SELECT count(*) FROM workflow_due") == [(0,)]


async def test_it_fires_once_in_its_window_and_again_after_it(database: Database) -> None:
    await directory(database)
    await workflow(database, CLICKED, windowDays=10)
    await happen(database, report(9, DELIVERED), report(8, CLICK))
    await happen(database, report(7, CLICK, url="https://a.example/2"))
    assert len(await rows(database, RUNS)) == 1
    (due,) = await rows(database, "SELECT due_at FROM workflow_due")
    assert due == (NOW + timedelta(days=10),)

    later = NOW + timedelta(days=10)
    await derive_all(database, later)
    await derive_some(database, later)

    assert [row[2] for row in await rows(database, RUNS)] == [NOW, later]
    assert len(await rows(database, CUSTOM)) == 1


async def test_nothing_fires_while_a_click_may_be_a_machines(database: Database) -> None:
    await directory(database)
    await workflow(database, CLICKED)
    await record(database, [report(9, DELIVERED), report(8, CLICK)], NOW, POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    await execute(
        database, "UPDATE insight_queue SET due_at = now() - interval '1 s' WHERE NOT is_settling"
    )
    while await derive_some(database, NOW):
        pass
    assert await rows(database, RUNS) == []

    await derive_all(database)

    assert len(await rows(database, RUNS)) == 1


async def test_silence_fires_by_time_alone(database: Database) -> None:
    await directory(database)
    await workflow(database, {"silentForDays": 60}, {"raiseRisk": {"reason": "{stakeholder}?"}})
    await happen(database, report(20, DELIVERED))
    assert await rows(database, RUNS) == []
    assert await rows(database, "SELECT due_at FROM workflow_due") == [(NOW + timedelta(days=40),)]

    then = NOW + timedelta(days=40)
    assert await derive_some(database, then) == 1

    assert await rows(database, RUNS) == [("Ann", ["nothing done for 60 days"], then, False)]
    assert [row[:3] for row in await rows(database, CUSTOM)] == [("OPEN", "Ann?", True)]


BURST = [
    report(8, CLICK, url="https://a.example/2"),
    report(8, CLICK, url="https://a.example/3"),
]
"""With the first click: three links within a second."""


async def test_a_verdict_reversed_takes_back_what_was_done(database: Database) -> None:
    await directory(database)
    hook = await endpoint(database)
    await workflow(database, CLICKED, RECOMMEND, {"callWebhook": {"endpointId": hook}})
    await happen(database, report(9, DELIVERED), report(8, CLICK))
    await execute(database, "UPDATE webhook_delivery SET status = 'DELIVERED', attempts = 1, "
                  "ended_at = now()")  # fmt: skip

    await happen(database, *BURST)

    assert [row[3] for row in await rows(database, RUNS)] == [True]
    ((status, *_, because),) = await rows(database, CUSTOM)
    assert (status, because) == (
        "WITHDRAWN",
        "What it rested on turned out to be a machine’s doing.",
    )
    told = await rows(database, DELIVERIES)
    assert [row[:2] for row in told] == [
        ("workflow.fired", "DELIVERED"),
        ("workflow.withdrawn", "PENDING"),
    ]
    fired, withdrawn = (json.loads(row[2])["data"] for row in told)
    assert fired["id"] == withdrawn["id"]


async def test_what_has_not_gone_out_when_it_is_taken_back_never_does(database: Database) -> None:
    await directory(database)
    hook = await endpoint(database)
    await workflow(database, CLICKED, {"callWebhook": {"endpointId": hook}})
    await happen(database, report(9, DELIVERED), report(8, CLICK))

    await happen(database, *BURST)

    assert [row[:2] for row in await rows(database, DELIVERIES)] == [
        ("workflow.fired", "CANCELLED")
    ]


async def test_after_it_was_taken_back_a_persons_click_fires_it_again(database: Database) -> None:
    await directory(database)
    await workflow(database, CLICKED, windowDays=90)
    await happen(database, report(9, DELIVERED), report(8, CLICK))
    await happen(database, *BURST)

    await happen(database, report(2, CLICK, url="https://a.example/4"))

    assert [row[3] for row in await rows(database, RUNS)] == [True, False]
    assert [row[0] for row in await rows(database, CUSTOM)] == ["WITHDRAWN", "OPEN"]


async def test_a_webhook_is_told_who_what_and_why(database: Database) -> None:
    await directory(database)
    hook = await endpoint(database)
    await workflow(database, CLICKED, RECOMMEND, {"callWebhook": {"endpointId": hook}})
    await happen(database, report(9, DELIVERED), report(8, CLICK))

    ((type_, status, body),) = await rows(database, DELIVERIES)

    told = json.loads(body)
    assert (type_, status, told["type"]) == ("workflow.fired", "PENDING", "workflow.fired")
    assert told["timestamp"] == NOW.isoformat().replace("+00:00", "Z")
    told = told["data"]
    assert told["workflow"]["name"] == "Clicked"
    assert told["customer"]["externalId"] == "acme"
    assert told["stakeholder"]["name"] == "Ann"
    assert told["reasons"] == ["1 × CLICKED within 30 days"]
    assert len(told["eventIds"]) == 1
    assert told["recommendationId"]


async def test_a_customer_held_out_gets_a_run_but_no_call(database: Database) -> None:
    await directory(database)
    hook = await endpoint(database)
    await workflow(database, CLICKED, RECOMMEND, {"callWebhook": {"endpointId": hook}})
    await record(database, [report(9, DELIVERED), report(8, CLICK)], NOW, POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    await execute(database, "UPDATE insight_queue SET due_at = now() - interval '1 s'")
    from dataclasses import replace

    assert await derive_some(database, NOW, replace(POLICY, holdout_percent=100))

    assert len(await rows(database, RUNS)) == 1
    assert await rows(database, DELIVERIES) == []
    assert await rows(database, "SELECT is_held_out FROM recommendation WHERE kind = 'CUSTOM'") == [
        (True,)
    ]


async def test_a_workflow_turned_on_is_judged_for_everybody(database: Database) -> None:
    await directory(database)
    await happen(database, *(report(9, DELIVERED, who) for who in ("ann", "bob")))
    await workflow(database, {"unansweredSends": 1})

    while await derive_some(database, datetime.now(UTC)):
        pass
    await derive_all(database, datetime.now(UTC))

    assert [row[0] for row in await rows(database, RUNS)] == ["Ann", "Bob"]


async def test_one_that_is_off_or_deleted_does_nothing(database: Database) -> None:
    await directory(database)
    await workflow(database, CLICKED, enabled=False)
    gone = await workflow(database, CLICKED)
    async with database.transaction() as connection:
        await delete_workflow(connection, gone, by="Mia", now=NOW)

    await happen(database, report(9, DELIVERED), report(8, CLICK))

    assert await rows(database, RUNS) == []


async def test_two_who_evaluate_at_once_cannot_both_fire(database: Database) -> None:
    await directory(database)
    await workflow(database, CLICKED)
    await happen(database, report(9, DELIVERED), report(8, CLICK))
    async with database.connection() as connection:
        with pytest.raises(Exception, match="workflow_run_workflow_id_stakeholder_id_follows_id"):
            await connection.execute(
                "INSERT INTO workflow_run (workflow_id, version, customer_id, stakeholder_id, "
                "follows_id, fired_at, condition, segment, reasons, evidence) SELECT workflow_id, "
                "version, customer_id, stakeholder_id, follows_id, now(), condition, segment, "
                "reasons, evidence FROM workflow_run"
            )


async def test_a_change_of_what_was_changed_meanwhile_is_refused(database: Database) -> None:
    await directory(database)
    made = await workflow(database, CLICKED)
    given = {"name": "New", "condition": CLICKED, "actions": [RECOMMEND]}

    async def change(version: int | None) -> int:
        async with database.transaction() as connection:
            row = await update_workflow(
                connection, made, plan(given), version=version, by="Mia", now=NOW
            )
        return row.version

    assert await change(1) == 2
    with pytest.raises(DomainError) as refused:
        await change(1)
    assert (refused.value.code, refused.value.field) == ("CONFLICT", ("version",))
    assert await change(None) == 3
    assert await rows(database, "SELECT action, subject FROM audit WHERE actor = 'Mia'") == [
        ("CREATE_WORKFLOW", f"Workflow:{made}"),
        ("UPDATE_WORKFLOW", f"Workflow:{made}"),
        ("UPDATE_WORKFLOW", f"Workflow:{made}"),
    ]


async def test_a_webhook_that_is_not_there_cannot_be_called(database: Database) -> None:
    with pytest.raises(DomainError) as refused:
        await workflow(database, CLICKED, {"callWebhook": {"endpointId": 7}})
    assert refused.value.code == "UNKNOWN_ENDPOINT"
    assert await rows(database, "SELECT id FROM workflow") == []
