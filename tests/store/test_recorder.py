"""Recording for many callers at once: shared, each with its own outcome, the same rows as alone."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from store.database import Database, Unavailable
from store.recorder import Recorder
from store.recording import Recorded, RecordOutcome, record
from store.tombstones import bury
from tests.jobs.mail import HUMAN, NOW, POLICY, directory, rows
from tests.seeding import Seed

TRANSACTIONS = "SELECT count(DISTINCT xmin::text) FROM event"
RECORDED, DUPLICATE, UNMATCHED, REJECTED = (
    RecordOutcome.RECORDED,
    RecordOutcome.DUPLICATE,
    RecordOutcome.UNMATCHED,
    RecordOutcome.REJECTED,
)


def click(number: int = 0, **changes: Any) -> ReportedEvent:
    values: dict[str, Any] = {
        "provider": "sendgrid",
        "kind": EventKind.CLICKED,
        "occurred_at": NOW - timedelta(hours=3) + timedelta(seconds=number),
        "address": "ann@acme.com",
        "campaign_id": "spring",
        "url": "https://us.example/news",
    }
    return ReportedEvent(**(values | changes))


async def told(recorder: Recorder, *calls: Sequence[ReportedEvent]) -> list[Any]:
    """What calls that come together are told: their outcomes, or the error."""
    found = await asyncio.gather(
        *(recorder.record(events, NOW) for events in calls), return_exceptions=True
    )
    return [
        one if isinstance(one, BaseException) else [each.outcome for each in one] for one in found
    ]


async def test_calls_that_come_together_share_two_transactions(database: Database) -> None:
    await directory(database)
    recorder = Recorder(database, POLICY)
    await recorder.record([click(1_000)], NOW)

    outcomes = await told(recorder, *([click(number)] for number in range(60)))

    assert outcomes == [[RECORDED]] * 60
    assert await rows(database, "SELECT count(*) FROM event") == [(61,)]
    ((transactions,),) = await rows(database, TRANSACTIONS)
    assert transactions <= 1 + 3
    assert await rows(database, "SELECT count(*) FROM projection_queue") == [(61,)]


async def test_one_fact_told_by_many_at_once_is_recorded_for_one(database: Database) -> None:
    await directory(database)
    recorder = Recorder(database, POLICY)

    outcomes = await told(recorder, *([click(), click(1)] for _ in range(20)))

    flat = [outcome for each in outcomes for outcome in each]
    assert (flat.count(RECORDED), flat.count(DUPLICATE)) == (2, 38)
    assert await rows(database, "SELECT count(*) FROM event") == [(2,)]


@pytest.mark.parametrize("poison", [{"url": "\x00"}, {"message_reference": "m\ud800"}])
async def test_a_call_that_cannot_be_recorded_fails_alone(
    database: Database, poison: dict[str, str]
) -> None:
    await directory(database)
    recorder = Recorder(database, POLICY)
    calls = [[click(number)] for number in range(10)]
    calls[4] = [click(100), click(4, **poison)]

    outcomes = await told(recorder, *calls)

    failed = outcomes.pop(4)
    assert isinstance(failed, Exception)
    assert not isinstance(failed, Unavailable)
    assert outcomes == [[RECORDED]] * 9


async def test_without_postgresql_each_caller_is_told_and_later_ones_are_served(
    database: Database, database_url: str
) -> None:
    await directory(database)
    own = Database(database_url)
    recorder = Recorder(own, POLICY)

    refused = await told(recorder, *([click(number)] for number in range(10)))

    assert [type(error) for error in refused] == [Unavailable] * 10
    assert await rows(database, "SELECT count(*) FROM event") == [(0,)]
    await own.connect()
    assert await told(recorder, [click()], [click(1)]) == [[RECORDED]] * 2
    await own.close()


async def test_a_caller_that_is_gone_costs_the_others_nothing(database: Database) -> None:
    await directory(database)
    recorder = Recorder(database, POLICY)
    calls = [asyncio.create_task(recorder.record([click(number)], NOW)) for number in range(10)]
    await asyncio.sleep(0)
    calls[0].cancel()
    calls[7].cancel()

    found = await asyncio.gather(*calls, return_exceptions=True)

    assert [n for n, one in enumerate(found) if isinstance(one, BaseException)] == [0, 7]
    others = [one[0].outcome for one in found if not isinstance(one, BaseException)]
    assert others == [RECORDED] * 8


def variety(campaign: str, name: str) -> list[ReportedEvent]:
    """Events of every kind of luck: plain ones, and such that have to be placed."""
    known = {"campaign_id": campaign, "address": "ann@acme.com"}
    new = {"campaign_id": campaign, "address": f"{name}@acme.com"}
    return [
        click(0, **known),
        click(0, **known),
        click(1, **new),
        click(2, **{**new, "address": f"{name}@nowhere.example"}),
        click(3, **known, user_agent=HUMAN, ip="192.0.2.7"),
        click(4, **{**known, "address": "dora@acme.com"}, user_agent=HUMAN, ip="192.0.2.7"),
        click(5, **known, campaign_name="Spring news"),
        click(6, **known, campaign_name="A better name"),
        click(7, **known, message_reference=f"{name}-1"),
        click(8, **known, kind=EventKind.BOUNCED, detail="5.1.1 gone"),
        click(9, **{**known, "address": "erased@acme.com"}),
        click(10, **known, occurred_at=NOW - timedelta(days=60)),
        click(11, **known, provider="mailgun"),
        click(12, **{**known, "campaign_id": f"{name}-new"}),
        click(13, **known, provider_event_id=f"{name}-id", url=None),
        click(13, **known, provider_event_id=f"{name}-id", url=None),
        click(14, **{**known, "campaign_id": None}, message_reference=f"{name} never seen"),
        click(15, **known, occurred_at=NOW + timedelta(hours=1)),
    ]


STORED = """
SELECT e.fact_on, e.provider, e.kind, e.occurred_at, e.reported_at, e.received_at, e.url, e.detail,
    e.user_agent, e.ip, e.agent_reason, e.agent_family, e.agent_hash, e.ip_hash, e.network_hash,
    e.bounce, e.is_machine_flagged, e.is_prefetch, e.is_decoy, e.actor, e.reasons,
    a.domain, r.is_announced, r.is_registered, c.is_provisional, q.id IS NOT NULL,
    EXISTS (SELECT FROM counting_queue n WHERE n.recipient_id = r.id)
