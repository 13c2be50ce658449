"""Errors as clients see them: expected ones with their code, the rest masked and logged whole."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from domain.errors import DomainError
from store.database import RETRIED, Unavailable

log = structlog.get_logger(__name__)

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
BAD_REQUEST = "BAD_REQUEST"
INTERNAL_ERROR = "INTERNAL_ERROR"
SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
UNAUTHENTICATED = "UNAUTHENTICATED"

RETRY_AFTER_SECONDS = 2
"""What a client is told to wait when PostgreSQL is away; it is back within seconds or for long."""

TRY_LATER = (Unavailable, *RETRIED)
"""PostgreSQL is away, or others were in the way of a transaction as often as it was tried."""

Formatted = dict[str, Any]
"""One entry of `errors`: message, locations, path, extensions (GraphQL specification, 7.1.2)."""


class Refusal(Exception):  # noqa: N818 - the request's fault
    """A request refused before it is an operation: `status` over HTTP, 4400 over WebSocket."""

    def __init__(
        self, status: int, code: str, message: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers

    def formatted(self) -> Formatted:
        """The refusal as an entry of `errors`."""
        return {"message": self.message, "extensions": {"code": self.code}}


class RequestError(Exception):
    """A well-formed request whose operation never starts: GraphQL's request error, no `data`.

    `code` is for those errors that have none of their own.
    """

    def __init__(
        self,
        errors: Iterable[GraphQLError],
        extensions: Formatted | None = None,
        code: str = VALIDATION_FAILED,
    ) -> None:
        super().__init__("The operation cannot be executed")
        self.errors = tuple(errors)
        self.extensions = extensions
        self.code = code


def request_error(code: str, message: str, extensions: Formatted | None = None) -> RequestError:
    """A request error of one message."""
    return RequestError([GraphQLError(message, extensions={"code": code})], extensions)


def cause(error: GraphQLError) -> BaseException | None:
    """What a resolver raised, unless that was a GraphQLError itself."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    return original


def formatted(error: GraphQLError, code: str = BAD_REQUEST) -> Formatted:
    """An error as the client sees it; `code` is for one that has none of its own."""
    original = cause(error)
    if original is None:
        return _with_code(error, code)
    entry: Formatted = {"message": "", **_place(error)}
    if isinstance(original, DomainError):
        entry["message"] = original.message
        entry["extensions"] = _extensions(original)
    elif isinstance(original, TRY_LATER):
        entry["message"] = "The service cannot reach its database now; try again in a moment"
        entry["extensions"] = {"code": SERVICE_UNAVAILABLE}
    else:
        reference = _logged(original, error.path)
        entry["message"] = f"Internal error, reference {reference}"
        entry["extensions"] = {"code": INTERNAL_ERROR, "reference": reference}
    return entry


def internal_error(error: BaseException) -> Formatted:
    """A fault outside any field: masked and logged like those within."""
    return formatted(GraphQLError("", original_error=_as_exception(error)))


def is_unavailable(error: GraphQLError) -> bool:
    """Whether the database's absence is all that went wrong here."""
    return isinstance(cause(error), TRY_LATER)


def _extensions(error: DomainError) -> Formatted:
    if error.field is None:
        return {"code": error.code}
    return {"code": error.code, "field": error.field}


def _with_code(error: GraphQLError, code: str) -> Formatted:
    entry: Formatted = {**error.formatted}
    if isinstance(error, GraphQLSyntaxError):
        code = PARSE_FAILED
    entry["extensions"] = {"code": code, **(entry.get("extensions") or {})}
    return entry


def _place(error: GraphQLError) -> Formatted:
    entry = error.formatted
    return {key: entry[key] for key in ("locations", "path") if key in entry}


def _as_exception(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else RuntimeError(repr(error))


def _logged(error: BaseException, path: Sequence[str | int] | None) -> str:
    reference = str(uuid4())
    place = ".".join(map(str, path or ()))
    log.error("graphql.internal_error", reference=reference, path=place, exc_info=error)
    return reference
