"""The feed's order is that of commits; cursors are what they were given as; the floor rises."""

import asyncio
import base64
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import DomainError
from store.database import Connection, Database
from store.feed import Cursor, Position, check_cursor, head, parse_cursor, read, trim

NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def tell(connection: Connection, key: int, customer_id: int = 1) -> None:
    """A row of the feed, told apart by `key`."""
    await connection.execute(
        "INSERT INTO feed (customer_id, kind, fact_on, key, recipient_id) "
        "VALUES ($1, 'RECORDED', $2, $3, 1)",
        customer_id,
        date(2026, 11, 22),
        key.to_bytes(16),
    )


async def told(connection: Connection, after: Cursor, **chosen: Any) -> list[int]:
    """The keys of the rows after a cursor."""
    return [int.from_bytes(entry.key) for entry in await read(connection, after, **chosen)]


async def test_a_transaction_that_commits_late_is_not_skipped(database: Database) -> None:
    async with (
        database.connection() as reading,
        database.connection() as slow,
        database.connection() as quick,
    ):
        cursor = await head(reading)
        late = slow.transaction()
        await late.start()
        await tell(slow, 1)
        await tell(quick, 2)
        # The first may still come before the second, so neither is told yet.
        assert await told(reading, cursor) == []
        await late.commit()
        assert await told(reading, cursor) == [1, 2]


async def test_a_reader_who_reads_on_meanwhile_gets_each_row_once_in_order(
    database: Database,
) -> None:
    """Writers that commit in any order, and a reader between them all the time."""
    async with database.connection() as reading:
        cursor = await head(reading)

    async def write(number: int) -> None:
        for row in range(20):
            async with database.transaction() as connection:
                await tell(connection, number * 100 + row)
                await asyncio.sleep(0.001 * ((number * 7 + row) % 5))

    writers = asyncio.gather(*(write(number) for number in range(6)))
    found: list[int] = []
    while len(found) < 120:
        async with database.connection() as connection:
            for entry in await read(connection, cursor, limit=7):
                cursor = cursor.moved(entry.position)
                found.append(int.from_bytes(entry.key))
        await asyncio.sleep(0.001)
    await writers
    assert len(set(found)) == 120
    assert [key for key in found if key < 100] == list(range(20))


async def test_rows_are_read_in_the_order_of_numbers_not_of_their_digits(
    database: Database,
) -> None:
    async with database.connection() as connection:
        for key, xid in enumerate(("9", "10", "98", "100")):
            await connection.execute(
                "INSERT INTO feed (xid, customer_id, kind, fact_on, key, recipient_id) "
                "VALUES ($1::text::xid8, 1, 'RECORDED', '2026-11-22', $2, 1)",
                xid,
                key.to_bytes(16),
            )
        start = Cursor("00000000", Position(0, 0))
        assert await told(connection, start) == [0, 1, 2, 3]
        assert await told(connection, start, limit=2) == [0, 1]


async def test_only_the_customers_asked_for_are_read(database: Database) -> None:
    async with database.connection() as connection:
        cursor = await head(connection)
        for key in range(4):
            await tell(connection, key, customer_id=key % 2)
        assert await told(connection, cursor, customer_ids=[1]) == [1, 3]
        assert await told(connection, cursor, customer_ids=[]) == []
        assert await told(connection, cursor, limit=3) == [0, 1, 2]


async def test_a_cursor_moves_on_and_never_back() -> None:
    cursor = Cursor("0123abcd", Position(10, 5), frozenset({11}))
    assert cursor.moved(Position(9, 7)) == cursor
    assert cursor.moved(Position(10, 6)) == Cursor("0123abcd", Position(10, 6), frozenset({11}))
    assert cursor.moved(Position(12, 1)) == Cursor("0123abcd", Position(12, 1))


@pytest.mark.parametrize(
    ("position", "is_seen"),
    [((9, 9), True), ((10, 5), True), ((10, 6), False), ((11, 1), True), ((12, 1), False)],
)
def test_a_cursor_knows_which_rows_beyond_it_were_seen(position: Any, is_seen: bool) -> None:
    cursor = Cursor("0123abcd", Position(10, 5), frozenset({11}))
    assert cursor.has_seen(Position(*position)) is is_seen


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


NUMBERS = st.integers(0, 2**70).map(str) | st.text("0123456789,:.٣", max_size=6)


@given(
    text=st.text(max_size=60)
    | st.builds(
        lambda *parts: encoded(".".join(parts)),
        st.sampled_from(["0123abcd", "x", ""]),
        NUMBERS,
        NUMBERS,
        NUMBERS,
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_garbage_is_an_invalid_cursor_and_what_is_not_can_be_read_after(
    connected: Database, text: str
) -> None:
    try:
        cursor = parse_cursor(text)
    except DomainError as error:
        found = (error.code, error.field)
    else:
        async with connected.connection() as connection:
            await read(connection, cursor)
        found = ("INVALID_CURSOR", ("after",))
    assert found == ("INVALID_CURSOR", ("after",))


@pytest.fixture
async def untouched(database: Database) -> Any:
    """Whatever a test does to the feed's epoch and floor is put right again."""
    async with database.connection() as connection:
        before = await connection.fetchrow(
            "SELECT epoch, system_identifier, floor_xid::text, floor_id FROM feed_state"
        )
        yield connection
        await connection.execute(
            "UPDATE feed_state SET epoch = $1, system_identifier = $2, "
            "floor_xid = $3::text::xid8, floor_id = $4",
            *before,
        )


async def test_trimming_raises_the_floor_and_expires_cursors_below_it(
    untouched: Connection,
) -> None:
    before = await head(untouched)
    for key in range(3):
        await tell(untouched, key)
    entries = await read(untouched, before)
    await untouched.execute("UPDATE feed SET created_at = $1 WHERE id <= 2", NOW)
    assert await trim(untouched, NOW + timedelta(seconds=1)) == 2
    assert await trim(untouched, NOW + timedelta(seconds=1)) == 0
    with pytest.raises(DomainError) as expired:
        await check_cursor(untouched, before.moved(entries[0].position))
    assert (expired.value.code, expired.value.field) == ("CURSOR_EXPIRED", ("after",))
    last = before.moved(entries[1].position)
    await check_cursor(untouched, last)
    assert await told(untouched, last) == [2]


async def test_the_floor_never_sinks(untouched: Connection) -> None:
    """A transaction's clock can be older than that of one numbered before it."""
    before = await head(untouched)
    for key in range(2):
        await tell(untouched, key)
    first, second = await read(untouched, before)
    await untouched.execute("UPDATE feed SET created_at = $1 WHERE id = 2", NOW)
    assert await trim(untouched, NOW + timedelta(seconds=1)) == 1
    await untouched.execute("UPDATE feed SET created_at = $1 WHERE id = 1", NOW)
    assert await trim(untouched, NOW + timedelta(seconds=1)) == 1
    with pytest.raises(DomainError, match="no longer reaches back"):
        await check_cursor(untouched, before.moved(first.position))
    await check_cursor(untouched, before.moved(second.position))


async def test_a_cursor_of_another_epoch_is_expired(untouched: Connection) -> None:
    cursor = await head(untouched)
    await check_cursor(untouched, cursor)
    await untouched.execute("UPDATE feed_state SET epoch = 'ffffffff'")
    with pytest.raises(DomainError, match="read the customer again"):
        await check_cursor(untouched, cursor)
