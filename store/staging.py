"""Many rows as a statement's source: as arrays, or through COPY where there are a great many.

asyncpg looks at every element of an array to learn its shape, which for wide rows costs more than
everything else about sending them; COPY does not. It wants a table to copy into: a temporary one of
the connection, empty again at the end of each transaction.
"""

from collections.abc import Mapping, Sequence

from store.database import Connection

STAGED_ROWS = 200
"""Rows from which COPY's two more round trips are worth it."""


async def source(
    connection: Connection,
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[object]],
) -> tuple[str, list[Sequence[object]]]:
    """What to select rows from, and the statement's arguments. Call it in a transaction.

    `columns` maps each column to its SQL type, in the order of a row; `name` is that of the source
    and must not stand for different columns elsewhere.
    """
    if len(rows) < STAGED_ROWS:
        arrays = ", ".join(f"${n}::{t}[]" for n, t in enumerate(columns.values(), start=1))
        return f"unnest({arrays}) {name}({', '.join(columns)})", [*zip(*rows, strict=True)]
    table = f"staged_{name}"
    definition = ", ".join(f"{column} {type_}" for column, type_ in columns.items())
    await connection.execute(
        f"SET LOCAL client_min_messages = warning; "
        f"CREATE TEMP TABLE IF NOT EXISTS {table} ({definition}) ON COMMIT DELETE ROWS; "
        f"DELETE FROM pg_temp.{table}"
    )
    await connection.copy_records_to_table(table, records=rows, columns=list(columns))
    return f"pg_temp.{table} {name}", []
