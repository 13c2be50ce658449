"""Suppressions: derived from all that was reported of an address, whoever reported it when."""

from typing import Any

import pytest

from domain.events import BounceClass, EventKind
from domain.suppression import SuppressionReason
from jobs.ingest import _record_and_project
from store.database import Database
from store.rebuilding import rebuild
from store.recording import draft, record
from store.suppressing import lift
from tests.domain.facts import SCANNER
from tests.jobs.mail import NOW, POLICY, directory, drain_of, execute, rows
from tests.jobs.test_drain import report

K = EventKind
SUPPRESSED = """
SELECT a.address, s.reason FROM suppression s JOIN address a ON a.id = s.address_id ORDER BY 1, 2
"""


def soft(number: int, **changes: Any) -> Any:
    return report(number, kind=K.BOUNCED, bounce=BounceClass.SOFT, **changes)


async def put(database: Database, *events: Any) -> None:
    await record(database, events, NOW, POLICY)
    await drain_of(database).until(0)


async def differences(database: Database) -> list[str]:
    found = await rebuild(database, POLICY, is_check=True, report=lambda *_: None)
    return [difference.what for difference in found]


async def test_a_delivery_stored_beside_a_third_soft_bounce_is_not_overlooked(
    database: Database,
) -> None:
    """Neither transaction sees the other: the delivery finds nothing to end, the bounces no
    delivery between them."""
    await directory(database)
    await put(database, report(0))
    async with database.transaction() as connection:
        delivered = report(3, kind=K.DELIVERED, message_reference="m9")
        await _record_and_project(connection, [draft(delivered, NOW)], POLICY)
        bounces = [soft(n, message_reference=f"s{n}", campaign_id=f"c{n}") for n in (1, 2, 4)]
        await put(database, *bounces)
        assert await rows(database, SUPPRESSED) == [("ann@acme.com", "SOFT_BOUNCES")]
        assert await rows(database, "SELECT count(*) FROM suppression_queue") == [(1,)]
    await drain_of(database).until(0)
    assert await rows(database, SUPPRESSED) == []
    assert await rows(database, "SELECT count(*) FROM suppression_queue") == [(0,)]


async def test_a_delivery_that_comes_between_the_two_looks_is_seen(database: Database) -> None:
    await directory(database)
    async with database.transaction() as open_transaction:
        await open_transaction.execute("SELECT pg_current_xact_id()")
        await put(database, *[soft(n) for n in (1, 2, 4)])
        await put(database, report(3, kind=K.DELIVERED))
        assert await rows(database, SUPPRESSED) == []
    await drain_of(database).until(0)
    assert await rows(database, SUPPRESSED) == []


async def test_a_machine_that_turns_out_to_be_one_brings_a_suppression_back(
    database: Database,
) -> None:
    await directory(database)
    await put(database, *[soft(n) for n in (1, 2, 3)], report(4, kind=K.OPENED))
    assert await rows(database, SUPPRESSED) == []
    await execute(database, "UPDATE event SET is_machine_flagged = true WHERE kind = 'OPENED'")
    await execute(database, "INSERT INTO announce_queue (recipient_id) SELECT id FROM recipient")
    await drain_of(database).until(0)
    assert await rows(database, SUPPRESSED) == [("ann@acme.com", "SOFT_BOUNCES")]


async def test_a_person_who_unsubscribes_is_suppressed_until_they_resubscribe(
    database: Database,
) -> None:
    await directory(database)
    await put(database, report(1, kind=K.UNSUBSCRIBED))
    await put(database, report(1, kind=K.UNSUBSCRIBED, address="bob@acme.com", user_agent=SCANNER))
    assert await rows(database, SUPPRESSED) == [("ann@acme.com", "UNSUBSCRIBED")]
    await put(database, report(2, kind=K.RESUBSCRIBED))
    assert await rows(database, SUPPRESSED) == []
    assert await rows(database, "SELECT unsubscribed_at FROM recipient WHERE address_id = 1") == [
        (None,)
    ]


async def test_what_names_no_campaign_counts_for_the_address_all_the_same(
    database: Database,
) -> None:
    await directory(database)
    await put(database, report(1))
    lost = {"campaign_id": None, "message_reference": None}
    await put(database, report(2, kind=K.UNSUBSCRIBED, **lost))
    assert await rows(database, SUPPRESSED) == [("ann@acme.com", "UNSUBSCRIBED")]
    assert await differences(database) == []
    await put(database, report(3, kind=K.RESUBSCRIBED, **lost))
    assert await rows(database, SUPPRESSED) == []


async def test_the_evidence_is_kept_with_the_suppression(database: Database) -> None:
    await directory(database)
    recorded = await record(database, [soft(n) for n in (1, 2, 3, 4)], NOW, POLICY)
    await drain_of(database).until(0)
    ((evidence,),) = await rows(database, "SELECT evidence FROM suppression")
    assert evidence == [[r.fact_on.isoformat(), r.key.hex()] for r in recorded[:3]]


async def test_what_a_person_lifted_stays_lifted_over_a_rebuild_until_it_happens_again(
    database: Database,
) -> None:
    await directory(database)
    await put(database, report(1, kind=K.BOUNCED, bounce=BounceClass.HARD))
    assert await rows(database, SUPPRESSED) == [("ann@acme.com", "HARD_BOUNCE")]
    async with database.transaction() as connection:
        await lift(connection, 1, SuppressionReason.HARD_BOUNCE, by="Mia", now=NOW)
    assert await rows(database, SUPPRESSED) == []
    assert await differences(database) == []
    await rebuild(database, POLICY, is_check=False, report=lambda *_: None)
    assert await rows(database, SUPPRESSED) == []
    later = await record(
        database,
        [report(4 * 3600, kind=K.BOUNCED, bounce=BounceClass.HARD)],
        NOW.replace(hour=14),
        POLICY,
    )
    await drain_of(database).until(0)
    assert len(later) == 1
    assert await rows(database, SUPPRESSED) == [("ann@acme.com", "HARD_BOUNCE")]


@pytest.mark.parametrize("kind", [K.OPENED, K.CLICKED, K.REPLIED])
async def test_what_a_person_does_ends_soft_bounces_before_it(database: Database, kind: K) -> None:
    await directory(database)
    await put(database, *[soft(n) for n in (1, 2, 3)])
    assert await rows(database, SUPPRESSED) == [("ann@acme.com", "SOFT_BOUNCES")]
    await put(database, report(4, kind=kind))
    assert await rows(database, SUPPRESSED) == []
