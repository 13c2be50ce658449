"""The feed's cursors: nothing is missed or repeated, whatever else writes, ends or crashes."""

import base64
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from domain.errors import DomainError
from server import embedded
from store.database import Connection, Database, Unavailable
from store.feed import Cursor, Position, check_cursor, feed_cursor, head, parse_cursor, read, trim
from store.migrate import migrate
from tests.conftest import FAST
from tests.seeding import NOW


async def tell(connection: Connection, mark: int) -> None:
    """A row of the feed, known by its recipient."""
    await connection.execute(
        "INSERT INTO feed (customer_id, kind, fact_on, key, recipient_id) "
        "VALUES (1, 'RECORDED', $1, $2, $3)",
        NOW.date(),
        bytes(16),
        mark,
    )


async def told(database: Database, after: Cursor) -> list[int]:
    async with database.connection() as connection:
        return [entry.recipient_id for entry in await read(connection, after)]


@asynccontextmanager
async def writing(database: Database, mark: int) -> AsyncIterator[None]:
    """A row written by a transaction that stays open meanwhile."""
    async with database.transaction() as connection:
        await tell(connection, mark)
        yield


async def test_what_a_snapshot_saw_beyond_an_older_writer_is_not_told_again(
    database: Database,
) -> None:
    async with database.connection() as connection:
        await tell(connection, 1)
    async with writing(database, 2):
        async with database.connection() as connection:
            await tell(connection, 3)
        async with database.snapshot() as connection:
            cursor = parse_cursor(await feed_cursor(connection))
        async with database.connection() as connection:
            await tell(connection, 4)

    assert len(cursor.seen) == 1
    assert await told(database, cursor) == [2, 4]
    async with database.connection() as connection:
        rows = await read(connection, cursor)
    further = cursor.moved(rows[0].position)
    assert further.seen == cursor.seen
    assert await told(database, further) == [4]
    assert cursor.moved(rows[1].position).seen == frozenset()


async def test_a_cursor_survives_being_written_and_read() -> None:
    for cursor in (
        Cursor("0123abcd", Position(0, 0)),
        Cursor("0123abcd", Position(7, 9), frozenset({8, 12})),
        Cursor("0123abcd", Position(2**64 - 1, 2**63 - 1)),
    ):
        assert parse_cursor(str(cursor)) == cursor


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "0123abcd",
        "0123ABCD.1.1",
        "0123abcd.1.-1",
        "0123abcd.18446744073709551616.1",
        "0123abcd.1.9223372036854775808",
        "0123abcd.18446744073709551615.1.1",
        "0123abcd.1.1.1:3:",
        "0123abcd.1.1.2,,3",
        "0123abcd.1.1." + "1" * 100,
        "0123abcd.1.1." + "1," * 60_000 + "1",
    ],
)
async def test_what_is_no_cursor_is_refused(raw: str) -> None:
    text = base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")
    for wrong in (text, raw, text + "é"):
        with pytest.raises(DomainError) as refused:
            parse_cursor(wrong)
        assert refused.value.code == "INVALID_CURSOR"


async def test_the_largest_cursor_can_be_read_after(database: Database) -> None:
    async with database.connection() as connection:
        epoch = (await head(connection)).epoch
    largest = Cursor(epoch, Position(2**64 - 2, 2**63 - 1), frozenset({2**64 - 1}))

    assert await told(database, largest) == []


async def test_a_cursor_behind_what_was_trimmed_has_expired(database: Database) -> None:
    async with database.connection() as connection:
        start = await head(connection)
        for mark in (1, 2, 3):
            await tell(connection, mark)
        rows = await read(connection, start)
        await connection.execute(
            "UPDATE feed SET created_at = created_at - interval '1 day' WHERE recipient_id < 3"
        )
        removed = await trim(connection, rows[-1].created_at)

        assert removed == 2
        await check_cursor(connection, start.moved(rows[1].position))
        assert (await head(connection)).position == rows[2].position
        with pytest.raises(DomainError) as expired:
            await check_cursor(connection, start.moved(rows[0].position))
        assert expired.value.code == "CURSOR_EXPIRED"
        await connection.execute("UPDATE feed_state SET floor_xid = '0', floor_id = 0")


async def test_an_empty_feed_begins_where_it_was_trimmed_to(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("UPDATE feed_state SET floor_xid = '5', floor_id = 7")
        cursor = await head(connection)
        await check_cursor(connection, cursor)
        await connection.execute("UPDATE feed_state SET floor_xid = '0', floor_id = 0")

    assert cursor.position == Position(5, 7)


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="engagement-crash-"))
    folder.chmod(0o755)
    yield folder
    embedded.stop_postgres(folder)


async def test_no_row_is_missed_when_a_crash_has_ids_given_again(folder: Path) -> None:
    """Ids of transactions that came to nothing before a crash are those of rows after it."""
    url = embedded.start_postgres(folder, FAST)
    await migrate(url)
    database = Database(url)
    await database.connect()
    async with database.connection() as connection:
        await tell(connection, 1)
        await abandon(connection, 20)
        live = await head(connection)
    async with database.snapshot() as connection:
        cursor = parse_cursor(await feed_cursor(connection))
        limit = await newest(connection)
        pid = await connection.fetchval(
            "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int"
        )
    os.kill(pid, signal.SIGKILL)
    with suppress(Unavailable):
        async with database.connection() as connection:
            await connection.fetchval("SELECT pg_sleep(5)")
    embedded.start_postgres(folder, FAST)
    async with database.connection() as connection:
        for mark in (2, 3):
            await tell(connection, mark)
        assert await newest(connection) < limit

    assert await told(database, cursor) == [2, 3]
    assert await told(database, live) == [2, 3]
    await database.close()


async def abandon(connection: Connection, times: int) -> None:
    """Transactions that write and come to nothing."""
    for _ in range(times):
        attempt = connection.transaction()
        await attempt.start()
        await tell(connection, 0)
        await attempt.rollback()


async def newest(connection: Connection) -> int:
    """The id that the next transaction gets."""
    return int(await connection.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text"))
