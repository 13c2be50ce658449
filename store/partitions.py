"""Monthly partitions of `event` and `payload`, made before they are needed."""

from datetime import date

from store.database import Connection

MONTHS_BEHIND = 7
"""Made once at migration, so that an imported half year of history lands in real partitions."""

MONTHS_AHEAD = 2
"""A month of slack should the maintenance loop stand still for weeks."""

_PARTITIONED = (("event", "fact_on", MONTHS_BEHIND), ("payload", "received_on", 0))


def month_start(day: date, offset: int = 0) -> date:
    """The first day of the month `offset` months away."""
    months = day.year * 12 + day.month - 1 + offset
    return date(months // 12, months % 12 + 1, 1)


async def ensure_partitions(connection: Connection, today: date) -> list[str]:
    """Make the missing partitions around `today`; returns the names of those made.

    Not those of months whose facts are no longer taken.
    Rows that waited in the DEFAULT partition move into the month made for them.
    """
    made = []
    dropped_before = await connection.fetchval("SELECT dropped_before FROM retention") or date.min
    for table, column, behind in _PARTITIONED:
        for offset in range(-behind, MONTHS_AHEAD + 1):
            start, end = month_start(today, offset), month_start(today, offset + 1)
            if end <= dropped_before:
                continue
            name = f"{table}_{start:%Y_%m}"
            if not await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", name):
                await _make_partition(connection, table, column, name, start, end)
                made.append(name)
    return made


async def _make_partition(
    connection: Connection, table: str, column: str, name: str, start: date, end: date
) -> None:
    within = f"{column} >= '{start}' AND {column} < '{end}'"
    async with connection.transaction():
        await connection.execute(
            f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY)"
        )
        if table == "payload":
            await connection.execute(f"ALTER TABLE {name} ALTER COLUMN body SET STORAGE EXTERNAL")
        await connection.execute(
            f"WITH moved AS (DELETE FROM {table}_default WHERE {within} RETURNING *) "
            f"INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM moved"
        )
        await connection.execute(
            f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')"
        )


async def drop_payload_partitions(connection: Connection, before: date) -> list[str]:
    """Drop whole months of payloads received before `before`, once none of them waits."""
    rows = await connection.fetch(
        "SELECT relid::text FROM pg_partition_tree('payload') WHERE isleaf ORDER BY 1"
    )
    dropped = []
    for (name,) in rows:
        last = name.removeprefix("payload_")
        if last == "default" or month_start(month_of(last), 1) > before:
            continue
        if not await _has_waiting(connection, name) and await _drop_if_done(connection, name):
            dropped.append(name)
    return dropped


async def _drop_if_done(connection: Connection, name: str) -> bool:
    """Drop a month of payloads, unless one of them was replayed in the last moment."""
    async with connection.transaction():
        # In the order in which whoever replays one locks them.
        await connection.execute("LOCK TABLE ONLY payload IN ACCESS EXCLUSIVE MODE")
        await connection.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
        if await _has_waiting(connection, name):
            return False
        await connection.execute(f"DROP TABLE {name}")
    return True


async def _has_waiting(connection: Connection, name: str) -> bool:
    return bool(
        await connection.fetchval(f"SELECT EXISTS (SELECT FROM {name} WHERE status = 'PENDING')")
    )


def month_of(name: str) -> date:
    """The first day of a month written as in the name of its partition."""
    year, month = name.split("_")
    return date(int(year), int(month), 1)
