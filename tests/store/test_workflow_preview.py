"""What a preview says of the past is what the workflow does when it lives through it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from domain.conditions import parse
from domain.events import EventKind, ReportedEvent
from domain.workflows import plan
from jobs.drain import Drain
from jobs.insight import derive_some
from store.database import Database
from store.recording import record
from store.workflow_due import note_everybody
from store.workflow_preview import preview
from store.workflows import insert_workflow
from tests.jobs.mail import HUMAN, POLICY, execute, rows
from tests.seeding import MANAGER, Seed

DAY = timedelta(days=1)
END = datetime.now(UTC).replace(microsecond=0)
"""The queue goes by the database's clock."""

SINCE = END - 45 * DAY
"""When the workflows are turned on."""

PEOPLE = ("ann", "bob", "eve", "joe")
SENDS = range(4, 85, 8)
"""So many days ago a campaign went out."""

CONDITIONS: dict[str, tuple[Any, int]] = {
    "engaged": ({"levels": ["HIGH"]}, 30),
    "came back": (
        {"happened": {"kind": "CLICKED", "atLeast": 2, "withinDays": 30, "urlPattern": "*"}}, 30,
    ),
    "wants no more": (
        {"any": [{"happened": {"kind": "UNSUBSCRIBED", "atLeast": 1, "withinDays": 90}},
                 {"happened": {"kind": "COMPLAINED", "atLeast": 1, "withinDays": 90}}]}, 90,
    ),
    "quiet": ({"any": [{"unansweredSends": 3}, {"silentForDays": 20}]}, 14),
    "cooled": (
        {"all": [{"levels": ["LOW", "MEDIUM"]},
                 {"not": {"happened": {"kind": "OPENED", "atLeast": 1, "withinDays": 9}}},
                 {"segments": ["startup"]}]}, 7,
    ),
}  # fmt: skip
"""The workflows that everybody begins with, and two more: conditions, and windows in days."""


def report(at: datetime, kind: EventKind, who: str, send: int, link: int = 0) -> ReportedEvent:
    return ReportedEvent(
        provider="sendgrid",
        kind=kind,
        occurred_at=at,
        address=f"{who}@acme.com",
        campaign_id=f"c{send}",
        message_reference=f"m{send}-{who}",
        user_agent=HUMAN,
        url=f"https://a.example/{link}" if kind is EventKind.CLICKED else None,
    )


def story() -> list[ReportedEvent]:
    """Three months: Ann does much, Bob ever less, Eve leaves, Joe does nothing."""
    chance, told = Random(11), list[ReportedEvent]()
    for send in SENDS:
        for who in PEOPLE:
            at = END - send * DAY + timedelta(minutes=chance.randrange(600))
            told.append(report(at, EventKind.DELIVERED, who, send))
            willing = {"ann": 0.9, "bob": send / 90, "eve": 0.4, "joe": 0.0}[who]
            for kind in (EventKind.OPENED, EventKind.CLICKED, EventKind.REPLIED):
                if chance.random() < willing:
                    at += timedelta(hours=chance.randrange(1, 20))
                    told.append(report(at, kind, who, send, chance.randrange(3)))
    told.append(report(END - 19 * DAY, EventKind.UNSUBSCRIBED, "eve", 20))
    told.append(report(END - 18 * DAY, EventKind.COMPLAINED, "eve", 20))
    return sorted(told, key=lambda event: event.occurred_at)


async def live_through(database: Database, told: Sequence[ReportedEvent], until: datetime) -> None:
    """Each event comes as it happens, each click settled; whoever is due by time alone is judged
    at that time."""
    waiting = list(told)
    while True:
        ((due,),) = await rows(database, "SELECT min(due_at) FROM workflow_due")
        times = [at for at in (due, waiting[0].occurred_at if waiting else None) if at is not None]
        if not times or (now := min(times)) > until:
            return
        come = [waiting.pop(0) for _ in range(sum(e.occurred_at == now for e in waiting))]
        await live(database, come, now)


async def live(database: Database, come: Iterable[ReportedEvent], now: datetime) -> None:
    await record(database, list(come), now, POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    while True:
        await execute(database, "UPDATE insight_queue SET due_at = now() - interval '1 s'")
        if not await derive_some(database, now):
            return


async def turn_on(database: Database) -> dict[str, int]:
    ids = {}
    async with database.transaction() as connection:
        for name, (condition, window) in CONDITIONS.items():
            given = {
                "name": name,
                "enabled": True,
                "condition": condition,
                "windowDays": window,
                "actions": [{"recommend": {"reason": "Call."}}],
            }
            row = await insert_workflow(connection, plan(given), by="Mia", now=SINCE)
            ids[name] = row.id
        while await note_everybody(connection):
            pass
        # Everybody is to be judged at once, by the database's clock.
        await connection.execute("UPDATE workflow_due SET due_at = $1", SINCE)
    return ids


async def previewed(database: Database, name: str) -> list[tuple[Any, ...]]:
    condition, window = CONDITIONS[name]
    async with database.connection() as connection:
        found = await preview(
            connection, MANAGER, parse(condition), window * DAY, since=SINCE, until=END
        )
    assert (found.looked_at, found.times) == (len(PEOPLE), len(found.shown))
    return sorted(
        (w.firing.at, w.stakeholder_id, list(w.firing.reasons), [d.key for d in w.firing.evidence])
        for w in found.shown
    )


async def ran(database: Database, workflow_id: int) -> list[tuple[Any, ...]]:
    found = await rows(
        database,
        "SELECT fired_at, stakeholder_id, reasons, evidence FROM workflow_run "
        f"WHERE workflow_id = {workflow_id} AND withdrawn_at IS NULL",
    )
    return sorted(
        (at, who, reasons, [bytes.fromhex(key) for _, key in evidence])
        for at, who, reasons, evidence in found
    )


async def test_a_preview_says_what_the_workflow_does(database: Database) -> None:
    async with database.connection() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme", segment="startup")
        for name in PEOPLE:
            await seed.stakeholder(acme, f"{name}@acme.com", name=name.title())
        for send in SENDS:
            await seed.campaign(f"News {send}", external_id=f"c{send}", is_declared=True)
    told = story()
    before = [event for event in told if event.occurred_at <= SINCE]
    await live_through(database, before, SINCE)
    ids = await turn_on(database)
    await live_through(database, told[len(before) :], END)

    said = {name: await previewed(database, name) for name in CONDITIONS}
    done = {name: await ran(database, ids[name]) for name in CONDITIONS}

    assert said == done
    assert all(said.values()), said
