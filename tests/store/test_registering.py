"""Registering campaigns: created, updated, filled with recipients, declared after the fact."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.campaigns import Detection
from domain.events import CampaignType, EventKind, ReportedEvent
from domain.policy import Policy
from domain.registering import DeclaredCampaign, DeclaredLink
from jobs.drain import Drain
from store.database import Database
from store.rebuilding import rebuild
from store.recording import record
from store.registering import Registered, register_campaign
from tests.conftest import EMPTY
from tests.jobs.states import derived_state

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
POLICY = Policy(internal_domains=frozenset({"us.example"}))
LAUNCH = DeclaredCampaign("sendgrid", "launch-7", name="Launch")


async def register(database: Database, campaign: DeclaredCampaign, *addresses: str) -> Registered:
    return await register_campaign(database, campaign, addresses, now=NOW, policy=POLICY)


async def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


async def test_a_declared_campaign_is_bulk_from_its_first_recipient(database: Database) -> None:
    campaign = DeclaredCampaign(
        provider="sendgrid",
        external_id="launch-7",
        name="Launch",
        subject="We have launched",
        sender="news@us.example",
        type=CampaignType.ANNOUNCEMENT,
        topics=("launch",),
        tag="launch",
        sent_at=NOW,
        links=(
            DeclaredLink("https://us.example/a", ("a", "b")),
            DeclaredLink("https://us.example/b"),
        ),
    )
    registered = await register(database, campaign, "kim@acme.com")
    assert (registered.added, registered.known) == (1, 0)
    assert await rows(
        database,
        "SELECT id, provider, external_id, name, subject, sender, type, type_confidence, topics, "
        "tag, sent_at, detection, is_declared, is_provisional, created_at FROM campaign",
    ) == [
        (
            registered.campaign_id,
            "sendgrid",
            "launch-7",
            "Launch",
            "We have launched",
            "news@us.example",
            "ANNOUNCEMENT",
            1.0,
            ["launch"],
            "launch",
            NOW,
            Detection.DECLARED,
            True,
            False,
            NOW,
        )
    ]
    assert await rows(database, "SELECT url, topics FROM campaign_link ORDER BY 1") == [
        ("https://us.example/a", ["a", "b"]),
        ("https://us.example/b", []),
    ]
    assert await rows(
        database,
        "SELECT a.address, r.is_registered, r.is_announced, r.status FROM recipient r "
        "JOIN address a ON a.id = r.address_id",
    ) == [("kim@acme.com", True, True, "SENT")]


async def test_calling_again_adds_recipients_and_leaves_what_is_not_said(
    database: Database,
) -> None:
    await register(database, LAUNCH, "kim@acme.com", "lee@acme.com")
    again = await register(
        database, DeclaredCampaign("sendgrid", "launch-7"), "lee@acme.com", "ann@acme.com"
    )
    assert (again.added, again.known) == (1, 1)
    assert await rows(database, "SELECT name FROM campaign") == [("Launch",)]
    assert await rows(database, "SELECT count(*) FROM recipient") == [(3,)]


async def test_repeating_a_call_changes_nothing(database: Database) -> None:
    campaign = DeclaredCampaign(
        "sendgrid", "launch-7", links=(DeclaredLink("https://us.example/a", ("a",)),)
    )
    await register(database, campaign, "kim@acme.com")
    before = await rows(database, "SELECT * FROM campaign, campaign_link, recipient")
    again = await register(database, campaign, "kim@acme.com")
    assert (again.added, again.known) == (0, 1)
    assert await rows(database, "SELECT * FROM campaign, campaign_link, recipient") == before


async def test_a_link_keeps_its_topics_until_others_are_given(database: Database) -> None:
    def linked(*topics: str) -> DeclaredCampaign:
        link = DeclaredLink("https://us.example/a", topics or None)
        return DeclaredCampaign("sendgrid", "launch-7", links=(link,))

    await register(database, linked("a"))
    await register(database, linked())
    assert await rows(database, "SELECT topics FROM campaign_link") == [(["a"],)]
    await register(database, linked("b", "c"))
    assert await rows(database, "SELECT topics FROM campaign_link") == [(["b", "c"],)]


async def test_a_campaign_without_a_name_goes_by_its_subject_else_its_id(
    database: Database,
) -> None:
    await register(database, DeclaredCampaign("sendgrid", "launch-7"))
    assert await rows(database, "SELECT name FROM campaign") == [("launch-7",)]
    await register(database, DeclaredCampaign("sendgrid", "launch-7", subject="We have launched"))
    assert await rows(database, "SELECT name FROM campaign") == [("We have launched",)]


async def test_recipients_are_matched_as_they_are_registered(database: Database) -> None:
    await rows(database, "INSERT INTO customer (external_id, name) VALUES ('acme', 'Acme')")
    await rows(
        database,
        "INSERT INTO customer_domain (customer_id, domain) SELECT id, 'acme.com' FROM customer",
    )
    await register(database, LAUNCH, "kim@acme.com", "ann@gmail.com", "me@us.example")
    assert await rows(
        database,
        "SELECT a.address, m.method, a.unmatched_reason FROM address a "
        "LEFT JOIN match m ON m.address_id = a.id ORDER BY 1",
    ) == [
        ("ann@gmail.com", None, "FREEMAIL"),
        ("kim@acme.com", "DOMAIN", None),
        ("me@us.example", None, "INTERNAL"),
    ]


async def test_a_provisional_campaign_that_is_declared_has_its_history_announced(
    database: Database,
) -> None:
    event = ReportedEvent(
        provider="sendgrid",
        kind=EventKind.DELIVERED,
        occurred_at=NOW,
        address="kim@acme.com",
        campaign_id="launch-7",
        campaign_name="launch_7_final",
    )
    await record(database, [event], NOW, POLICY)
    assert await rows(database, "SELECT is_provisional, is_declared FROM campaign") == [
        (True, False)
    ]
    registered = await register(database, LAUNCH, "lee@acme.com")
    assert (registered.added, registered.known) == (1, 0)
    assert await rows(
        database, "SELECT name, detection, is_provisional, is_declared FROM campaign"
    ) == [("Launch", "DECLARED", False, True)]
    announced = (
        "SELECT a.address FROM recipient r JOIN address a ON a.id = r.address_id "
        "WHERE r.is_announced ORDER BY 1"
    )
    assert await rows(database, announced) == [("lee@acme.com",)]
    await drained(database)
    assert await rows(database, announced) == [("kim@acme.com",), ("lee@acme.com",)]


async def test_two_calls_at_once_count_every_recipient_once(database: Database) -> None:
    addresses = [f"p{n}@acme.com" for n in range(1_500)]
    both = await asyncio.gather(
        register(database, LAUNCH, *addresses), register(database, LAUNCH, *reversed(addresses))
    )
    assert sum(result.added for result in both) == 1_500
    assert sum(result.known for result in both) == 1_500
    assert await rows(database, "SELECT count(*) FROM recipient") == [(1_500,)]
    assert await rows(database, "SELECT count(*) FROM campaign") == [(1,)]


def tagged(address: str, at: datetime, reference: str) -> ReportedEvent:
    return ReportedEvent(
        provider="sendgrid",
        kind=EventKind.DELIVERED,
        occurred_at=at,
        address=address,
        tags=("launch-7",),
        subject="We have launched",
        message_reference=reference,
    )


async def drained(database: Database) -> None:
    await Drain(database, POLICY, ring=lambda: None).until(0)


async def test_a_declared_campaign_takes_in_what_was_recognised_by_its_tag(
    database: Database,
) -> None:
    days = [NOW, NOW - timedelta(days=1)]
    events = [
        tagged(f"p{n}@acme.com", at, f"m{n}-{day}") for day, at in enumerate(days) for n in range(6)
    ]
    await record(database, events, NOW, POLICY)
    await drained(database)
    assert await rows(database, "SELECT detection, is_provisional FROM campaign") == [
        ("TAG", False),
        ("TAG", False),
    ]
    registered = await register(database, LAUNCH, "p0@acme.com", "new@acme.com")
    assert (registered.added, registered.known) == (1, 1)
    await drained(database)
    assert await rows(
        database,
        "SELECT c.detection, c.is_provisional, count(r.id) FROM campaign c "
        "LEFT JOIN recipient r ON r.campaign_id = c.id GROUP BY c.id ORDER BY 1",
    ) == [("DECLARED", False, 7), ("TAG", True, 0), ("TAG", True, 0)]
    assert await rows(database, "SELECT subject FROM campaign WHERE is_declared") == [
        ("We have launched",)
    ]
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []
    assert await rows(
        database,
        "SELECT r.status, count(*), count(r.delivered_at) FROM recipient r GROUP BY 1 ORDER BY 1",
    ) == [("DELIVERED", 6, 6), ("SENT", 1, 0)]
    assert await rows(
        database,
        "SELECT DISTINCT c.external_id FROM event e JOIN recipient r ON r.id = e.recipient_id "
        "JOIN campaign c ON c.id = r.campaign_id",
    ) == [("launch-7",)]


async def test_events_that_name_no_message_are_taken_in_as_well(database: Database) -> None:
    """The end is the same whether the campaign is declared before or after."""
    events = [tagged(f"p{n}@acme.com", NOW, "")._replace(message_reference=None) for n in range(6)]
    states = []
    for is_first in (True, False):
        await rows(database, EMPTY)
        if is_first:
            await register(database, LAUNCH)
        await record(database, events, NOW, POLICY)
        await drained(database)
        if not is_first:
            await register(database, LAUNCH)
            await drained(database)
        states.append(await derived_state(database))
    assert states[0] == states[1]
    assert await rows(
        database,
        "SELECT c.external_id, r.status, count(*) FROM recipient r "
        "JOIN campaign c ON c.id = r.campaign_id GROUP BY 1, 2",
    ) == [("launch-7", "DELIVERED", 6)]
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_a_declared_time_stands_against_what_messages_tell(database: Database) -> None:
    sent_at = NOW - timedelta(hours=2)
    await register(database, DeclaredCampaign("sendgrid", "launch-7", sent_at=sent_at))
    await record(database, [tagged("kim@acme.com", NOW, "m1")], NOW, POLICY)
    await drained(database)
    assert await rows(database, "SELECT sent_at, is_dated FROM campaign") == [(sent_at, True)]
