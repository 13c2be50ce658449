"""What is derived of people and customers, from events to stored insights."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.events import EventKind, ReportedEvent
from domain.scoring import contributions, score
from jobs.drain import Drain
from jobs.insight import derive_some
from jobs.nightly import learn_once
from store.database import Database
from store.histories import histories
from store.insight_queue import take_dirty
from store.matching import enqueue_rematch
from store.rebuilding import rebuild
from store.recording import record
from tests.jobs.mail import HUMAN, POLICY, execute, rows
from tests.seeding import Seed
from tests.store.counts import count

NOW = datetime.now(UTC).replace(microsecond=0)
"""The queue goes by the database's clock."""

CLICK = EventKind.CLICKED


def report(days: float, kind: EventKind, who: str = "ann", **changes: Any) -> ReportedEvent:
    at = NOW - timedelta(days=days)
    values: dict[str, Any] = {
        "provider": "sendgrid",
        "kind": kind,
        "occurred_at": at,
        "address": f"{who}@acme.com",
        "campaign_id": f"c{int(days)}",
        "user_agent": HUMAN,
        "url": "https://a.example/1" if kind is CLICK else None,
    }
    return ReportedEvent(**(values | changes))


async def directory(database: Database) -> None:
    async with database.connection() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme", segment="startup")
        for name in ("ann", "bob"):
            await seed.stakeholder(acme, f"{name}@acme.com")
        for days in range(1, 100):
            await seed.campaign(f"C{days}", external_id=f"c{days}", is_declared=True, sent_at=None)


async def settle(database: Database, *events: ReportedEvent) -> None:
    """Record, project, and derive at once what is due within the next seconds."""
    await record(database, events, NOW, POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    await execute(
        database, "UPDATE insight_queue SET due_at = now() - interval '1 s' WHERE NOT is_settling"
    )
    await count(database)
    while await derive_some(database, NOW):
        pass


MAILED = [report(days, EventKind.DELIVERED, who) for days in (40, 30, 20) for who in ("ann", "bob")]

INSIGHT = (
    "SELECT delivered, last_engaged_at, dark_at, cardinality(act_hours), known_sends, mass > 0 "
    "FROM stakeholder_insight ORDER BY stakeholder_id"
)


async def test_what_people_do_becomes_their_insight_and_their_customers(database: Database) -> None:
    await directory(database)
    await settle(database, *MAILED, report(20, CLICK, occurred_at=NOW - timedelta(days=19)))
    clicked = NOW - timedelta(days=19)
    assert await rows(database, INSIGHT) == [
        (3, clicked, None, 2, 3, True),
        (3, None, NOW - timedelta(days=40) + timedelta(days=60), 0, 3, False),
    ]
    (customer,) = await rows(database, "SELECT delivered, last_engaged_at, dark_at FROM customer")
    assert customer == (6, clicked, clicked + timedelta(days=60))


async def test_the_stored_sum_is_that_of_the_score(database: Database) -> None:
    await directory(database)
    await settle(database, *MAILED, report(20, CLICK), report(20, EventKind.REPLIED))
    async with database.connection() as connection:
        addresses = await connection.fetch("SELECT id FROM address ORDER BY id")
        owners = {row[0]: [number] for number, row in enumerate(addresses)}
        found = await histories(connection, owners, NOW)
        stored = await connection.fetch(
            "SELECT mass FROM stakeholder_insight ORDER BY stakeholder_id"
        )
        (mass,) = await connection.fetchrow("SELECT mass FROM customer")
    masses = [score(contributions(found[n]), 3, NOW).mass for n in (0, 1)]
    assert [row[0] for row in stored] == masses
    assert mass == pytest.approx(sum(masses))


async def test_a_click_settles_before_anything_acts_on_it(database: Database) -> None:
    await directory(database)
    await settle(database, *MAILED)
    await record(database, [report(20, CLICK)], NOW, POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    waiting = "SELECT is_settling, count(*) FROM insight_queue GROUP BY 1 ORDER BY 1"
    assert await rows(database, waiting) == [(False, 1), (True, 1)]


async def test_what_is_noted_of_an_address_is_taken_together_but_for_what_has_to_settle(
    database: Database,
) -> None:
    await directory(database)
    await settle(database, *MAILED)
    for minute, kind in ((20, CLICK), (21, EventKind.OPENED), (22, EventKind.OPENED)):
        await record(database, [report(minute, kind)], NOW, POLICY)
        await Drain(database, POLICY, ring=lambda: None).until(0)
    waiting = "SELECT is_settling, count(*) FROM insight_queue GROUP BY 1 ORDER BY 1"
    assert await rows(database, waiting) == [(False, 3), (True, 1)]
    await execute(
        database,
        "UPDATE insight_queue SET due_at = now() - interval '1 s' "
        "WHERE id = (SELECT min(id) FROM insight_queue WHERE NOT is_settling)",
    )
    async with database.transaction() as connection:
        dirty = await take_dirty(connection)
    assert list(dirty.addresses.values()) == [False]
    assert await rows(database, waiting) == [(True, 1)]


async def test_an_address_that_becomes_somebody_elses_takes_its_insight_along(
    database: Database,
) -> None:
    await directory(database)
    await settle(database, *MAILED, report(20, CLICK))
    await execute(
        database,
        "UPDATE stakeholder_address SET stakeholder_id = (SELECT max(id) FROM stakeholder)",
    )
    async with database.transaction() as connection:
        await enqueue_rematch(connection, addresses=["ann@acme.com"])
    await settle(database)
    found = await rows(database, INSIGHT)
    assert [(row[0], row[5]) for row in found] == [(6, True)]


async def test_an_insight_that_is_not_what_the_history_makes_it_is_found_and_mended(
    database: Database,
) -> None:
    await directory(database)
    await settle(database, *MAILED, report(20, CLICK), report(20, EventKind.REPLIED))
    await execute(database, "DELETE FROM insight_queue")
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []
    await execute(database, "UPDATE stakeholder_insight SET mass = mass + 1e-9 WHERE mass > 0")
    for is_check in (True, False):
        found = await rebuild(database, POLICY, is_check=is_check, report=lambda *_: None)
        assert [difference.table for difference in found] == ["stakeholder_insight"]
    await settle(database)
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_a_day_begins_whole_or_not_at_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await directory(database)
    await settle(database, *MAILED, report(20, CLICK))
    monkeypatch.setattr("jobs.nightly.LEAST_PEOPLE", 2)

    def fail(*_: object) -> None:
        raise RuntimeError("no more")

    with monkeypatch.context() as broken:
        broken.setattr("jobs.nightly.note_everybody", fail)
        with pytest.raises(RuntimeError):
            await learn_once(database, NOW)
    assert await rows(database, "SELECT kind FROM prior") == []
    assert await learn_once(database, NOW)


async def test_a_day_begins_with_what_everybody_does(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await directory(database)
    await settle(database, *MAILED, report(20, CLICK))
    assert not await learn_once(database, NOW)
    monkeypatch.setattr("jobs.nightly.LEAST_PEOPLE", 2)
    assert await learn_once(database, NOW)
    assert not await learn_once(database, NOW)
    priors = await rows(database, "SELECT kind, as_of FROM prior ORDER BY kind")
    assert priors == [(kind, NOW.date()) for kind in ("ACTION", "OPEN", "RHYTHM")]
    assert await rows(database, "SELECT count(*) FROM insight_queue WHERE stakeholder_id > 0") == [
        (2,)
    ]
    await settle(database)
    assert (await rows(database, INSIGHT))[0][:2] == (3, NOW - timedelta(days=20))
