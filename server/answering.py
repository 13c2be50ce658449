"""How the REST doors answer: who asks, what went wrong, and JSON."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from domain.errors import DomainError
from resolvers.context import Context, make_context
from server.health import RETRY_AFTER_SECONDS
from server.protocol.credentials import credential
from store.database import RETRIED, Unavailable

STATUS = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "TOO_LARGE": 413,
    "UNSUPPORTED_CONTENT_TYPE": 415,
    "UNSUPPORTED_ENCODING": 415,
    "DATABASE_UNAVAILABLE": 503,
}
"""What a client should do next, by the error's code; everything else is bad input (400)."""

HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    413: {"Connection": "close"},
    503: {"Retry-After": str(RETRY_AFTER_SECONDS)},
}
"""What belongs to a status."""

Act = Callable[[Request, Context], Awaitable[Response]]


def door(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Authenticate, give the act a context of its own, and tell what went wrong."""

    async def answer(request: Request) -> Response:
        context: Context | None = None
        try:
            viewer = await request.app.state.access.authenticate(
                credential(dict(request.scope["headers"]))
            )
            context = make_context(viewer, request.app.state.services)
            return await act(request, context)
        except DomainError as error:
            return refused(error)
        except (Unavailable, *RETRIED):
            message = "the database cannot be reached now: try again later"
            return refused(DomainError("DATABASE_UNAVAILABLE", message))
        finally:
            if context is not None:
                await context.close()

    return answer


def written(at: datetime | None) -> str | None:
    """An instant in ISO 8601 and UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def error_of(error: DomainError) -> dict[str, Any]:
    """An error as clients read it."""
    return {"code": error.code, "message": error.message, "field": error.field}


def refused(error: DomainError) -> Response:
    """The answer to bad input, with the status that its code asks for."""
    status = STATUS.get(error.code, 400)
    return json({"error": error_of(error)}, status, HEADERS.get(status))


def json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as the answer's body."""
    return Response(
        orjson.dumps(value), status, media_type="application/json", headers=dict(headers or {})
    )
