"""Retention: months long past become balances, and nothing that follows from them changes."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.events import BounceClass, EventKind, ReportedEvent
from jobs.upkeep import forget_events
from store.database import Database
from store.feed import head, read
from store.partitions import ensure_partitions
from store.projecting import ENGAGEMENT_COLUMNS
from store.rebuilding import rebuild
from store.recording import RecordOutcome, record
from store.refusing import dropped_before
from tests.conftest import EMPTY
from tests.domain.facts import SCANNER
from tests.jobs.mail import NOW, POLICY, directory, drain_of, event, execute, queue, rows
from tests.jobs.test_drain import report

K = EventKind
CUT = datetime(2019, 3, 1, tzinfo=UTC)
COLUMNS = [c for c in ENGAGEMENT_COLUMNS if c not in ("first_fact_on", "last_fact_on")]
RECIPIENTS = (
    f"SELECT c.external_id, a.address, {', '.join('r.' + c for c in COLUMNS)} FROM recipient r "
    "JOIN campaign c ON c.id = r.campaign_id JOIN address a ON a.id = r.address_id ORDER BY 1, 2"
)
SUPPRESSED = (
    "SELECT a.address, s.reason, s.since FROM suppression s JOIN address a ON a.id = s.address_id "
    "ORDER BY 1, 2"
)


@pytest.fixture
async def months(database: Database) -> AsyncIterator[Database]:
    """A database with partitions around the cut, which other tests do not find afterwards."""
    async with database.connection() as connection:
        await ensure_partitions(connection, CUT.date())
    yield database
    for table in await partitions(database, "event", "payload"):
        if "_2018_" in table or "_2019_" in table:
            await execute(database, f"DROP TABLE {table}")
    await execute(database, "DELETE FROM event_default WHERE fact_on < '2020-01-01'")


async def partitions(database: Database, *tables: str) -> list[str]:
    found = []
    for table in tables:
        sql = f"SELECT relid::text FROM pg_partition_tree('{table}') WHERE isleaf ORDER BY 1"
        found += [row[0] for row in await rows(database, sql)]
    return found


def at(days: float) -> datetime:
    return CUT + timedelta(days=days)


def some(first: float, last: float, seed: int) -> list[ReportedEvent]:
    """Facts of between so many days before and after the cut, of three addresses, some homeless."""
    chosen = random.Random(seed)
    found = []
    for number in range(80):
        kind = chosen.choice([*K, K.BOUNCED, K.BOUNCED, K.CLICKED])
        campaign = chosen.choice(["spring", "summer"])
        who = chosen.choice(["ann@acme.com", "bob@acme.com", "new@acme.com"])
        is_lost = kind in (K.UNSUBSCRIBED, K.RESUBSCRIBED) and chosen.random() < 0.5
        found.append(
            report(
                kind=kind,
                occurred_at=at(chosen.uniform(first, last)).replace(microsecond=number),
                address=who,
                message_reference=None if is_lost else f"{campaign}-{who}",
                campaign_id=None if is_lost else campaign,
                url=chosen.choice(["https://a.example", "https://b.example"]),
                user_agent=chosen.choice([report().user_agent, SCANNER]),
                bounce=chosen.choice([BounceClass.HARD, BounceClass.SOFT, BounceClass.SOFT])
                if kind is K.BOUNCED
                else None,
                provider=chosen.choice(["sendgrid", "pixel"]) if not is_lost else "sendgrid",
                carrier="sendgrid",
            )
        )
    return found


async def put(database: Database, *events: ReportedEvent) -> None:
    await record(database, events, NOW, POLICY)
    await drain_of(database).until(0)


async def forget(database: Database) -> None:
    await forget_events(database, CUT, POLICY)
    await drain_of(database).until(0)


async def state(database: Database) -> list[Any]:
    return [await rows(database, sql) for sql in (RECIPIENTS, SUPPRESSED)]


async def differences(database: Database) -> list[str]:
    found = await rebuild(database, POLICY, is_check=True, report=lambda *_: None)
    return [f"{difference.table}: {difference.what}" for difference in found]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_forgetting_changes_nothing_of_what_was_derived(months: Database, seed: int) -> None:
    await directory(months)
    await put(months, *some(-50, 3, seed))
    before = await state(months)
    await forget(months)
    assert await rows(months, "SELECT count(*) FROM event WHERE fact_on < '2019-03-01'") == [(0,)]
    assert await state(months) == before
    assert await differences(months) == []
    await rebuild(months, POLICY, is_check=False, report=lambda *_: None)
    assert await state(months) == before


@pytest.mark.parametrize("seed", [4, 5])
async def test_later_facts_add_up_with_forgotten_ones_as_if_they_were_kept(
    months: Database, seed: int
) -> None:
    early, late = some(-50, -1, seed), some(0.1, 40, seed + 100)
    await directory(months)
    await put(months, *early, *late)
    expected = await state(months)
    await execute(months, EMPTY)
    await directory(months)
    await put(months, *early)
    await forget(months)
    await put(months, *late)
    assert await state(months) == expected
    assert await differences(months) == []


async def test_forgetting_in_two_steps_is_forgetting_in_one(months: Database) -> None:
    await directory(months)
    await put(months, *some(-50, 3, 7))
    before = await state(months)
    await forget_events(months, at(-28), POLICY)
    assert 0 < (await rows(months, "SELECT count(*) FROM event"))[0][0] < 80
    await forget(months)
    assert await state(months) == before
    assert await differences(months) == []


async def test_partitions_are_dropped_and_not_made_again(months: Database) -> None:
    assert "event_2019_02" in await partitions(months, "event")
    await directory(months)
    await put(months, report(occurred_at=at(-3)), report(occurred_at=at(-3000)))
    await forget(months)
    left = await partitions(months, "event")
    assert [name for name in left if name < "event_2019_03"] == []
    assert "event_2019_03" in left
    async with months.connection() as connection:
        await ensure_partitions(connection, CUT.date())
    assert await partitions(months, "event") == left


async def test_nothing_old_is_nothing_to_do(months: Database) -> None:
    await directory(months)
    await put(months, report(0))
    await forget(months)
    async with months.connection() as connection:
        assert await dropped_before(connection) is None
    assert "event_2019_02" in await partitions(months, "event")


async def test_a_late_duplicate_of_a_forgotten_fact_is_refused_and_counted(
    months: Database,
) -> None:
    old = report(occurred_at=at(-3))
    await directory(months)
    await put(months, old)
    await forget(months)
    kept = report(occurred_at=at(0))
    outcomes = await record(months, [old, kept], NOW, POLICY)
    assert [(o.outcome, o.refused) for o in outcomes] == [
        (RecordOutcome.REJECTED, "TOO_OLD"),
        (RecordOutcome.RECORDED, None),
    ]
    await queue(months, event(timestamp=int(at(-3).timestamp())), event(1))
    await drain_of(months).until(0)
    assert await rows(months, "SELECT status, events, error FROM payload") == [
        ("PARTIAL", 1, "events of days no longer kept (RETENTION_DAYS): 1")
    ]
    assert await rows(months, "SELECT opens_human FROM recipient") == [(3,)]


async def test_a_fact_that_is_being_stored_meanwhile_is_waited_for(months: Database) -> None:
    await directory(months)
    await put(months, report(occurred_at=at(-3)))
    async with months.transaction() as slow:
        await slow.execute("SELECT pg_current_xact_id()")
        await forget(months)
        assert await rows(months, "SELECT count(*) FROM event") == [(1,)]
        async with months.connection() as connection:
            assert await dropped_before(connection) == CUT.date()
    await forget(months)
    assert await rows(months, "SELECT count(*) FROM event") == [(0,)]


async def test_what_the_feed_told_can_still_be_followed(months: Database) -> None:
    await directory(months)
    async with months.connection() as connection:
        start = await head(connection)
    (known,) = await record(months, [report(occurred_at=at(-3))], NOW, POLICY)
    await drain_of(months).until(0)
    await forget(months)
    async with months.connection() as connection:
        (entry,) = await read(connection, start)
    assert (entry.kind, entry.fact_on, entry.key) == ("RECORDED", known.fact_on, known.key)


async def test_a_reader_in_the_way_of_dropping_is_not_waited_for_long(months: Database) -> None:
    await directory(months)
    await put(months, report(occurred_at=at(-3)))
    async with months.transaction() as reader:
        await reader.fetch("SELECT count(*) FROM event WHERE fact_on > '2019-03-01'")
        await forget(months)
        assert "event_2019_02" in await partitions(months, "event")
        assert await differences(months) == []
    await forget(months)
    assert "event_2019_02" not in await partitions(months, "event")


def test_the_cut_of_these_tests_is_the_first_of_a_month() -> None:
    assert CUT.date() == date(2019, 3, 1)


async def test_whoever_unsubscribed_without_a_campaign_stays_unsubscribed(
    months: Database,
) -> None:
    lost: dict[str, Any] = {"campaign_id": None, "message_reference": None}
    await directory(months)
    await put(months, report(kind=K.UNSUBSCRIBED, occurred_at=at(-3), **lost))
    expected = [("ann@acme.com", "UNSUBSCRIBED", at(-3))]
    assert await rows(months, SUPPRESSED) == expected
    await forget(months)
    assert await rows(months, "SELECT count(*) FROM event") == [(0,)]
    assert await rows(months, SUPPRESSED) == expected
    assert await differences(months) == []
    await put(months, report(kind=K.RESUBSCRIBED, occurred_at=at(3), **lost))
    assert await rows(months, SUPPRESSED) == []
