"""A customer with a page of its timeline is read by one statement, and says what it always said."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from domain.viewer import Viewer
from schema import ids
from server.graphql import Schema
from store.database import Connection, Database
from tests.schema.conftest import Run, both_executions
from tests.schema.test_customers import plant
from tests.seeding import INTEGRATION, MANAGER, Seed, context, csm_viewer

EVENTS = """
fragment Mail on Event {
  recipient { id address engaged replied: repliedAt opens { human firstAt }
    delivery { status sentAt bounce { hard } } }
  campaign { id name subject type topics { name } externalId classification { isBulk } }
}
query ($id: ID!, $first: Int, $after: String) { customer(id: $id) {
  name %s ours: externalId renewsOn domains %s
  events(first: $first, after: $after) {
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id kind machineReasons } }
    nodes { __typename id occurredAt who: actor url detail ...Mail }
  }
} }
"""
AT_ONCE = EVENTS % ("feedCursor", "")
ONE_BY_ONE = EVENTS % ("feedCursor", "csm { name }")
"""Asks for somebody else too, which takes a further statement."""


class Watched(Database):
    """A database that notes which statements are sent, transactions' too."""

    def __init__(self, database: Database) -> None:
        self.__dict__.update(database.__dict__)
        self.sent: list[str] = []

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with super().connection() as connection:

            def note(record: Any) -> None:
                self.sent.append(record.query)

            connection.add_query_logger(note)
            try:
                yield connection
            finally:
                connection.remove_query_logger(note)


@pytest.mark.parametrize("first", [0, 1, 4, 24, 25])
async def test_the_same_pages_are_told_at_once_and_one_by_one(
    run: Run, database: Database, first: int
) -> None:
    csm, acme = await plant(database, stakeholders=3, campaigns=4)
    for viewer in (csm_viewer(csm), MANAGER):
        after, told = None, 0
        while True:
            asked = {"id": ids.encode("Customer", acme), "first": first, "after": after}
            at_once = await run(viewer, AT_ONCE, **asked)

            expected = await run(viewer, ONE_BY_ONE, **asked)
            assert expected["customer"].pop("csm") is not None
            assert at_once == expected
            told += len(at_once["customer"]["events"]["nodes"])
            after = at_once["customer"]["events"]["pageInfo"]["endCursor"]
            if not at_once["customer"]["events"]["pageInfo"]["hasNextPage"] or not first:
                break
        assert told == (24 if first else 0)


async def test_a_page_with_its_mail_and_the_feeds_place_takes_one_statement_and_no_transaction(
    schema: Schema, database: Database
) -> None:
    _, acme = await plant(database, stakeholders=3, campaigns=4)
    watched = Watched(database)
    operation = context(watched, MANAGER)

    result = await schema.execute(
        AT_ONCE, {"id": ids.encode("Customer", acme), "first": 5}, context_value=operation
    )
    await operation.close()

    assert result.errors is None
    assert result.data is not None
    assert len(result.data["customer"]["events"]["nodes"]) == 5
    assert len(watched.sent) == 1


async def test_what_is_not_selected_is_not_read(schema: Schema, database: Database) -> None:
    await plant(database, stakeholders=1, campaigns=2)
    async with database.transaction() as connection:
        await connection.execute("UPDATE customer SET external_id = 'acme-1'")
    watched = Watched(database)
    operation = context(watched, MANAGER)
    document = '{ customer(externalId: "acme-1") { events(first: 1) { nodes { kind } } } }'

    result = await schema.execute(document, context_value=operation)
    await operation.close()

    assert result.data == {"customer": {"events": {"nodes": [{"kind": "CLICKED"}]}}}
    (sql,) = watched.sent
    assert sql.startswith(
        "SELECT asked.*, page.* FROM (SELECT c.id FROM customer c WHERE c.external_id = $2"
    )
    columns = "e.fact_on, e.key, e.recipient_id, e.kind, e.occurred_at"
    assert f"SELECT e.is_within, {columns} FROM" in sql


@pytest.mark.parametrize("who", ["another CSM", "an integration"])
@both_executions
async def test_whoever_may_not_see_the_customer_finds_nothing(
    run: Run, database: Database, who: str
) -> None:
    _, acme = await plant(database, stakeholders=1, campaigns=2)
    async with database.transaction() as connection:
        other: Viewer = csm_viewer(await Seed(connection).csm("Bob"))
    viewer = other if who == "another CSM" else INTEGRATION

    data = await run(viewer, AT_ONCE, id=ids.encode("Customer", acme))

    assert data == {"customer": None}


@pytest.mark.parametrize(
    ("given", "code"),
    [({"first": 101}, "INVALID_FIRST"), ({"after": "x"}, "INVALID_CURSOR")],
)
async def test_a_bad_page_is_refused_where_it_was_asked_for(
    run: Run, database: Database, given: dict[str, Any], code: str
) -> None:
    _, acme = await plant(database, stakeholders=1, campaigns=2)

    data = await run(MANAGER, AT_ONCE, id=ids.encode("Customer", acme), **given)

    (error,) = data["errors"]
    assert error.original_error.code == code
    assert error.path == ["customer", "events"]
