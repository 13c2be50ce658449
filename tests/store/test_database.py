"""Connections go back into the pool as whoever comes next needs them."""

from store.database import Database


async def test_a_statement_that_was_prepared_and_never_run_harms_nobody_after(
    database: Database,
) -> None:
    """So it is left when whoever asked goes away between the two."""
    alone = Database(database.dsn, max_size=1)
    await alone.connect()
    try:
        async with alone.connection() as connection:
            await connection.prepare("SELECT now()")
        async with alone.snapshot() as connection:
            assert await connection.fetchval("SELECT 1") == 1
    finally:
        await alone.close()
