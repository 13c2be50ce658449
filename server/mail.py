"""`POST /mail`: one raw message, sent or received, stored and answered 202. A job reads it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from domain.errors import DomainError
from domain.viewer import Role
from server.health import RETRY_AFTER_SECONDS
from server.protocol.http import bearer
from store.database import Unavailable

WRITERS = (Role.INTEGRATION, Role.ADMIN)

CONTENT_TYPES = ("message/rfc822", "message/global", "application/octet-stream", "text/plain", "")
"""What a raw message may be declared as; "" is no declaration."""

STATUS = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "TOO_LARGE": 413,
    "UNSUPPORTED_CONTENT_TYPE": 415,
    "UNSUPPORTED_ENCODING": 415,
    "DATABASE_UNAVAILABLE": 503,
}
"""What a caller should do next, by the error's code; everything else is bad input (400)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDoor:
    """What the endpoint needs, in `app.state.mail`.

    `accept` stores (raw message, when it was received), committed when it returns; it raises
    Unavailable. `limit_bytes` is MAIL_BODY_LIMIT_BYTES.
    """

    accept: Callable[[bytes, datetime], Awaitable[object]]
    limit_bytes: int


async def receive(request: Request) -> Response:
    """Take one message; whatever can be read in it is read later, and kept if nothing can."""
    door: MailDoor = request.app.state.mail
    try:
        await _check_writer(request)
        _check_declaration(request)
        raw = await _body(request, door.limit_bytes)
        await door.accept(raw, datetime.now(UTC))
    except DomainError as error:
        return _refusal(error)
    except Unavailable:
        message = "the mail cannot be stored now: send it again later"
        return _refusal(DomainError("DATABASE_UNAVAILABLE", message))
    return JSONResponse({"accepted": True}, 202)


async def _check_writer(request: Request) -> None:
    viewer = await request.app.state.access.authenticate(bearer(dict(request.scope["headers"])))
    if viewer.role not in WRITERS:
        wanted = " or ".join(WRITERS)
        message = f"a token of role {viewer.role} may not send mail in: use one of {wanted}"
        raise DomainError("FORBIDDEN", message)


def _check_declaration(request: Request) -> None:
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in CONTENT_TYPES:
        message = f"content type “{declared:.80}” is not taken: send message/rfc822"
        raise DomainError("UNSUPPORTED_CONTENT_TYPE", message)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        message = f"content encoding “{encoding:.40}” is not taken: send the message as it is"
        raise DomainError("UNSUPPORTED_ENCODING", message)


async def _body(request: Request, limit: int) -> bytes:
    """The message, counted while it streams. Raises DomainError TOO_LARGE or EMPTY."""
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                message = f"the mail has more than {limit} bytes (MAIL_BODY_LIMIT_BYTES)"
                raise DomainError("TOO_LARGE", message)
            chunks.append(chunk)
    except ClientDisconnect as gone:
        raise DomainError("INCOMPLETE", "the request ended before its body did") from gone
    raw = b"".join(chunks)
    if not raw.strip():
        raise DomainError("EMPTY", "the body is empty: send one raw message (RFC 5322)")
    return raw


def _refusal(error: DomainError) -> Response:
    status = STATUS.get(error.code, 400)
    headers: Mapping[str, str] = {
        401: {"WWW-Authenticate": "Bearer"},
        413: {"Connection": "close"},
        503: {"Retry-After": str(RETRY_AFTER_SECONDS)},
    }.get(status, {})
    content = {"code": error.code, "message": error.message, "field": error.field}
    return JSONResponse({"error": content}, status, dict(headers))


routes: list[BaseRoute] = [Route("/mail", receive, methods=["POST"])]
"""The door reads `app.state.mail` and `app.state.access`."""
