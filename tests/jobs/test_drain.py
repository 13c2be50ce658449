"""Draining: everything that waits is done once, by whoever comes, in whatever order."""

import asyncio
import random
import time
from datetime import timedelta
from typing import Any

import pytest

from domain.events import EventKind, ReportedEvent
from jobs.drain import Drain
from store.database import Conflict, Database, retried
from store.matching import enqueue_rematch
from store.payloads import claim
from store.rebuilding import rebuild
from store.recording import record
from tests.conftest import EMPTY
from tests.jobs.mail import HUMAN, NOW, POLICY, directory, drain_of, event, execute, queue, rows
from tests.jobs.states import derived_state

FEED = "SELECT kind, count(*) FROM feed GROUP BY 1 ORDER BY 1"


def report(number: int = 0, **changes: Any) -> ReportedEvent:
    values: dict[str, Any] = {
        "provider": "sendgrid",
        "kind": EventKind.OPENED,
        "occurred_at": NOW - timedelta(hours=3) + timedelta(seconds=number),
        "address": "ann@acme.com",
        "message_reference": "m1",
        "campaign_id": "spring",
        "user_agent": HUMAN,
    }
    return ReportedEvent(**(values | changes))


async def test_work_of_one_kind_that_fails_stops_none_of_the_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await directory(database)
    drain = drain_of(database)
    await queue(database, event(event="bounce"))
    await drain.until(0)

    async def fail(*_: object) -> int:
        raise RuntimeError("no re-match today")

    monkeypatch.setattr("jobs.drain.rematch_some", fail)
    async with database.connection() as connection:
        await enqueue_rematch(connection, addresses=["ann@acme.com"])
    await execute(database, "DELETE FROM suppression")
    await execute(database, "INSERT INTO suppression_queue (address_id) SELECT id FROM address")
    with pytest.raises(RuntimeError, match="no re-match today"):
        await drain.until(0)
    assert await rows(database, "SELECT reason FROM suppression") == [("HARD_BOUNCE",)]


async def test_a_payload_of_a_worker_that_died_comes_back_after_its_lease(
    database: Database,
) -> None:
    await directory(database)
    await queue(database, event())
    assert len(await claim(database, lease=timedelta(minutes=1), tries=5)) == 1
    drain = drain_of(database)
    await drain.until(0)
    assert await rows(database, "SELECT count(*) FROM event") == [(0,)]
    await execute(database, "UPDATE payload SET lease_until = now() - interval '1 s'")
    await drain.until(0)
    assert await rows(database, "SELECT count(*) FROM event") == [(1,)]
    assert await rows(database, "SELECT status, attempts FROM payload") == [("DONE", 2)]


async def test_a_batch_that_takes_longer_than_its_lease_is_not_done_by_two(
    database: Database,
) -> None:
    await directory(database)
    await queue(database, event())
    async with database.transaction() as connection:
        await connection.execute("SELECT FROM campaign FOR UPDATE")
        slow = asyncio.create_task(drain_of(database, lease=timedelta(seconds=0.5)).until(0))
        await asyncio.sleep(1.6)
        assert not slow.done()
        assert await claim(database, lease=timedelta(minutes=1), tries=5) == []
    await slow
    assert await rows(database, "SELECT status, attempts FROM payload") == [("DONE", 1)]
    assert await rows(database, "SELECT count(*) FROM event") == [(1,)]


async def test_what_was_recorded_elsewhere_is_projected_and_announced_once(
    database: Database,
) -> None:
    await directory(database)
    await record(database, [report(0), report(1), report(0)], NOW, POLICY)
    assert await rows(database, "SELECT count(*) FROM projection_queue") == [(2,)]
    assert await rows(database, "SELECT opens_human FROM recipient") == [(0,)]
    assert await rows(database, FEED) == []
    for _ in range(2):
        await drain_of(database).until(0)
    assert await rows(database, "SELECT count(*) FROM projection_queue") == [(0,)]
    assert await rows(database, "SELECT opens_human FROM recipient") == [(2,)]
    assert await rows(database, FEED) == [("RECORDED", 2)]


@pytest.mark.parametrize("is_known_first", [True, False])
async def test_an_event_that_says_nothing_of_its_campaign_finds_it_by_its_message(
    database: Database, is_known_first: bool
) -> None:
    await directory(database)
    telling, silent = report(0), report(1, campaign_id=None)
    for one in [telling, silent] if is_known_first else [silent, telling]:
        await record(database, [one], NOW, POLICY)
        await drain_of(database).until(0)
    assert await rows(database, "SELECT count(*) FROM orphan") == [(0,)]
    assert await rows(database, "SELECT opens_human FROM recipient") == [(2,)]
    assert await rows(database, FEED) == [("RECORDED", 2)]


@pytest.mark.parametrize("is_known_first", [True, False])
async def test_an_event_without_an_address_finds_its_recipient_by_a_message_of_one(
    database: Database, is_known_first: bool
) -> None:
    await directory(database)
    telling = report(0)
    hidden = report(1, kind=EventKind.COMPLAINED, address=None, campaign_id=None)
    for one in [telling, hidden] if is_known_first else [hidden, telling]:
        await record(database, [one], NOW, POLICY)
        await drain_of(database).until(0)
    assert await rows(database, "SELECT status FROM recipient") == [("COMPLAINED",)]
    assert await rows(database, FEED) == [("RECORDED", 2)]


async def test_an_event_without_an_address_waits_where_its_message_went_to_several(
    database: Database,
) -> None:
    await directory(database)
    telling = [report(0), report(0, address="bob@acme.com")]
    await record(database, telling, NOW, POLICY)
    await record(database, [report(1, kind=EventKind.COMPLAINED, address=None)], NOW, POLICY)
    await drain_of(database).until(0)
    assert await rows(database, "SELECT count(*) FROM orphan") == [(1,)]
    assert await rows(database, "SELECT DISTINCT status FROM recipient") == [("DELIVERED",)]


