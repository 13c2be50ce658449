"""`POST /mail`: one raw message, sent or received, stored and answered 202. A job reads it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.errors import DomainError
from domain.viewer import Role
from resolvers.context import Context
from server.answering import door, json
from server.bodies import CutShortError, TooLargeError, read_body

CONTENT_TYPES = ("message/rfc822", "message/global", "application/octet-stream", "text/plain", "")
"""What a raw message may be declared as; "" is no declaration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDoor:
    """What the endpoint needs, in `app.state.mail`.

    `accept` stores (raw message, when it was received), committed when it returns; it raises
    Unavailable. `limit_bytes` is MAIL_BODY_LIMIT_BYTES.
    """

    accept: Callable[[bytes, datetime], Awaitable[object]]
    limit_bytes: int


async def receive(request: Request, context: Context) -> Response:
    """Take one message; whatever can be read in it is read later, and kept if nothing can."""
    mails: MailDoor = request.app.state.mail
    context.require(Role.INTEGRATION, Role.ADMIN)
    _check_declaration(request)
    raw = await _body(request, mails.limit_bytes)
    await mails.accept(raw, datetime.now(UTC))
    return json({"accepted": True}, 202)


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
    """The message. Raises DomainError TOO_LARGE, INCOMPLETE or EMPTY."""
    try:
        raw = await read_body(request, limit)
    except TooLargeError:
        message = f"the mail has more than {limit} bytes (MAIL_BODY_LIMIT_BYTES)"
        raise DomainError("TOO_LARGE", message) from None
    except CutShortError as gone:
        raise DomainError("INCOMPLETE", "the request ended before its body did") from gone
    if not raw.strip():
        raise DomainError("EMPTY", "the body is empty: send one raw message (RFC 5322)")
    return raw


routes: list[BaseRoute] = [Route("/mail", door(receive), methods=["POST"])]
"""The door reads `app.state.mail`, `app.state.access` and `app.state.services`."""