FROM event e JOIN address a ON a.id = e.address_id JOIN recipient r ON r.id = e.recipient_id
JOIN campaign c ON c.id = r.campaign_id
LEFT JOIN projection_queue q USING (fact_on, key)
WHERE c.external_id LIKE '{name}%' ORDER BY e.occurred_at, e.provider, a.address
"""


@pytest.mark.parametrize("erased", [False, True])
async def test_what_is_recorded_together_is_what_is_recorded_alone(
    database: Database,
    erased: bool,
) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme")
        for name in ("ann", "dora"):
            await seed.stakeholder(acme, f"{name}@acme.com")
        for name in ("one", "two"):
            await seed.campaign(f"Name {name}", external_id=name, is_declared=True, sent_at=None)
        if erased:
            await bury(connection, ["erased@acme.com"], POLICY, NOW)
        await connection.execute(
            "UPDATE stakeholder SET tracking_consent = 'DENIED' "
            "WHERE id = (SELECT max(id) FROM stakeholder)"
        )
    recorder = Recorder(database, POLICY)

    alone: list[Recorded] = []
    for event in variety("one", "one"):
        alone += await record(database, [event], NOW, POLICY)
    together = await told(recorder, *([event] for event in variety("two", "two")))
    again = await told(recorder, variety("two", "two"))

    assert together == [[each.outcome] for each in alone]
    rejected = REJECTED if erased else DUPLICATE
    assert again == [[DUPLICATE] * 10 + [rejected] + [DUPLICATE] * 7]
    assert await rows(database, STORED.format(name="two")) == await rows(
        database, STORED.format(name="one")
    )


async def test_whoever_was_erased_meanwhile_is_refused_and_others_stay_quick(
    database: Database,
) -> None:
    await directory(database)
    policy = Policy(frozenset({"us.example"}), hash_key=b"k" * 32)
    recorder = Recorder(database, policy)
    assert await told(recorder, [click()]) == [[RECORDED]]
    async with database.transaction() as connection:
        await bury(connection, ["bob@acme.com"], policy, NOW)

    later = await told(recorder, [click(1)], [click(2, address="bob@acme.com")])

    assert later == [[RECORDED], [REJECTED]]
    assert await told(recorder, [click(3, address="bob+x@acme.com")], [click(4)]) == [
        [REJECTED],
        [RECORDED],
    ]


BLOCKED = "FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0"


async def test_of_a_connection_that_breaks_its_callers_are_told_and_who_waits_is_served(
    database: Database,
) -> None:
    await directory(database)
    recorder = Recorder(database, POLICY)
    await recorder.record([click()], NOW)
    calls = []
    async with database.transaction() as other:
        await other.execute("SELECT FROM recipient FOR UPDATE")
        for number in (1, 2):
            calls.append(asyncio.create_task(recorder.record([click(number)], NOW)))
            async with asyncio.timeout(10):
                while await rows(database, f"SELECT count(*) {BLOCKED}") != [(number,)]:
                    await asyncio.sleep(0.01)
        waiting = [asyncio.create_task(recorder.record([click(n)], NOW)) for n in (3, 4)]
        await rows(database, f"SELECT pg_terminate_backend(pid) {BLOCKED}")
        broken = await asyncio.gather(*calls, return_exceptions=True)

    served = await asyncio.gather(*waiting)

    assert [type(error) for error in broken] == [Unavailable] * 2
    assert [one[0].outcome for one in served] == [RECORDED] * 2
    assert await rows(database, "SELECT count(*) FROM event") == [(3,)]
