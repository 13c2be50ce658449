"""Those who place events and those who move messages wait for each other, but never in a circle."""

import asyncio
from datetime import UTC, datetime, timedelta

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from jobs.drain import Drain
from store.database import Database
from store.event_rows import insert_events
from store.messages import check_held
from store.placing import place
from store.recording import draft, record

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLICY = Policy()


def delivered(**told: object) -> ReportedEvent:
    """That a message was delivered, and what its report tells of the campaign."""
    return ReportedEvent(
        provider="sendgrid",
        kind=EventKind.DELIVERED,
        occurred_at=NOW,
        address="ann@acme.example",
        message_reference="m1",
        **told,  # type: ignore[arg-type]
    )


async def deadlocks(database: Database) -> int:
    """How many there were so far; sessions write down what they know within a second."""
    await asyncio.sleep(1.2)
    async with database.connection() as connection:
        return int(
            await connection.fetchval(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            )
        )


async def test_a_mover_of_the_same_event_waits_before_it_holds_anything(
    database: Database,
) -> None:
    """Whoever stores an event holds its recipient by then: the mover, who wants to store it, too,
    cannot hold the recipient meanwhile and wait for the event."""
    opened = delivered()._replace(
        kind=EventKind.OPENED, occurred_at=NOW + timedelta(minutes=1), user_agent="Mozilla/5.0 (X)"
    )
    before = await deadlocks(database)
    await record(database, [delivered(tags=("news",))], NOW, POLICY)
    async with database.transaction() as connection:
        storing = draft(opened, NOW)
        await place(connection, [storing], POLICY)
        await insert_events(connection, [storing], POLICY)
        mover = [delivered(campaign_id="spring")._replace(kind=EventKind.ACCEPTED), opened]
        moving = asyncio.create_task(record(database, mover, NOW, POLICY))
        await asyncio.sleep(0.3)
        assert not moving.done()
        # What projection does next; with the mover holding the recipient, this was the circle.
        assert storing.recipient_id is not None
        await check_held(connection, [storing.recipient_id])
    outcomes = [str(result.outcome) for result in await moving]
    await Drain(database, POLICY, ring=lambda: None).until(0)

    assert await deadlocks(database) == before
    assert outcomes == ["UNMATCHED", "DUPLICATE"]
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT c.external_id, count(*) FROM event e JOIN recipient r ON r.id = e.recipient_id "
            "JOIN campaign c ON c.id = r.campaign_id GROUP BY 1"
        )
    assert [tuple(row) for row in rows] == [("spring", 3)]
