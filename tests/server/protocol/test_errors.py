"""Errors as clients see them."""

import asyncpg
import pytest
from graphql import GraphQLError

from server.protocol.errors import formatted, is_unavailable
from store.database import Conflict, Unavailable


@pytest.mark.parametrize(
    "cause",
    [
        Unavailable("PostgreSQL cannot be reached: /secret/socket"),
        Conflict("messages were moved by another transaction meanwhile"),
        asyncpg.DeadlockDetectedError("deadlock detected"),
        asyncpg.SerializationError("could not serialize access"),
    ],
)
def test_what_may_work_in_a_moment_is_told_as_such(cause: Exception) -> None:
    error = GraphQLError("", original_error=cause)

    assert is_unavailable(error)
    assert formatted(error) == {
        "message": "The service cannot reach its database now; try again in a moment",
        "extensions": {"code": "SERVICE_UNAVAILABLE"},
    }
