"""What each source sends, and its pauses."""

from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from jobs.upkeep import warn_of_silence
from store.database import Database
from store.sources import SourceRow, days_of_sources, note_received, sources
from tests.seeding import MANAGER

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def hear(database: Database, *received: tuple[str, datetime, int, int]) -> None:
    async with database.transaction() as connection:
        await note_received(connection, received)


async def heard(database: Database) -> list[SourceRow]:
    async with database.connection() as connection:
        return await sources(connection, NOON.date())


async def test_a_source_has_its_last_word_and_its_longest_pause(database: Database) -> None:
    await hear(database, ("mailgun", NOON - 9 * HOUR, 1, 0), ("postmark", NOON, 2, 1))
    await hear(database, ("mailgun", NOON - 4 * HOUR, 1, 0), ("mailgun", NOON - 3 * HOUR, 1, 0))
    await hear(database, ("mailgun", NOON - HOUR, 1, 0))
    assert await heard(database) == [
        SourceRow("mailgun", NOON - HOUR, 5 * HOUR),
        SourceRow("postmark", NOON, None),
    ]


async def test_a_late_payload_neither_moves_the_last_word_nor_makes_a_pause(
    database: Database,
) -> None:
    await hear(database, ("mailgun", NOON, 1, 0))
    await hear(database, ("mailgun", NOON - 5 * HOUR, 1, 0))
    assert await heard(database) == [SourceRow("mailgun", NOON, timedelta(0))]


async def test_pauses_older_than_four_weeks_are_forgotten(database: Database) -> None:
    await hear(database, ("mailgun", NOON - timedelta(days=40), 1, 0))
    await hear(database, ("mailgun", NOON - timedelta(days=30), 1, 0))
    await hear(database, ("mailgun", NOON - timedelta(days=27), 1, 0))
    assert await heard(database) == [
        SourceRow("mailgun", NOON - timedelta(days=27), timedelta(days=3))
    ]


async def test_payloads_events_and_unknown_ones_are_counted_by_day(database: Database) -> None:
    yesterday = NOON - timedelta(days=1)
    await hear(database, ("mailgun", yesterday, 3, 1), ("mailgun", NOON, 5, 0))
    await hear(database, ("mailgun", NOON + HOUR, 2, 2))
    async with database.connection() as connection:
        found = await days_of_sources(
            connection, MANAGER, ["mailgun", "brevo"], after=NOON.date() - timedelta(days=2)
        )
    assert [(r.day, r.payloads, r.events, r.unknown) for r in found["mailgun"]] == [
        (yesterday.date(), 1, 3, 1),
        (NOON.date(), 2, 7, 2),
    ]
    assert "brevo" not in found


async def test_a_source_that_falls_silent_is_told_of_once(database: Database) -> None:
    await hear(database, ("mailgun", NOON, 1, 0))
    silent: set[str] = set()
    with capture_logs() as logs:
        await warn_of_silence(database, NOON + 71 * HOUR, silent)
        await warn_of_silence(database, NOON + 73 * HOUR, silent)
        await warn_of_silence(database, NOON + 74 * HOUR, silent)
    assert [(line["log_level"], line["provider"]) for line in logs] == [("warning", "mailgun")]
