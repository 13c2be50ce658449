"""The demonstration's portfolio in the real directory: how many are found, and how many rightly."""

from datetime import UTC, datetime

import pytest

from demo.directory import imports
from demo.evaluate import Found, Score, score
from demo.names import OUR_DOMAIN
from demo.portfolio import Portfolio, make_portfolio
from domain.directory import ImportedCustomer, read_customer
from domain.policy import Policy
from store.database import Database
from store.importing import import_customers
from store.recipient_rows import ensure_addresses

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
POLICY = Policy(internal_domains=frozenset({OUR_DOMAIN}))


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return make_portfolio(7, NOW.date())


async def _match(database: Database, portfolio: Portfolio) -> list[Found]:
    raw = [customer for given in imports(portfolio) for customer in given["customers"]]
    items = [found for one in raw if isinstance(found := read_customer(one, ()), ImportedCustomer)]
    results = await import_customers(database, items, now=NOW)
    assert [result.error for result in results if result.error] == []
    async with database.transaction() as connection:
        await ensure_addresses(connection, [r.address for r in portfolio.readers], POLICY)
        rows = await connection.fetch(
            "SELECT a.address, array_agg(c.external_id) FILTER (WHERE c.id IS NOT NULL) "
            "FROM address a LEFT JOIN match m ON m.address_id = a.id "
            "LEFT JOIN customer c ON c.id = m.customer_id GROUP BY a.address"
        )
    return [Found(address, tuple(customers or ())) for address, customers in rows]


async def test_coverage_and_precision_reach_their_targets(
    database: Database, portfolio: Portfolio
) -> None:
    found: Score = score(await _match(database, portfolio), portfolio.truth)
    assert found.recipients == len(portfolio.readers)
    assert found.internal == 8
    assert (found.coverage or 0) > 0.95
    assert (found.precision or 0) >= 0.99


async def test_a_consultant_is_found_at_every_customer(
    database: Database, portfolio: Portfolio
) -> None:
    found = {one.address: set(one.customers) for one in await _match(database, portfolio)}
    shared = {
        reader.address: {owner.customer for owner in portfolio.truth[reader.address]}
        for reader in portfolio.readers
        if len(portfolio.truth[reader.address]) > 1
    }
    assert len(shared) == 4
    assert {address: found[address] for address in shared} == shared
