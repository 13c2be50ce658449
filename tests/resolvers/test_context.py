"""One operation sees one state of the database, and gives its connection back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.errors import DomainError
from domain.viewer import Role
from resolvers import customers
from resolvers.context import Context
from store.customers import ORDERS, CustomerFilter
from store.database import Database
from store.paging import Page
from tests.seeding import INTEGRATION, MANAGER, Seed, context


@pytest.fixture
async def narrow(database: Database) -> AsyncIterator[Database]:
    """A pool of one connection: whoever keeps it shows."""
    narrow = Database(database.dsn, max_size=1)
    await narrow.connect()
    yield narrow
    await narrow.close()


async def names(operation: Context) -> list[str]:
    chosen = CustomerFilter()
    order = ORDERS["NAME"]
    rows = await customers.customers_of_viewer(operation, chosen, order=order, page=Page())
    return [row.name for row in rows.rows]


async def add(database: Database, name: str) -> None:
    async with database.transaction() as connection:
        await Seed(connection).customer(name)


async def test_all_reads_of_an_operation_see_one_state(database: Database) -> None:
    operation = context(database, MANAGER)
    assert await names(operation) == []

    await add(database, "Acme")

    assert await names(operation) == []
    await operation.renew()
    assert await names(operation) == ["Acme"]
    await operation.close()


async def test_what_is_read_after_a_change_shows_it(database: Database, narrow: Database) -> None:
    operation = context(narrow, MANAGER)
    assert await names(operation) == []

    # The pool's one connection: whoever read before has given it back.
    async with asyncio.timeout(20), operation.write() as connection:
        await Seed(connection).customer("Acme")

    assert await names(operation) == ["Acme"]
    await operation.close()


async def test_a_following_operation_sees_the_present(database: Database) -> None:
    operation = context(database, MANAGER)
    operation.follow()
    assert await customers.customer(operation, 1) is None

    await add(database, "Acme")

    row = await customers.customer(operation, 1)
    assert row is not None
    assert row.name == "Acme"


async def test_reads_side_by_side_share_one_connection_and_give_it_back(
    database: Database, narrow: Database
) -> None:
    await add(database, "Acme")
    operation = context(narrow, MANAGER)

    found = await asyncio.gather(*(names(operation) for _ in range(5)))
    await operation.close()

    assert found == [["Acme"]] * 5
    async with asyncio.timeout(20), narrow.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_things_asked_for_one_by_one_are_read_together(database: Database) -> None:
    for name in ("Acme", "Beta"):
        await add(database, name)
    operation = context(database, MANAGER)

    found = await asyncio.gather(*(customers.customer(operation, n) for n in (2, 1, 3, 2)))
    await operation.close()

    assert [row and row.name for row in found] == ["Beta", "Acme", None, "Beta"]


async def test_a_role_that_may_not_is_told_which_may(database: Database) -> None:
    with pytest.raises(DomainError) as refused:
        context(database, INTEGRATION).require(Role.MANAGER, Role.ADMIN)

    assert (refused.value.code, refused.value.message) == (
        "FORBIDDEN",
        "a token of role INTEGRATION may not do this: use one of MANAGER or ADMIN",
    )
