"""Running operations of the contract as the server does."""

from collections.abc import Awaitable, Callable
from copy import copy
from typing import Any

import pytest

from domain.viewer import Viewer
from schema.build import CONFIG, MUTATION, QUERY, SUBSCRIPTION
from server.graphql import Schema, make_schema
from server.protocol.compiled.plans import Plans
from store.database import Database
from tests.seeding import context

Run = Callable[..., Awaitable[dict[str, Any]]]

both_executions = pytest.mark.parametrize(
    "is_compiled", [pytest.param(True, id="compiled"), pytest.param(False, id="interpreted")]
)
"""For tests of who may do and see what: with COMPILED_EXECUTION, and without."""


@pytest.fixture
def is_compiled() -> bool:
    """Operations run compiled; in tests of `both_executions` interpreted, too."""
    return True


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The contract behind the server's own execution, compiled at once."""
    return make_schema(QUERY, MUTATION, SUBSCRIPTION, plans=Plans(compiled_from=1), config=CONFIG)


@pytest.fixture
def run(schema: Schema, database: Database, is_compiled: bool) -> Run:
    """Execute an operation for a viewer: its data, or its errors as `errors`."""
    chosen = copy(schema)
    chosen.plans = schema.plans if is_compiled else None

    async def execute(viewer: Viewer, document: str, **variables: Any) -> dict[str, Any]:
        operation = context(database, viewer)
        try:
            result = await chosen.execute(document, variables, context_value=operation)
        finally:
            await operation.close()
        if result.errors:
            return {"errors": result.errors, "data": result.data}
        assert result.data is not None
        return result.data

    return execute
