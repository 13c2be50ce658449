"""Recipients that a move leaves empty are deleted, but never from under another transaction."""

import asyncio
from datetime import UTC, datetime

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from domain.registering import DeclaredCampaign
from jobs.drain import Drain
from store.database import Database
from store.recording import draft as drafted
from store.recording import insert, record
from store.registering import register_campaign

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLICY = Policy()


def opened(reference: str, campaign: str) -> ReportedEvent:
    return ReportedEvent(
        provider="sendgrid",
        kind=EventKind.OPENED,
        occurred_at=NOW,
        address="ann@acme.example",
        message_reference=reference,
        campaign_id=campaign,
    )


async def recipients(database: Database) -> list[tuple[str, bool, int]]:
    """Campaign, whether registered, and events of each recipient."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT c.external_id, r.is_registered, (SELECT count(*) FROM event e "
            "WHERE e.recipient_id = r.id) FROM recipient r JOIN campaign c ON c.id = r.campaign_id "
            "ORDER BY 1"
        )
    return [tuple(row) for row in rows]


async def test_a_recipient_that_is_registered_while_its_message_moves_away_stays(
    database: Database,
) -> None:
    await record(database, [opened("m1", "summer")], NOW, POLICY)
    async with database.transaction() as connection:
        await insert(connection, [drafted(opened("m1", "spring"), NOW)], POLICY)
        declared = DeclaredCampaign("sendgrid", "summer")
        registering = asyncio.create_task(
            register_campaign(database, declared, ["ann@acme.example"], now=NOW, policy=POLICY)
        )
        await asyncio.sleep(0.3)
        assert not registering.done()

    assert (await registering).added == 1
    assert await recipients(database) == [("spring", False, 1), ("summer", True, 0)]


async def test_a_message_that_comes_to_a_recipient_being_pruned_makes_it_anew(
    database: Database,
) -> None:
    await record(database, [opened("m1", "summer")], NOW, POLICY)
    async with database.transaction() as connection:
        await insert(connection, [drafted(opened("m1", "spring"), NOW)], POLICY)
        recording = asyncio.create_task(record(database, [opened("m2", "summer")], NOW, POLICY))
        await asyncio.sleep(0.3)
        assert not recording.done()

    await recording
    assert await recipients(database) == [("spring", False, 1), ("summer", False, 1)]
    await Drain(database, POLICY, ring=lambda: None).until(0)
