"""Counters: exact against a recount, whatever happened, in whatever order, however often."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from domain.events import BounceClass, EventKind, ReportedEvent
from jobs.counting import count_some, keep_counting
from store.counting import LOCK, SLOTS, count_slot
from store.database import Database
from store.matching import enqueue_rematch
from store.payloads import is_behind
from store.rebuilding import rebuild
from store.recording import record
from tests.conftest import EMPTY
from tests.jobs.mail import HUMAN, NOW, POLICY, drain_of, execute, queue, rows
from tests.seeding import Seed
from tests.store.counts import count, counters, differences

SENT = NOW - timedelta(hours=6)


async def directory(database: Database) -> None:
    """Acme of Ann's portfolio, in New York; Globex of Bob's; a consultant who works for both."""
    async with database.connection() as connection:
        seed = Seed(connection)
        ann, bob = await seed.csm("Ann"), await seed.csm("Bob")
        acme = await seed.customer("Acme", ann, segment="large", timezone="America/New_York")
        globex = await seed.customer("Globex", bob)
        await seed.stakeholder(acme, "a@acme.com")
        await seed.stakeholder(acme, "both@partner.com", timezone="Asia/Tokyo")
        await seed.stakeholder(globex, "g@globex.com")
        await seed.stakeholder(globex, "both@partner.com")
        for name in ("spring", "summer"):
            await seed.campaign(name, external_id=name, is_declared=True, sent_at=None)


def report(kind: EventKind, to: str = "a@acme.com", **changes: Any) -> ReportedEvent:
    at = SENT + timedelta(minutes=changes.pop("minutes", 0))
    values: dict[str, Any] = {
        "provider": "sendgrid",
        "kind": kind,
        "occurred_at": at,
        "address": to,
        "campaign_id": "spring",
        "user_agent": HUMAN,
        "url": "https://us.example/1" if kind is EventKind.CLICKED else None,
    }
    return ReportedEvent(**(values | changes))


async def happen(database: Database, *events: ReportedEvent) -> None:
    if events:
        await record(database, events, NOW, POLICY)
    for _ in range(2):
        await drain_of(database).until(0)


async def part(database: Database, name: str, campaign: str = "spring") -> tuple[Any, ...]:
    """Recipients, unmatched, delivered, human and machine openers, human clickers, hard bounces,
    human opens and clicks of a part."""
    found = [row[2:] for row in (await counters(database))["parts"] if row[:2] == (campaign, name)]
    return found[0] if found else ()


async def test_a_recipient_counts_once_in_all_and_once_for_each_owner(database: Database) -> None:
    await directory(database)
    await happen(
        database,
        report(EventKind.DELIVERED),
        report(EventKind.OPENED, minutes=30),
        report(EventKind.CLICKED, minutes=45),
        report(EventKind.DELIVERED, "both@partner.com"),
        report(EventKind.DELIVERED, "x@unknown.example"),
        report(EventKind.BOUNCED, "g@globex.com", bounce=BounceClass.HARD),
    )
    await count(database)

    assert await part(database, "all") == (4, 1, 3, 1, 0, 1, 1, 1, 1)
    assert await part(database, "csm/1") == (2, 0, 2, 1, 0, 1, 0, 1, 1)
    assert await part(database, "csm/2") == (2, 0, 1, 0, 0, 0, 1, 0, 0)
    assert await part(database, "customer/1") == (2, 0, 2, 1, 0, 1, 0, 1, 1)
    assert await part(database, "segment/large") == (2, 0, 2, 1, 0, 1, 0, 1, 1)
    assert await part(database, "segment/") == (2, 0, 1, 0, 0, 0, 1, 0, 0)
    assert await part(database, "share/1/large") == (2, 0, 2, 1, 0, 1, 0, 1, 1)
    assert await differences(database) == []


async def test_hours_are_those_of_the_recipients_own_zone(database: Database) -> None:
    """Sunday 2026-11-22, 06:30 UTC is 01:30 in New York and 15:30 in Tokyo."""
    await directory(database)
    await happen(
        database,
        report(EventKind.DELIVERED),
        report(EventKind.OPENED, minutes=30),
        report(EventKind.OPENED, "both@partner.com", minutes=30),
        report(EventKind.OPENED, "g@globex.com", minutes=30),
    )
    await count(database)

    sunday = 6 * 24
    bins = (await counters(database))["bins"]
    assert [b for b in bins if b[1:3] == ("all", "OPEN_HOUR")] == [
        ("spring", "all", "OPEN_HOUR", sunday + 1, 1),
        ("spring", "all", "OPEN_HOUR", sunday + 15, 1),
    ]
    # 30 minutes lie between 2^10.75 and 2^11 seconds; nobody told when the others' arrived.
    assert [b for b in bins if b[1:3] == ("all", "OPEN_DELAY")] == [
        ("spring", "all", "OPEN_DELAY", 43, 1)
    ]


async def test_a_zone_that_postgresql_does_not_know_stops_nothing(database: Database) -> None:
    await directory(database)
    await execute(database, "UPDATE customer SET timezone = 'Mars/Olympus'")
    await happen(database, report(EventKind.OPENED, minutes=30))
    await count(database)

    assert await part(database, "all") == (1, 0, 1, 1, 0, 0, 0, 1, 0)
    assert (await counters(database))["bins"] == []
    assert await differences(database) == []


async def test_clicks_are_counted_by_link(database: Database) -> None:
    await directory(database)
    await happen(
        database,
        report(EventKind.CLICKED, minutes=3),
        report(EventKind.CLICKED, minutes=9),
        report(EventKind.CLICKED, minutes=20, url="https://us.example/2"),
        report(EventKind.CLICKED, "g@globex.com", is_machine=True),
    )
    await count(database)

    links = (await counters(database))["links"]
    assert [link[1:] for link in links if link[1] in ("all", "csm/2")] == [
        ("all", "https://us.example/1", 1, 1, 2, 1),
        ("all", "https://us.example/2", 1, 0, 1, 0),
        ("csm/2", "https://us.example/1", 0, 1, 0, 1),
    ]


async def test_a_match_that_comes_later_moves_the_counts(database: Database) -> None:
    await directory(database)
    await happen(database, report(EventKind.OPENED, "new@late.com"))
    await count(database)
    assert await part(database, "all") == (1, 1, 1, 1, 0, 0, 0, 1, 0)

    async with database.connection() as connection:
        await Seed(connection).domain(1, "late.com")
        await enqueue_rematch(connection, domains=["late.com"])
    await happen(database)
    await count(database)

    assert await part(database, "all") == (1, 0, 1, 1, 0, 0, 0, 1, 0)
    assert await part(database, "csm/1") == (1, 0, 1, 1, 0, 0, 0, 1, 0)
    assert await differences(database) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE customer SET csm_id = 2 WHERE id = 1",
        "UPDATE customer SET csm_id = NULL, segment = 'small' WHERE id = 1",
        "UPDATE stakeholder SET timezone = 'Europe/Paris'",
        "DELETE FROM stakeholder WHERE id = 2",
        "DELETE FROM customer WHERE id = 1",
        "DELETE FROM address WHERE address = 'both@partner.com'",
        "DELETE FROM campaign WHERE external_id = 'spring'",
    ],
)
async def test_counts_follow_their_owners(database: Database, change: str) -> None:
    await directory(database)
    await happen(
        database,
        report(EventKind.OPENED),
        report(EventKind.CLICKED, "both@partner.com"),
        report(EventKind.OPENED, campaign_id="summer"),
    )
    await count(database)
    before = await counters(database)

    await execute(database, change)
    await count(database)

    assert await counters(database) != before
    assert [d for d in await differences(database) if "count" in d.table] == []
    assert await rows(
        database,
        "SELECT count(*) FROM counted c WHERE NOT EXISTS "
        "(SELECT FROM recipient r WHERE r.id = c.recipient_id)",
    ) == [(0,)]


async def test_a_link_that_nobody_followed_who_is_left_is_forgotten(database: Database) -> None:
    """It may have named whoever was erased."""
    await directory(database)
    await happen(database, report(EventKind.CLICKED, url="https://us.example/?to=a@acme.com"))
    await count(database)
    assert (await counters(database))["links"]

    await execute(database, "DELETE FROM address WHERE address = 'a@acme.com'")
    await count(database)

    assert await rows(database, "SELECT * FROM campaign_link_counter") == []
    assert await rows(database, "SELECT * FROM counted") == []


async def test_a_worker_that_dies_halfway_has_counted_nothing(database: Database) -> None:
    await directory(database)
    await happen(database, report(EventKind.OPENED))
    waiting = await rows(database, "SELECT * FROM counting_queue ORDER BY 1")

    async with database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        for slot in range(SLOTS):
            await count_slot(connection, slot)
        await transaction.rollback()
    assert await rows(database, "SELECT * FROM counting_queue ORDER BY 1") == waiting
    assert await part(database, "all") == ()

    await count(database)
    assert await part(database, "all") == (1, 0, 1, 1, 0, 0, 0, 1, 0)


async def test_nobody_waits_for_a_slot_that_another_worker_has(database: Database) -> None:
    await directory(database)
    await happen(database, report(EventKind.OPENED))
    async with database.transaction() as other:
        await other.execute(
            "SELECT pg_advisory_xact_lock($1, n) FROM generate_series(0, 3) n", LOCK
        )
        async with asyncio.timeout(20):
            assert await count_some(database) == 0
    assert await count_some(database) > 0


async def test_what_comes_in_goes_before_counting_it(database: Database) -> None:
    await directory(database)
    async with database.connection() as connection:
        assert not await is_behind(connection)
    await queue(database)
    await execute(database, "UPDATE payload SET received_at = now()")
    async with database.connection() as connection:
        assert not await is_behind(connection)
        await connection.execute("UPDATE payload SET received_at = now() - interval '2 seconds'")
        assert await is_behind(connection)


async def test_a_worker_counts_by_itself(database: Database) -> None:
    await directory(database)
    await happen(database, report(EventKind.OPENED))
    worker = asyncio.create_task(keep_counting(database))
    try:
        async with asyncio.timeout(20):
            while await part(database, "all") == ():
                await asyncio.sleep(0.02)
    finally:
        worker.cancel()
    assert await part(database, "all") == (1, 0, 1, 1, 0, 0, 0, 1, 0)


async def test_a_recount_finds_what_is_wrong_and_mends_it(database: Database) -> None:
    await directory(database)
    await happen(database, report(EventKind.OPENED), report(EventKind.CLICKED, "g@globex.com"))
    await count(database)
    right = await counters(database)
    await execute(database, "UPDATE campaign_counter SET delivered = 7 WHERE part = 'csm/1'")
    await execute(database, "DELETE FROM campaign_bin_counter")
    await execute(database, "UPDATE counted SET opens_human = 3 WHERE recipient_id = 1")

    found = await differences(database)
    assert {(d.table, d.what) for d in found} == {
        ("counted", "counted otherwise"),
        ("campaign_counter", "counters of parts, hours and delays"),
    }
    await rebuild(database, POLICY, is_check=False, report=lambda *_: None)

    assert await differences(database) == []
    assert await counters(database) == right


KINDS = (
    EventKind.ACCEPTED,
    EventKind.DELIVERED,
    EventKind.OPENED,
    EventKind.OPENED,
    EventKind.CLICKED,
    EventKind.CLICKED,
    EventKind.BOUNCED,
    EventKind.UNSUBSCRIBED,
    EventKind.COMPLAINED,
    EventKind.REPLIED,
)


def _anything(chance: random.Random, number: int) -> ReportedEvent:
    kind = chance.choice(KINDS)
    person = chance.choice(("a@acme.com", "both@partner.com", "g@globex.com", "new@late.com"))
    reference = f"m{chance.randrange(4)}-{person}"
    return report(
        kind,
        person,
        minutes=number,
        campaign_id=chance.choice(("spring", "summer", "autumn", None)),
        message_reference=reference if kind is not EventKind.REPLIED else None,
        url=f"https://us.example/{chance.randrange(3)}" if kind is EventKind.CLICKED else None,
        bounce=chance.choice((BounceClass.HARD, BounceClass.SOFT))
        if kind is EventKind.BOUNCED
        else None,
        is_machine=kind in (EventKind.OPENED, EventKind.CLICKED) and chance.random() < 0.3,
    )


async def _counting(database: Database, over: asyncio.Event) -> None:
    while not over.is_set():
        await count_some(database)
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("seed", range(4))
async def test_two_workers_count_random_events_as_a_recount_does(
    database: Database, seed: int
) -> None:
    """Duplicates, moves of messages and re-matches among them; told in two orders, the same."""
    chance = random.Random(seed)
    events = [_anything(chance, n) for n in range(60)]
    told = []
    for _ in range(2):
        await execute(database, EMPTY)
        await directory(database)
        order = events + chance.sample(events, 15)
        chance.shuffle(order)
        over = asyncio.Event()
        workers = [asyncio.create_task(_counting(database, over)) for _ in range(2)]
        for start in range(0, len(order), 9):
            await happen(database, *order[start : start + 9])
        async with database.connection() as connection:
            await Seed(connection).domain(2, "late.com")
            await enqueue_rematch(connection, domains=["late.com"])
            await connection.execute("UPDATE customer SET segment = 'small' WHERE id = 2")
        await happen(database)
        over.set()
        await asyncio.gather(*workers)
        await count(database)
        assert await differences(database) == []
        told.append(await counters(database))

    assert told[0] == told[1]
    assert told[0]["links"]
