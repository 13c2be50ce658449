"""A provisional campaign becomes one: shown and told once, whatever is read in between."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from jobs.drain import Drain
from store.database import Database
from store.feed import feed_cursor, parse_cursor, read
from store.paging import Page
from store.rebuilding import rebuild
from store.recording import record
from store.timeline import EventFilter, count_timelines, timelines
from tests.conftest import EMPTY
from tests.jobs.states import derived_state
from tests.seeding import MANAGER, Seed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLICY = Policy()
HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def delivered(who: int, **told: object) -> ReportedEvent:
    """A message to one of Acme's people, known by its tag."""
    values = {
        "provider": "sendgrid",
        "kind": EventKind.DELIVERED,
        "occurred_at": NOW + timedelta(minutes=who),
        "address": f"p{who}@acme.example",
        "message_reference": f"m{who}",
        "tags": ("news",),
    }
    return ReportedEvent(**(values | told))  # type: ignore[arg-type]


async def acme(database: Database) -> int:
    """A customer with six people."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        customer = await seed.customer("Acme")
        await seed.stakeholder(customer, *(f"p{who}@acme.example" for who in range(6)))
    return customer


async def shown(database: Database, customer: int) -> tuple[set[bytes], int, str]:
    """The keys on the customer's timeline, how many are counted, and the feed's cursor."""
    chosen = EventFilter()
    async with database.snapshot() as connection:
        page = Page(100)
        slices = await timelines(connection, MANAGER, [customer], chosen=chosen, page=page)
        counts = await count_timelines(connection, MANAGER, [customer], chosen=chosen)
        cursor = await feed_cursor(connection)
    rows = slices[customer].rows if customer in slices else ()
    return {row.key for row in rows}, counts.get(customer, 0), cursor


async def told(database: Database, after: str) -> list[tuple[str, bytes]]:
    async with database.connection() as connection:
        return [(e.kind, e.key) for e in await read(connection, parse_cursor(after))]


async def test_what_is_shown_is_not_told_again_when_a_campaign_has_just_become_bulk(
    database: Database,
) -> None:
    customer = await acme(database)
    drain = Drain(database, POLICY, ring=lambda: None)
    await record(database, [delivered(who) for who in range(4)], NOW, POLICY)
    await drain.until(0)
    await record(database, [delivered(4)], NOW, POLICY)

    before, counted, cursor = await shown(database, customer)
    await drain.until(0)
    after = await told(database, cursor)

    keys = [key for _, key in after]
    assert {kind for kind, _ in after} == {"RECORDED"}
    assert (len(before) + len(keys), len(before | set(keys)), counted) == (5, 5, len(before))
    assert len((await shown(database, customer))[0]) == 5


@pytest.mark.parametrize("leaving", [1, 3, 5])
async def test_a_campaign_that_too_many_leave_is_provisional_again_as_in_any_other_order(
    database: Database, leaving: int
) -> None:
    weak = [delivered(who) for who in range(5)]
    better = [
        delivered(who, kind=EventKind.OPENED, user_agent=HUMAN, campaign_id="spring", tags=())
        for who in range(leaving)
    ]
    states = []
    for batches in ((weak, better), (better, weak), ([*weak, *better],)):
        async with database.connection() as connection:
            await connection.execute(EMPTY)
        await acme(database)
        drain = Drain(database, POLICY, ring=lambda: None)
        for batch in batches:
            await record(database, batch, NOW, POLICY)
            await drain.until(0)
        states.append(await derived_state(database))
        assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []

    assert states[0] == states[1] == states[2]


async def test_a_campaign_left_by_too_many_is_told_anew_when_others_come(
    database: Database,
) -> None:
    customer = await acme(database)
    drain = Drain(database, POLICY, ring=lambda: None)
    start = (await shown(database, customer))[2]
    for batch in (
        [delivered(who) for who in range(5)],
        [delivered(0, kind=EventKind.OPENED, user_agent=HUMAN, campaign_id="spring", tags=())],
        [delivered(5)],
    ):
        await record(database, batch, NOW, POLICY)
        await drain.until(0)

    kinds = [kind for kind, _ in await told(database, start)]
    assert kinds == ["RECORDED"] * 5 + ["REMOVED"] * 5 + ["RECORDED"] * 5
    assert len((await shown(database, customer))[0]) == 5
