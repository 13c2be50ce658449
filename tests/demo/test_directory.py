"""What the demonstration asks of the service stands in its schema, and is well formed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from demo import directory, evaluate
from demo.directory import imports, registrations, replies
from demo.history import History, make_history
from domain.directory import ImportedCustomer, read_customer

ENDS_AT = datetime(2026, 11, 22, 14, tzinfo=UTC)
DOCUMENTS = {
    "import": directory.IMPORT,
    "register": directory.REGISTER,
    "record": directory.RECORD,
    "campaigns": evaluate.CAMPAIGNS,
    "recipients": evaluate.RECIPIENTS,
}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(Path("schema/schema.graphql").read_text())


@pytest.fixture(scope="module")
def history() -> History:
    return make_history(7, ENDS_AT)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_valid(name: str, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(DOCUMENTS[name])) == []


def _problems(schema: GraphQLSchema, document: str, given: dict[str, Any]) -> object:
    (operation,) = parse(document).definitions
    found = get_variable_values(schema, operation.variable_definitions, {"input": given})  # type: ignore[attr-defined]
    return found if isinstance(found, list) else []


def test_every_customer_is_taken_by_the_schema_and_by_the_import(
    schema: GraphQLSchema, history: History
) -> None:
    brought = 0
    for given in imports(history.portfolio):
        assert _problems(schema, directory.IMPORT, given) == []
        for raw in given["customers"]:
            assert isinstance(read_customer(raw, ()), ImportedCustomer)
            brought += 1
    assert brought == len(history.portfolio.customers)


def test_every_registration_is_taken_by_the_schema(schema: GraphQLSchema, history: History) -> None:
    for campaign in history.campaigns:
        for given in registrations(campaign):
            assert _problems(schema, directory.REGISTER, given) == []


def test_every_reply_is_taken_by_the_schema(schema: GraphQLSchema, history: History) -> None:
    told = replies(next(history.chapters()).acts)
    assert told
    assert _problems(schema, directory.RECORD, {"events": told}) == []
