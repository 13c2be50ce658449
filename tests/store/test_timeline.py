"""The timeline reads only what a page can hold, and is whole all the same."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from store.database import Connection, Database
from store.events import NEWEST, EventRow
from store.paging import Page
from store.timeline import EventFilter, timelines
from tests.conftest import EMPTY
from tests.seeding import MANAGER, NOW, Seed

DAY = 24 * 60
MINUTES = st.builds(lambda day, minute: day * DAY + minute, st.integers(0, 3), st.integers(0, 12))
"""Within minutes of each other, on the same or another day."""


async def plant(database: Database, minutes: list[list[int]]) -> int:
    """A customer with a recipient for each list, opening so many minutes ago."""
    async with database.transaction() as connection:
        await connection.execute(EMPTY)
        seed = Seed(connection)
        acme = await seed.customer("Acme")
        campaign = await seed.campaign("Spring")
        for who, ago in enumerate(minutes):
            address = await seed.address(f"p{who}@acme.example", None)
            await seed.match(address, acme)
            recipient = await seed.recipient(campaign, address)
            for number, minute in enumerate(ago):
                at = NOW - timedelta(minutes=minute)
                await seed.event(recipient, "OPENED", at, detail=str(number))
    return acme


async def pages(database: Database, customer: int, first: int) -> list[EventRow]:
    """Every row of the timeline, page by page."""
    found: list[EventRow] = []
    after = None
    while True:
        async with database.snapshot() as connection:
            page = Page(first, after)
            slices = await timelines(
                connection, MANAGER, [customer], chosen=EventFilter(), page=page
            )
        if customer not in slices:
            return found
        rows = slices[customer].rows
        found += rows
        if not slices[customer].has_next:
            return found
        after = NEWEST.key(rows[-1])


@example(minutes=[[0], [0], [0]], first=1)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    minutes=st.lists(st.lists(MINUTES, max_size=4), max_size=6),
    first=st.integers(1, 4),
)
async def test_pages_hold_every_event_once_and_newest_first(
    database: Database, minutes: list[list[int]], first: int
) -> None:
    customer = await plant(database, minutes)

    rows = await pages(database, customer, first)

    assert len(rows) == sum(map(len, minutes))
    assert rows == sorted(rows, key=NEWEST.key, reverse=True)


async def test_a_recipient_whose_last_event_is_gone_hides_nobody_elses(
    database: Database,
) -> None:
    customer = await plant(database, [[1], [2], [3], [4, 5, 6]])
    async with database.transaction() as connection:
        await connection.execute(
            "DELETE FROM event WHERE occurred_at > $1", NOW - timedelta(minutes=4)
        )

    rows = await pages(database, customer, 1)

    ago = [(NOW - row.occurred_at).total_seconds() / 60 for row in rows]
    assert ago == [4.0, 5.0, 6.0]


async def test_an_event_reported_from_the_future_hides_nobody_elses(database: Database) -> None:
    """It is dated by when it came; the day of its fact is as reported."""
    customer = await plant(database, [[0], [1], [2], [5 * DAY], [6 * DAY]])
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE event SET fact_on = fact_on + 9, occurred_at = occurred_at - interval '7 days' "
            "WHERE occurred_at > $1",
            NOW - timedelta(minutes=3),
        )
        await connection.execute(
            "UPDATE recipient r SET last_fact_on = e.fact_on, last_event_at = e.occurred_at "
            "FROM event e WHERE e.recipient_id = r.id"
        )
    for first in (1, 2, 3):
        rows = await pages(database, customer, first)
        assert len(rows) == 5
        assert rows == sorted(rows, key=NEWEST.key, reverse=True)


async def test_a_page_of_a_customer_long_known_takes_one_statement(database: Database) -> None:
    customer = await plant(database, [[day * DAY] for day in range(30)])
    page, read, has_next = Page(3), 0, True
    while has_next:
        async with database.snapshot() as connection:
            counted = Counted(connection)
            slices = await timelines(counted, MANAGER, [customer], chosen=EventFilter(), page=page)
        rows = slices[customer].rows
        read += len(rows)
        assert counted.statements == 1
        has_next = slices[customer].has_next
        page = Page(3, NEWEST.key(rows[-1]))
    assert read == 30


class Counted:
    """A connection that counts what it is asked."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.statements = 0

    async def fetch(self, sql: str, *args: Any) -> Any:
        self.statements += 1
        return await self.connection.fetch(sql, *args)
