"""Payloads: lent for a while, taken over from the dead, set aside when they cannot be finished."""

from datetime import UTC, datetime, timedelta
from typing import Any

from store.database import Database
from store.payloads import Finished, StoredPayload, accept, claim, fail, finish, replay

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(seconds=4)


async def put(database: Database, *bodies: bytes) -> list[int]:
    return [
        await accept(
            database, "postmark", headers={"a": "b"}, query="q=1", body=body, received_at=NOW
        )
        for body in bodies
    ]


async def take(database: Database, **chosen: Any) -> list[StoredPayload]:
    return await claim(database, lease=LEASE, tries=3, **chosen)


async def bodies(database: Database, **chosen: Any) -> list[bytes]:
    return [payload.body for payload in await take(database, **chosen)]


async def run_out(database: Database) -> None:
    """As if every lease had run out."""
    async with database.connection() as connection:
        await connection.execute("UPDATE payload SET lease_until = now() - interval '1 ms'")


async def states(database: Database) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT status, attempts, lease_until IS NULL, error FROM payload ORDER BY id"
        )
    return [tuple(row) for row in rows]


async def test_a_payload_comes_back_as_it_was_received(database: Database) -> None:
    (id_,) = await put(database, b"\x00\xff raw")
    assert await take(database) == [
        StoredPayload(id_, NOW.date(), NOW, "postmark", {"a": "b"}, "q=1", b"\x00\xff raw")
    ]


async def test_the_oldest_come_first_within_both_limits_but_at_least_one(
    database: Database,
) -> None:
    await put(database, b"1" * 100, b"2" * 60, b"3" * 60, b"4")
    assert await bodies(database, size=10) == [b"1" * 100]
    assert await bodies(database, size=120) == [b"2" * 60, b"3" * 60]
    assert await bodies(database, payloads=1) == [b"4"]
    assert await bodies(database) == []


async def test_what_is_lent_is_not_lent_again_until_its_lease_has_run_out(
    database: Database,
) -> None:
    await put(database, b"one")
    assert await bodies(database) == [b"one"]
    assert await bodies(database) == []
    await run_out(database)
    assert await bodies(database) == [b"one"]
    assert await states(database) == [("PENDING", 2, False, None)]


async def test_two_who_claim_at_once_get_different_payloads(database: Database) -> None:
    await put(database, b"1", b"2")
    async with database.transaction() as other:
        await other.execute("SELECT FROM payload WHERE body = '1' FOR UPDATE")
        assert await bodies(database) == [b"2"]


async def test_one_that_is_never_finished_is_set_aside_and_can_be_replayed(
    database: Database,
) -> None:
    (id_,) = await put(database, b"poison")
    for _ in range(3):
        assert await bodies(database) == [b"poison"]
        await run_out(database)
    assert await bodies(database) == []
    assert await states(database) == [("FAILED", 4, True, "not finished in 3 tries")]
    async with database.connection() as connection:
        assert await replay(connection, [id_]) == 1
        assert await replay(connection, [id_]) == 0
    assert await bodies(database) == [b"poison"]


async def test_what_waits_behind_one_that_is_set_aside_is_taken_at_once(
    database: Database,
) -> None:
    await put(database, b"poison")
    for _ in range(3):
        assert await bodies(database) == [b"poison"]
        await run_out(database)
    await put(database, b"new")
    assert await bodies(database) == [b"new"]


async def test_one_that_kills_its_workers_takes_no_other_along(database: Database) -> None:
    await put(database, b"1", b"poison", b"3")
    done: list[bytes] = []
    for _ in range(12):
        claimed = await take(database)
        if not any(payload.body == b"poison" for payload in claimed):
            async with database.transaction() as connection:
                await finish(connection, [Finished(payload, 1, 0, "") for payload in claimed])
            done += [payload.body for payload in claimed]
        await run_out(database)
    assert sorted(done) == [b"1", b"3"]
    assert [row[0] for row in await states(database)] == ["DONE", "FAILED", "DONE"]


async def test_what_failed_in_part_is_replayed_like_what_failed_whole(database: Database) -> None:
    ids = await put(database, b"good", b"half", b"bad")
    good, half, bad = await take(database)
    async with database.transaction() as connection:
        await finish(connection, [Finished(good, 5, 0, ""), Finished(half, 1, 0, "no time")])
        await fail(connection, bad.received_on, bad.id, "no JSON")
        assert await replay(connection, ids) == 2
    assert [row[0] for row in await states(database)] == ["DONE", "PENDING", "PENDING"]


async def test_a_finished_payload_keeps_what_was_wrong_with_some_of_its_events(
    database: Database,
) -> None:
    await put(database, b"good", b"half", b"bad")
    good, half, bad = await take(database)
    async with database.transaction() as connection:
        await finish(
            connection, [Finished(good, 5, 2, ""), Finished(half, 1, 0, "event 1: no time")]
        )
        await fail(connection, bad.received_on, bad.id, "x" * 3_000)
    assert await states(database) == [
        ("DONE", 1, True, None),
        ("PARTIAL", 1, True, "event 1: no time"),
        ("FAILED", 1, True, "x" * 2_000),
    ]
    async with database.connection() as connection:
        assert await connection.fetch("SELECT * FROM provider_seen") == [("postmark", NOW)]
