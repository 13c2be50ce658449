"""The answer to an operation, as the bytes that every transport sends."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError

from server.protocol.errors import (
    BAD_USER_INPUT,
    INTERNAL_ERROR,
    Formatted,
    RequestError,
    formatted,
    internal_error,
    is_unavailable,
)
from store.feed import Cursor


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL response. `errors` alone is what WebSocket's `error` message carries.

    `is_started` is False for a request error: there is no `data`. `status` is HTTP's where the
    media type lets it speak: 503 when nothing could be answered because the database is away.
    `place` is where a subscription that can be resumed stands after it.
    """

    body: bytes
    errors: tuple[Formatted, ...] = ()
    is_started: bool = True
    status: int = 200
    place: Cursor | None = None


def answer(
    result: ExecutionResult, extensions: Formatted | None = None, place: Cursor | None = None
) -> Answer:
    """What a finished execution, or one event of a subscription, says."""
    errors = result.errors or []
    if result.data is None and errors and not any(error.path for error in errors):
        return refusal(RequestError(errors, extensions, BAD_USER_INPUT))
    members: Formatted = {"data": result.data}
    entries = tuple(map(formatted, errors))
    if entries:
        members["errors"] = entries
    if extensions:
        members["extensions"] = extensions
    status = 503 if errors and _is_unavailable(result.data, errors) else 200
    return Answer(_encoded(members), entries, True, status, place)


def refusal(error: RequestError) -> Answer:
    """What a request error says: errors, and no `data`."""
    entries = tuple(formatted(each, error.code) for each in error.errors)
    members: Formatted = {"errors": entries}
    if error.extensions:
        members["extensions"] = error.extensions
    return Answer(encode(members), entries, False, _status(error, entries))


def encode(value: object) -> bytes:
    """JSON in UTF-8. What orjson refuses (a lone surrogate, a huge integer) the slow way takes.

    Instants are in UTC and may stand in it as they are.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_UTC_Z)
    except TypeError:
        return json.dumps(value, default=instant).encode()


def as_json(data: object) -> Any:
    """What a client reads: compiled execution leaves it to `encode` to write instants."""
    return json.loads(encode(data))


def instant(value: object) -> str:
    """An instant in UTC as orjson writes it. Raises TypeError for anything else."""
    if not isinstance(value, datetime) or value.tzinfo is not UTC:
        raise TypeError(f"{type(value).__name__} cannot stand in an answer")
    return value.isoformat()[:-6] + "Z"


def _encoded(members: Formatted) -> bytes:
    try:
        return encode(members)
    except (TypeError, ValueError, RecursionError) as error:
        return encode({"data": None, "errors": [internal_error(error)]})


def _is_unavailable(data: Mapping[str, Any] | None, errors: list[GraphQLError]) -> bool:
    """Whether no root field has a value, and the database's absence is why."""
    if not all(map(is_unavailable, errors)):
        return False
    return data is None or all(value is None for value in data.values())


def _status(error: RequestError, entries: tuple[Formatted, ...]) -> int:
    if any(map(is_unavailable, error.errors)):
        return 503
    is_internal = any(entry["extensions"]["code"] == INTERNAL_ERROR for entry in entries)
    return 500 if is_internal else 400
