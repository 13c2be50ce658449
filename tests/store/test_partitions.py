"""Monthly partitions: made ahead, filled from the DEFAULT one, dropped when nothing waits there."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from store.database import Connection, Database
from store.partitions import drop_payload_partitions, ensure_partitions, month_start
from store.payloads import replay

FAR = date(2031, 5, 20)
"""Nobody has made partitions around this day."""

LONG_AGO = date(2020, 5, 20)
"""Nor around this, whose months come before all others."""


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """A connection whose partitions of 2020, 2030 and 2031 are gone afterwards."""
    async with database.connection() as found:
        yield found
        await found.execute("DELETE FROM event; DELETE FROM payload")
        for (name,) in await found.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '_20(20|30|31)_'"
        ):
            await found.execute(f"DROP TABLE {name}")


async def put_event(connection: Connection, day: date, key: int = 1) -> None:
    await connection.execute(
        "INSERT INTO event (fact_on, key, provider, kind, occurred_at, received_at, "
        "is_machine_flagged, is_prefetch, reasons) "
        "VALUES ($1, $2, 'sendgrid', 'OPENED', $3, $3, false, false, '{}')",
        day,
        key.to_bytes(16),
        datetime(day.year, day.month, day.day, tzinfo=UTC),
    )


async def put_payload(connection: Connection, day: date, status: str = "PENDING") -> int:
    found: int = await connection.fetchval(
        "INSERT INTO payload (received_on, received_at, provider, headers, query, body, status) "
        "VALUES ($1, $2, 'sendgrid', '{}', '', 'body', $3) RETURNING id",
        day,
        datetime(day.year, day.month, day.day, tzinfo=UTC),
        status,
    )
    return found


async def places(connection: Connection, table: str, column: str) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(f"SELECT {column}, tableoid::regclass::text FROM {table}")
    return sorted(tuple(row) for row in rows)


@pytest.mark.parametrize(
    ("day", "offset", "expected"),
    [
        (date(2026, 11, 22), 0, date(2026, 11, 1)),
        (date(2026, 11, 22), 2, date(2027, 1, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 1)),
        (date(2026, 1, 31), -1, date(2025, 12, 1)),
        (date(2026, 1, 31), -13, date(2024, 12, 1)),
    ],
)
def test_months_are_counted_over_the_years(day: date, offset: int, expected: date) -> None:
    assert month_start(day, offset) == expected


async def test_the_months_around_today_are_made_once(connection: Connection) -> None:
    made = await ensure_partitions(connection, FAR)
    assert made[0] == "event_2030_10"
    assert [name for name in made if name.startswith("event_")][-1] == "event_2031_07"
    assert made[-3:] == ["payload_2031_05", "payload_2031_06", "payload_2031_07"]
    assert await ensure_partitions(connection, FAR) == []
    assert await ensure_partitions(connection, date(2031, 6, 1)) == [
        "event_2031_08",
        "payload_2031_08",
    ]


async def test_rows_that_waited_in_the_default_partition_move_to_their_month(
    connection: Connection,
) -> None:
    edges = [date(2031, 4, 30), date(2031, 5, 1), date(2031, 5, 31), date(2031, 6, 1)]
    for key, day in enumerate([*edges, date(2035, 1, 1)]):
        await put_event(connection, day, key)
    id_ = await put_payload(connection, FAR)
    assert {place for _, place in await places(connection, "event", "fact_on")} == {"event_default"}
    await ensure_partitions(connection, FAR)
    assert await places(connection, "event", "fact_on") == [
        (edges[0], "event_2031_04"),
        (edges[1], "event_2031_05"),
        (edges[2], "event_2031_05"),
        (edges[3], "event_2031_06"),
        (date(2035, 1, 1), "event_default"),
    ]
    assert await places(connection, "payload", "id") == [(id_, "payload_2031_05")]
    # And what comes now goes there at once, numbered on.
    assert await put_payload(connection, FAR) == id_ + 1
    assert await places(connection, "payload", "id") == [
        (id_, "payload_2031_05"),
        (id_ + 1, "payload_2031_05"),
    ]


async def test_one_fact_is_one_row_in_a_new_partition_too(connection: Connection) -> None:
    await put_event(connection, FAR)
    await ensure_partitions(connection, FAR)
    repeated = (
        "INSERT INTO event SELECT * FROM event ON CONFLICT (fact_on, key) DO NOTHING RETURNING key"
    )
    assert await connection.fetch(repeated) == []


async def test_old_payloads_are_dropped_by_the_month_once_none_of_them_waits(
    connection: Connection,
) -> None:
    await ensure_partitions(connection, FAR)
    waiting = await put_payload(connection, date(2031, 5, 3))
    await put_payload(connection, date(2031, 6, 3), status="FAILED")
    recent = await put_payload(connection, date(2031, 7, 3), status="DONE")

    async def drop(before: date) -> list[str]:
        names = await drop_payload_partitions(connection, before)
        return [name for name in names if "_2031_" in name]

    staying = connection.transaction()  # the session's own partitions stay
    await staying.start()
    assert await drop(date(2031, 5, 31)) == []
    assert await drop(date(2031, 7, 15)) == ["payload_2031_06"]
    await connection.execute("UPDATE payload SET status = 'DONE' WHERE id = $1", waiting)
    assert await drop(date(2031, 7, 15)) == ["payload_2031_05"]
    assert [id_ for id_, _ in await places(connection, "payload", "id")] == [recent]
    await staying.rollback()


async def test_a_payload_that_is_replayed_in_the_last_moment_is_not_dropped(
    database: Database, connection: Connection
) -> None:
    await ensure_partitions(connection, LONG_AGO)
    id_ = await put_payload(connection, LONG_AGO, status="FAILED")
    staying = connection.transaction()
    async with database.transaction() as other:
        assert await replay(other, [id_]) == 1
        await staying.start()
        dropping = asyncio.create_task(drop_payload_partitions(connection, date(2020, 6, 15)))
        done, _ = await asyncio.wait([dropping], timeout=0.5)
        assert not done
    assert "payload_2020_05" not in await dropping
    await staying.rollback()
    assert await places(connection, "payload", "id") == [(id_, "payload_2020_05")]
