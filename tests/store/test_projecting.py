"""Projection: a recipient is what its facts fold to, and the feed tells each of them once."""

from datetime import timedelta
from typing import Any

import pytest

from domain.engagement import DeliveryStatus, Fact
from domain.events import BounceClass, EventKind
from store.database import Database
from store.projecting import ENGAGEMENT_COLUMNS, engagement_row, project
from store.rebuilding import rebuild
from store.recording import record
from tests.domain.facts import SCANNER, folded
from tests.jobs.mail import NOW, POLICY, directory, drain_of, execute, rows
from tests.jobs.test_drain import report

K = EventKind
FEED = "SELECT kind, key FROM feed ORDER BY xid, id"


async def put(database: Database, *events: Any) -> None:
    await record(database, events, NOW, POLICY)
    await drain_of(database).until(0)


async def test_every_column_is_what_the_facts_fold_to(database: Database) -> None:
    await directory(database)
    await put(
        database,
        report(0, kind=K.ACCEPTED),
        report(1, kind=K.DELIVERED),
        report(2, kind=K.OPENED),
        report(3, kind=K.OPENED, user_agent=SCANNER),
        report(4, kind=K.CLICKED, url="https://a.example/ü?q=1"),
        report(6, kind=K.CLICKED, url="https://b.example", user_agent=""),
        report(5, kind=K.REPLIED),
        report(7, kind=K.FORWARDED),
        report(8, kind=K.UNSUBSCRIBED),
        report(9, kind=K.BOUNCED, bounce=BounceClass.SOFT, detail="full"),
        report(10, kind=K.COMPLAINED),
    )
    stored = await rows(database, f"SELECT {', '.join(Fact._fields)} FROM event")
    expected = engagement_row(folded(*(Fact(*row) for row in stored)))
    (found,) = await rows(database, f"SELECT {', '.join(ENGAGEMENT_COLUMNS)} FROM recipient")
    links = list(ENGAGEMENT_COLUMNS).index("links")
    assert found[:links] + found[links + 1 :] == expected[:links] + expected[links + 1 :]
    assert [(link["url"], link["human"], link["machine"]) for link in found[links]] == [
        ("https://a.example/ü?q=1", 1, 0),
        ("https://b.example", 0, 1),
    ]
    assert found[0] == DeliveryStatus.COMPLAINED


async def test_the_feed_tells_in_the_order_of_what_happened(database: Database) -> None:
    await directory(database)
    recorded = await record(database, [report(n, kind=K.OPENED) for n in (3, 1, 2)], NOW, POLICY)
    await drain_of(database).until(0)
    by_time = [recorded[1].key, recorded[2].key, recorded[0].key]
    assert await rows(database, FEED) == [("RECORDED", key) for key in by_time]


async def test_projecting_again_tells_and_changes_nothing(database: Database) -> None:
    await directory(database)
    await put(database, report(0), report(1, kind=K.CLICKED, url="https://a.example"))
    before = await rows(database, "SELECT * FROM recipient")
    async with database.transaction() as connection:
        assert await project(connection, [], [1], policy=POLICY) == 1
    assert await rows(database, "SELECT * FROM recipient") == before
    assert len(await rows(database, FEED)) == 2


async def test_a_verdict_that_no_longer_holds_is_reversed_with_its_consequences(
    database: Database,
) -> None:
    await directory(database)
    await put(database, report(0, kind=K.CLICKED, url="https://a.example"))
    await execute(database, "UPDATE event SET actor = 'MACHINE', reasons = '{BURST}'")
    async with database.transaction() as connection:
        await project(connection, [], [1], policy=POLICY)
    assert await rows(database, "SELECT actor, reasons FROM event") == [("HUMAN", [])]
    assert [kind for kind, _ in await rows(database, FEED)] == ["RECORDED", "CORRECTED"]
    assert await rows(database, "SELECT clicks_human, clicks_machine FROM recipient") == [(1, 0)]


async def test_events_of_many_months_are_folded_together(database: Database) -> None:
    await directory(database)
    months = [timedelta(days=days) for days in (0, 40, 400, 1_500)]
    for back in months:
        await put(database, report(0, occurred_at=NOW - timedelta(hours=3) - back))
    assert await rows(
        database, "SELECT opens_human, last_fact_on - first_fact_on FROM recipient"
    ) == [(4, 1_500)]


SUPPRESSED = "SELECT a.address, s.reason FROM suppression s JOIN address a ON a.id = s.address_id"


async def test_three_soft_bounces_across_campaigns_suppress_and_a_delivery_frees_again(
    database: Database,
) -> None:
    await directory(database)
    for number in range(3):
        assert await rows(database, SUPPRESSED) == []
        await put(
            database,
            report(
                number,
                kind=K.BOUNCED,
                bounce=BounceClass.SOFT,
                message_reference=f"m{number}",
                campaign_id=f"c{number}",
            ),
        )
    assert await rows(database, SUPPRESSED) == [("ann@acme.com", "SOFT_BOUNCES")]
    await put(database, report(9, kind=K.DELIVERED, campaign_id="c9", message_reference="m9"))
    assert await rows(database, SUPPRESSED) == []


async def test_a_delivery_between_that_came_late_frees_as_well(database: Database) -> None:
    await directory(database)
    for number in (1, 2, 4):
        await put(database, report(number, kind=K.BOUNCED, bounce=BounceClass.SOFT))
    assert await rows(database, SUPPRESSED) == [("ann@acme.com", "SOFT_BOUNCES")]
    await put(database, report(3, kind=K.DELIVERED))
    assert await rows(database, SUPPRESSED) == []


async def test_a_campaign_was_sent_when_its_first_message_was(database: Database) -> None:
    await directory(database)
    first = NOW - timedelta(days=3)
    await put(database, report(0))
    await put(database, report(1, occurred_at=first, address="bob@acme.com"))
    assert await rows(database, "SELECT sent_at FROM campaign") == [(first,)]


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE recipient SET opens_human = 7", "opens_human"),
        ("UPDATE recipient SET status = 'SENT', delivered_at = NULL", "delivered_at, status"),
        ("UPDATE event SET actor = 'MACHINE'", "actor"),
        ("DELETE FROM match", "customers [1]"),
        ("UPDATE campaign SET sent_at = now()", "sent_at"),
        ("INSERT INTO suppression VALUES (1, 'COMPLAINT', now())", "[]"),
    ],
)
async def test_a_rebuild_finds_and_mends_what_is_not_as_the_facts_say(
    database: Database, damage: str, what: str
) -> None:
    await directory(database)
    await put(database, report(0))

    async def differences(*, is_check: bool) -> list[str]:
        found = await rebuild(database, POLICY, is_check=is_check, report=lambda *_: None)
        return [difference.what for difference in found]

    assert await differences(is_check=True) == []
    await execute(database, damage)
    assert what in await differences(is_check=True)
    assert what in await differences(is_check=True), "checking mends nothing"
    assert what in await differences(is_check=False)
    assert await differences(is_check=True) == []
