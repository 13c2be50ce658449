"""`/u/{token}`: a page that asks, and the POST that acts (RFC 8058)."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.events import EventKind
from intake.tokens import TokenKind
from server.bodies import CutShortError, TooLargeError, read_body
from server.tracking import RETRY_AFTER_SECONDS, TrackingDoors
from server.tracking_pages import AGAIN, ASKING, BACK, DONE, leads_nowhere, page, style

LARGEST_FORM = 64 * 1024
"""Bytes of a form that are read; RFC 8058's has 26."""


async def ask(request: Request) -> Response:
    """The page. Changes nothing: scanners and previews come here, too."""
    doors: TrackingDoors = request.app.state.tracking
    token = doors.opened(request.path_params["token"], TokenKind.UNSUBSCRIBE)
    return page(200, "Unsubscribe", ASKING, token.address) if token else leads_nowhere()


async def act(request: Request) -> Response:
    """The page's form, or a mailbox provider's one-click request, which has no reader's address or
    program to tell."""
    doors: TrackingDoors = request.app.state.tracking
    token = doors.opened(request.path_params["token"], TokenKind.UNSUBSCRIBE)
    if token is None:
        return leads_nowhere()
    form = await _form(request)
    is_back = form.get("action") == "resubscribe"
    kind = EventKind.RESUBSCRIBED if is_back else EventKind.UNSUBSCRIBED
    line = doors.hit(request.scope, token, kind, is_reader="action" in form)
    if not await doors.hits.record(line):
        answer = page(503, "Please try again", AGAIN, token.address)
        answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return answer
    if is_back:
        return page(200, "You are subscribed", BACK, token.address)
    return page(200, "You are unsubscribed", DONE, token.address)


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of the page's form; none of any other body, or of one that cannot be read.

    Whatever the body: who posts here wants to be unsubscribed.
    """
    try:
        content = await read_body(request, LARGEST_FORM)
    except (TooLargeError, CutShortError):
        return {}
    fields = parse_qs(content.decode("latin-1"))
    return {name: values[0] for name, values in fields.items()}


routes = [
    Route("/u/{token}", ask, methods=["GET"]),
    Route("/u/{token}", act, methods=["POST"]),
    Route("/u.css", style, methods=["GET"]),
]
"""Doors that read `app.state.tracking`."""