async def test_five_recipients_make_a_campaign_and_only_then_anything_is_told(
    database: Database,
) -> None:
    await directory(database)
    drain = drain_of(database)
    for number, name in enumerate(("ann", "bob", "c", "d", "e")):
        assert await rows(database, FEED) == []
        one = event(number, to=f"{name}@acme.com", singlesend_id="summer")
        await queue(database, one, event(number + 10, **(one | {"event": "click"})))
        for _ in range(2):
            await drain.until(0)
    assert await rows(database, FEED) == [("RECORDED", 10)]
    assert await rows(
        database, "SELECT is_provisional FROM campaign WHERE external_id = 'summer'"
    ) == [(False,)]


def noise(seed: int) -> list[list[dict[str, Any]]]:
    """Batches that say the same things in other orders, of few people and messages."""
    chance = random.Random(seed)
    people = [f"p{n}@acme.com" for n in range(12)] + ["ann@acme.com", "dee@gmail.com"]
    facts = [
        event(
            n,
            to=people[n % len(people)],
            sg_message_id=f"m{n % 40}",
            singlesend_id=f"c{n % 3}" if n % 5 < 2 else None,
            event=("open", "click", "delivered", "blocked", "processed")[n % 5],
        )
        for n in range(600)
    ]
    noisy = facts + chance.choices(facts, k=200)
    chance.shuffle(noisy)
    return [noisy[at : at + 16] for at in range(0, len(noisy), 16)]


async def test_drains_side_by_side_neither_stop_each_other_nor_count_twice(
    database: Database,
) -> None:
    """Three workers on the same people's events, and mutations in between."""
    await directory(database)
    for batch in noise(1):
        await queue(database, *batch)
    await settle([drain_of(database)])
    expected = await derived_state(database)
    async with database.connection() as connection:
        await connection.execute(EMPTY)
    await directory(database)
    drains = [drain_of(database, lease=timedelta(seconds=2)) for _ in range(3)]

    async def put() -> None:
        for batch in noise(2):
            await queue(database, *batch)
            await asyncio.sleep(0.002)

    await asyncio.gather(put(), *(drain.until(time.time() + 1) for drain in drains))
    await settle(drains)
    found = await derived_state(database)
    for name, expectation in expected.items():
        assert found[name] == expectation, name
    assert await rows(database, "SELECT status, count(*) FROM payload GROUP BY 1") == [("DONE", 50)]
    assert {row[3] for row in found["announced"]} == {1}
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def settle(drains: list[Drain]) -> None:
    """Drain until no payload waits, also those whose lease must run out first."""
    async with asyncio.timeout(30):
        while True:
            for _ in range(2):
                await asyncio.gather(*(drain.until(0) for drain in drains))
            if not (
                await rows(drains[0]._database, "SELECT FROM payload WHERE status = 'PENDING'")
            ):
                return
            await asyncio.sleep(0.2)


async def test_a_drain_asked_while_it_works_looks_again_for_whoever_asked(
    database: Database,
) -> None:
    await directory(database)
    drain = drain_of(database)
    first = asyncio.create_task(drain.until(time.time() + 0.2))
    await asyncio.sleep(0.1)
    await queue(database, event())
    await drain.until(time.time())
    await first
    assert await rows(database, "SELECT count(*) FROM event") == [(1,)]


async def test_a_sweep_finds_work_that_nobody_was_woken_for(database: Database) -> None:
    await directory(database)
    sweeping = asyncio.create_task(drain_of(database).keep(0.05))
    try:
        for number in range(3):
            await queue(database, event(number))
            async with asyncio.timeout(5):
                while (await rows(database, "SELECT count(*) FROM event"))[0][0] <= number:
                    await asyncio.sleep(0.01)
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)


async def test_a_sweep_goes_on_after_the_connections_were_lost(database: Database) -> None:
    await directory(database)
    sweeping = asyncio.create_task(drain_of(database).keep(0.02))
    try:
        for number in range(5):
            await queue(database, event(number))
            await execute(
                database,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'campaign-engagement' AND pid <> pg_backend_pid()",
            )
            await asyncio.sleep(0.03)
        async with asyncio.timeout(20):
            while (await rows(database, "SELECT count(*) FROM event"))[0][0] < 5:
                await asyncio.sleep(0.05)
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
    assert await rows(database, "SELECT opens_human FROM recipient") == [(5,)]
    assert await rows(database, FEED) == [("RECORDED", 5)]


async def test_a_deadlock_is_run_again_and_both_come_through(database: Database) -> None:
    await execute(database, "INSERT INTO customer (name) VALUES ('a'), ('b')")
    begun = asyncio.Barrier(2)
    is_through = asyncio.Event()
    tries: list[int] = []

    async def rename(first: int, second: int) -> None:
        async def work() -> None:
            tries.append(first)
            if len(tries) > 2:
                # A row given up may be had by whoever asks first, also before the one that waits.
                await is_through.wait()
            async with database.transaction() as connection:
                await connection.execute("UPDATE customer SET name = 'x' WHERE id = $1", first)
                if len(tries) <= 2:
                    await begun.wait()
                await connection.execute("UPDATE customer SET name = 'x' WHERE id = $1", second)
            is_through.set()

        await retried(work)

    await asyncio.gather(rename(1, 2), rename(2, 1))
    assert len(tries) == 3
    assert await rows(database, "SELECT name FROM customer") == [("x",), ("x",)]


async def test_a_conflict_that_stays_is_passed_on_after_five_tries() -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        raise Conflict("always")

    with pytest.raises(Conflict):
        await retried(work)
    assert tries == 5
