"""Deriving in short transactions: the feed is read in commit order, and what is live waits."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.policy import Policy
from jobs.insight import FEWEST, SHORT_SECONDS, keep_deriving, portion
from store.database import Database
from store.insight_queue import TAKEN, note_stakeholders
from tests.jobs.mail import directory, rows

LEFT = "SELECT count(*) FROM insight_queue"


@pytest.mark.parametrize(
    ("people", "seconds", "expected"),
    [
        (20, SHORT_SECONDS, 20),
        (20, 2 * SHORT_SECONDS, 10),
        (20, SHORT_SECONDS / 2, 40),
        (60, SHORT_SECONDS / 100, TAKEN),
        (8, 1.0, FEWEST),
        (0, 1.0, FEWEST),
    ],
)
def test_a_transaction_is_to_take_about_so_long(people: int, seconds: float, expected: int) -> None:
    assert portion(people, seconds) == expected


async def test_however_many_are_taken_at_once_everybody_is_derived(database: Database) -> None:
    await directory(database)
    async with database.transaction() as connection:
        ids = [row[0] for row in await connection.fetch("SELECT id FROM stakeholder")]
        more = await connection.fetch(
            "INSERT INTO stakeholder (customer_id, external_id) SELECT customer_id, 'x' || n "
            "FROM stakeholder, generate_series(1, 30) n WHERE id = $1 RETURNING id",
            ids[0],
        )
        everybody = [*ids, *(row[0] for row in more)]
        await note_stakeholders(connection, everybody)
        await connection.execute("UPDATE insight_queue SET due_at = now()")
    assert (await rows(database, LEFT))[0][0] > 3 * FEWEST
    later = datetime.now(UTC) + timedelta(minutes=1)
    deriving = asyncio.create_task(keep_deriving(database, Policy(), lambda: later, lambda: None))
    try:
        async with asyncio.timeout(20):
            while await rows(database, LEFT) != [(0,)]:
                await asyncio.sleep(0.02)
    finally:
        deriving.cancel()
        await asyncio.gather(deriving, return_exceptions=True)
