"""Importing in tests: what is sent, and what the directory then holds."""

from datetime import UTC, datetime
from typing import Any

from domain.directory import ImportedCustomer, ImportOutcome, read_customer
from store.database import Database
from store.importing import ImportResult, import_customers

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

CREATED, UPDATED, UNCHANGED, REJECTED = ImportOutcome


def read(*raws: dict[str, Any]) -> list[ImportedCustomer]:
    items = []
    for number, raw in enumerate(raws):
        item = read_customer(raw, ("customers", str(number)))
        assert isinstance(item, ImportedCustomer), item
        items.append(item)
    return items


async def take(database: Database, *raws: dict[str, Any]) -> list[ImportResult]:
    return await import_customers(database, read(*raws), now=NOW)


async def outcomes(database: Database, *raws: dict[str, Any]) -> list[ImportOutcome]:
    return [result.outcome for result in await take(database, *raws)]


async def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


async def directory(database: Database) -> list[list[tuple[Any, ...]]]:
    """All that an import writes, without the ids."""
    return [
        await rows(
            database,
            "SELECT c.external_id, c.name, segment, c.timezone, renews_on, email, m.name "
            "FROM customer c LEFT JOIN csm m ON m.id = c.csm_id ORDER BY 1",
        ),
        await rows(
            database,
            "SELECT c.external_id, domain FROM customer_domain d "
            "JOIN customer c ON c.id = d.customer_id ORDER BY 1, 2",
        ),
        await rows(
            database,
            "SELECT c.external_id, s.external_id, s.name, title, s.timezone, tracking_consent, "
            "array(SELECT address || CASE WHEN is_primary THEN '!' ELSE '' END "
            "FROM stakeholder_address a WHERE a.stakeholder_id = s.id ORDER BY address) AS held "
            "FROM stakeholder s JOIN customer c ON c.id = s.customer_id "
            "ORDER BY 1, 2 NULLS FIRST, held, s.name",
        ),
    ]


async def queued(database: Database) -> list[tuple[str, str]]:
    """What is to be re-matched; forgotten afterwards."""
    found = await rows(database, "SELECT kind, value FROM rematch_queue ORDER BY 1, 2")
    async with database.connection() as connection:
        await connection.execute("DELETE FROM rematch_queue")
    return found
