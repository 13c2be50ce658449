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
from store.database import RETRIED, Unavailable

STATUS = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "TOO_LARGE": 413,
}
"""What a client should do next, by the error's code; everything else is bad input (400)."""

Act = Callable[[Request, Context], Awaitable[Response]]


def door(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Authenticate, give the act a context of its own, and tell what went wrong."""

    async def answer(request: Request) -> Response:
        context: Context | None = None
        try:
            viewer = await request.app.state.access.authenticate(bearer(request))
            context = make_context(viewer, request.app.state.services)
            return await act(request, context)
        except DomainError as error:
            return refused(error)
        except (Unavailable, *RETRIED):
            away = DomainError("DATABASE_UNAVAILABLE", "the database cannot be reached now")
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            return json({"error": error_of(away)}, 503, headers)
        finally:
            if context is not None:
                await context.close()

    return answer


def bearer(request: Request) -> str | None:
    """The token of a request."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def written(at: datetime | None) -> str | None:
    """An instant in ISO 8601 and UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def error_of(error: DomainError) -> dict[str, Any]:
    """An error as clients read it."""
    return {"code": error.code, "message": error.message, "field": error.field}


def refused(error: DomainError) -> Response:
    """The answer to bad input, with the status that its code asks for."""
    status = STATUS.get(error.code, 400)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return json({"error": error_of(error)}, status, headers)


def json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as the answer's body."""
    return Response(
        orjson.dumps(value), status, media_type="application/json", headers=dict(headers or {})
    )
