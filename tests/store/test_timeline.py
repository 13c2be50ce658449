"""The timeline reads only what a page can hold, and is whole all the same."""

from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from store.database import Database
from store.events import NEWEST, EventRow
from store.paging import Page
from store.timeline import EventFilter, timelines
from tests.conftest import EMPTY
from tests.seeding import MANAGER, NOW, Seed


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
    minutes=st.lists(st.lists(st.integers(0, 12), max_size=4), max_size=6),
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
