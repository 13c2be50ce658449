"""The process's one reader of the feed and those who follow: no gap, no repeat, nobody else's."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import date

import pytest

from domain.errors import DomainError
from domain.viewer import Role, Viewer
from store import live as live_module
from store.bell import Bell
from store.database import Connection, Database
from store.feed import feed_cursor
from store.live import POLL_SECONDS, Live, Update
from tests.seeding import INTEGRATION, MANAGER, Seed, csm_viewer

DAY = date(2026, 11, 22)


async def tell(connection: Connection, key: int, customer_id: int) -> None:
    await connection.execute(
        "INSERT INTO feed (customer_id, kind, fact_on, key, recipient_id) "
        "VALUES ($1, 'RECORDED', $2, $3, 1)",
        customer_id,
        DAY,
        key.to_bytes(16),
    )


def key_of(update: Update) -> int:
    return int.from_bytes(update.entry.key)


@pytest.fixture
async def bell() -> Bell:
    """Rings within this process; nobody listens at the other end."""
    return Bell("unix:///nowhere")


@pytest.fixture
async def live(database: Database, bell: Bell) -> AsyncIterator[Live]:
    reader = Live(database, bell)
    task = asyncio.create_task(reader.run())
    yield reader
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def customers(database: Database) -> dict[str, int]:
    """Acme and Bolt are Mia's (CSM 1), Core is Joe's (CSM 2)."""
    async with database.connection() as connection:
        seed = Seed(connection)
        mia, joe = await seed.csm("Mia"), await seed.csm("Joe")
        return {
            "Acme": await seed.customer("Acme", mia),
            "Bolt": await seed.customer("Bolt", mia),
            "Core": await seed.customer("Core", joe),
        }


@asynccontextmanager
async def collecting(live: Live, viewer: Viewer, **chosen: object) -> AsyncIterator[list[Update]]:
    """What a follower is told, in the background."""
    found: list[Update] = []
    updates = live.updates(viewer, **chosen)  # type: ignore[arg-type]

    async def follow() -> None:
        async with aclosing(updates):  # type: ignore[type-var]
            async for update in updates:
                found.append(update)

    task = asyncio.create_task(follow())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def length(found: list[Update], count: int) -> None:
    """Wait until so many updates have come."""
    async with asyncio.timeout(10):
        while len(found) < count:
            await asyncio.sleep(0.005)


async def cursor(database: Database) -> str:
    async with database.connection() as connection:
        return await feed_cursor(connection)


@pytest.mark.parametrize(
    ("viewer", "chosen", "expected"),
    [
        (MANAGER, {}, ["Acme", "Bolt", "Core"]),
        (MANAGER, {"csm_id": 1}, ["Acme", "Bolt"]),
        (MANAGER, {"customer_id": 3}, ["Core"]),
        (csm_viewer(1), {}, ["Acme", "Bolt"]),
        (csm_viewer(2), {}, ["Core"]),
        (csm_viewer(2), {"customer_id": 1}, []),
        (csm_viewer(2), {"csm_id": 1}, []),
        (INTEGRATION, {}, []),
        (Viewer(Role.CSM, "nobody"), {}, []),
    ],
)
async def test_a_follower_is_told_of_whom_they_may_see_and_asked_for(
    database: Database,
    live: Live,
    bell: Bell,
    customers: dict[str, int],
    viewer: Viewer,
    chosen: dict[str, int],
    expected: list[str],
) -> None:
    after = await cursor(database)
    async with (
        collecting(live, viewer, after=after, **chosen) as found,
        collecting(live, MANAGER, after=after) as everything,
    ):
        for _ in range(2):  # once replayed, once live
            async with database.connection() as connection:
                for customer_id in customers.values():
                    await tell(connection, customer_id, customer_id)
            bell.ring()
            await asyncio.sleep(0.05)
        await length(everything, 6)
        await length(found, 2 * len(expected))
    names = {id_: name for name, id_ in customers.items()}
    assert [names[u.entry.customer_id] for u in found] == expected * 2


async def test_one_who_lags_replays_without_a_gap_or_a_repeat(
    database: Database,
    live: Live,
    bell: Bell,
    customers: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_module, "FOLLOWER_ROWS", 3)
    updates = live.updates(MANAGER, after=await cursor(database))
    found: list[int] = []
    async with database.connection() as connection, aclosing(updates):  # type: ignore[type-var]
        await tell(connection, 0, customers["Acme"])
        async for update in updates:
            found.append(key_of(update))
            if len(found) == 200:
                break
            # Twenty more come while the follower looks at one.
            if len(found) % 20 == 1:
                for key in range(len(found), len(found) + 20):
                    await tell(connection, key, customers["Acme"])
                bell.ring()
                await asyncio.sleep(0.01)
    assert found == list(range(200))


async def test_a_follower_resumes_at_any_of_its_cursors(
    database: Database, live: Live, customers: dict[str, int]
) -> None:
    after = await cursor(database)
    async with database.connection() as connection:
        for key in range(5):
            await tell(connection, key, customers["Acme"])
    async with collecting(live, MANAGER, after=after) as whole:
        await length(whole, 5)
    for seen in range(5):
        async with collecting(live, MANAGER, after=whole[seen].cursor) as rest:
            await length(rest, 4 - seen)
        assert [key_of(u) for u in rest] == list(range(seen + 1, 5))


async def test_what_a_snapshot_shows_and_what_follows_it_is_everything_once(
    database: Database, live: Live, bell: Bell, customers: dict[str, int]
) -> None:
    """Writers whose transactions overlap all the time, and readers that begin between them."""
    total = 300
    keys = iter(range(total))

    async def write(number: int) -> None:
        for key in keys:
            async with database.transaction() as connection:
                await tell(connection, key, customers["Acme"])
                await asyncio.sleep(0.001 * (number + key % 4))
            bell.ring()

    async def read_then_follow(delay: float) -> tuple[set[int], list[int]]:
        await asyncio.sleep(delay)
        async with database.snapshot() as connection:
            after = await feed_cursor(connection)
            rows = await connection.fetch("SELECT key FROM feed")
        shown = {int.from_bytes(row[0]) for row in rows}
        async with collecting(live, MANAGER, after=after) as found:
            await length(found, total - len(shown))
            await asyncio.sleep(0.02)
        return shown, [key_of(u) for u in found]

    readers = [asyncio.create_task(read_then_follow(number * 0.015)) for number in range(30)]
    await asyncio.gather(*(write(number) for number in range(4)))
    readings = await asyncio.gather(*readers)
    for shown, followed in readings:
        assert len(set(followed)) == len(followed)
        assert shown.isdisjoint(followed)
        assert shown.union(followed) == set(range(total))
    assert any(0 < len(shown) < total for shown, _ in readings)


async def test_what_an_older_transaction_held_back_is_told_once_it_ends_though_nobody_rings(
    database: Database, live: Live, bell: Bell, customers: dict[str, int]
) -> None:
    async with collecting(live, MANAGER, after=await cursor(database)) as found:
        await asyncio.sleep(0.1)  # it follows by then
        async with database.transaction() as older, database.connection() as connection:
            await older.execute("SELECT pg_current_xact_id()")
            await tell(connection, 1, customers["Acme"])
            bell.ring()
            await asyncio.sleep(0.1)
            assert not found
        began = time.monotonic()
        await length(found, 1)
        assert time.monotonic() - began < POLL_SECONDS / 2


async def test_followers_outlive_the_connections_they_read_through(
    database: Database, live: Live, bell: Bell, customers: dict[str, int]
) -> None:
    async with collecting(live, MANAGER, after=await cursor(database)) as found:
        for key in range(3):
            async with database.connection() as connection:
                await tell(connection, key, customers["Acme"])
            bell.ring()
            await length(found, key + 1)
            async with database.connection() as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'campaign-engagement' AND pid <> pg_backend_pid()"
                )
    assert [key_of(u) for u in found] == [0, 1, 2]


async def test_a_portfolio_follower_who_gains_a_customer_is_told_of_it(
    database: Database,
    live: Live,
    bell: Bell,
    customers: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_module, "RIGHTS_SECONDS", 0.05)
    monkeypatch.setattr("store.sight.RIGHTS_SECONDS", 0.05)
    async with collecting(live, csm_viewer(1), after=await cursor(database)) as found:
        async with database.connection() as connection:
            await tell(connection, 1, customers["Core"])
            bell.ring()
            await asyncio.sleep(0.3)
            await connection.execute("UPDATE customer SET csm_id = 1 WHERE name = 'Core'")
            await asyncio.sleep(0.2)  # rights are trusted for a moment
            await tell(connection, 2, customers["Core"])
            await tell(connection, 3, customers["Acme"])
            bell.ring()
        await length(found, 2)
    assert [key_of(u) for u in found] == [2, 3]


async def test_a_cursor_that_is_none_or_has_expired_is_refused_at_once(
    database: Database, live: Live
) -> None:
    for after, code in (("nonsense", "INVALID_CURSOR"), (EXPIRED, "CURSOR_EXPIRED")):
        updates = live.updates(MANAGER, after=after)
        with pytest.raises(DomainError) as refused:
            await anext(updates)
        assert refused.value.code == code


EXPIRED = "MDEyM2FiY2QuMS4x"
"""0123abcd.1.1, of another epoch."""
