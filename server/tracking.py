"""The doors that our own links lead to: pixel `/o/…`, click `/c/…`, unsubscribing `/u/…`.

Off the GraphQL path and without a session: the sealed token says all. What was not made by us is
answered by a page for people and leaves no trace.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import parse_qs, quote

from prometheus_client import Counter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from domain.events import EventKind
from intake.tokens import Token, TokenKind, Tokens
from intake.tracking import KINDS, Hit, announces_prefetch, written
from server.forwarding import Forwarding
from store.hits import Hits

HITS = Counter("engagement_hits", "Requests at our own doors that were taken", ["kind"])
LOST = Counter("engagement_hits_lost", "Clicks that could not be stored before too many waited")

RETRY_AFTER_SECONDS = "2"
"""When to ask for the pixel again: PostgreSQL restarts in about this time."""

LARGEST_FORM = 64 * 1024
"""Bytes of an unsubscribing form; RFC 8058's has 26."""

PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""One transparent point, 43 bytes of GIF."""

SAFE_IN_LOCATION = "%/:?#[]@!$&'()*+,;=~-._|^{}`\\\""
"""What stays as its sender wrote it; the rest is percent-encoded, as browsers do."""

FRESH = {
    "Cache-Control": "no-store, no-cache, must-revalidate, private, max-age=0",
    "Pragma": "no-cache",
    "Expires": "0",
}
"""Nobody keeps an answer, so that a repeated open or click is seen again."""

HEADERS = {
    **FRESH,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

PAGE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}
"""No script, no picture, no third party, in nobody's frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingDoors:
    """What the doors need, in `app.state.tracking`."""

    tokens: Tokens
    hits: Hits
    forwarding: Forwarding
    now: Callable[[], datetime]
    mint: Callable[[], str]

    def opened(self, request: Request, *kinds: TokenKind) -> Token | None:
        """The token of the request's address, if it is of one of the kinds."""
        token = self.tokens.open(request.path_params["token"])
        return token if token is not None and token.kind in kinds else None

    def hit(self, request: Request, token: Token, kind: EventKind, *, is_reader: bool) -> bytes:
        """What happened, as it is written down. Not the `is_reader`'s own request: no traces."""
        HITS.labels(kind.lower()).inc()
        peer = request.scope.get("client")
        headers = request.headers
        return written(
            Hit(
                id=self.mint(),
                kind=kind,
                at=self.now(),
                token=token,
                ip=self.forwarding.client(peer and peer[0], request.scope["headers"])
                if is_reader
                else None,
                user_agent=headers.get("user-agent", "") if is_reader else None,
                is_prefetch=is_reader and announces_prefetch(request.method, headers),
            )
        )


async def open_(request: Request) -> Response:
    """The pixel. 503 where the open could not be stored: it is not counted then."""
    doors: TrackingDoors = request.app.state.tracking
    token = doors.opened(request, TokenKind.OPEN)
    if token is None:
        return Response(PIXEL, 404, HEADERS, "image/gif")
    line = doors.hit(request, token, KINDS[token.kind], is_reader=True)
    if not await doors.hits.record(line):
        return Response(status_code=503, headers={**HEADERS, "Retry-After": RETRY_AFTER_SECONDS})
    return Response(PIXEL, 200, HEADERS, "image/gif")


async def click(request: Request) -> Response:
    """On to where the link leads, always: people get to their page, PostgreSQL or not."""
    doors: TrackingDoors = request.app.state.tracking
    token = doors.opened(request, TokenKind.CLICK, TokenKind.DECOY)
    if token is None:
        return _page(404, "This link leads nowhere", UNKNOWN)
    await doors.hits.keep(doors.hit(request, token, KINDS[token.kind], is_reader=True))
    if token.url is None or not token.url.lower().startswith(("https://", "http://")):
        return _page(200, "There is nothing here", NOTHING)
    location = quote(token.url, safe=SAFE_IN_LOCATION)
    return Response(status_code=302, headers={**HEADERS, "Location": location})


async def show_unsubscribing(request: Request) -> Response:
    """A page that asks. Changes nothing: scanners and previews come here, too."""
    doors: TrackingDoors = request.app.state.tracking
    token = doors.opened(request, TokenKind.UNSUBSCRIBE)
    if token is None:
        return _page(404, "This link leads nowhere", UNKNOWN)
    return _page(200, "Unsubscribe", ASKING, token)


async def unsubscribe(request: Request) -> Response:
    """The page's form, or a mailbox provider's one-click request (RFC 8058), which has no reader's
    address or program to tell."""
    doors: TrackingDoors = request.app.state.tracking
    token = doors.opened(request, TokenKind.UNSUBSCRIBE)
    if token is None:
        return _page(404, "This link leads nowhere", UNKNOWN)
    form = await _form(request)
    is_back = form.get("action") == "resubscribe"
    kind = EventKind.RESUBSCRIBED if is_back else EventKind.UNSUBSCRIBED
    line = doors.hit(request, token, kind, is_reader="action" in form)
    if not await doors.hits.record(line):
        answer = _page(503, "Please try again", AGAIN, token)
        answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return answer
    if is_back:
        return _page(200, "You are subscribed", BACK, token)
    return _page(200, "You are unsubscribed", DONE, token)


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form sent as RFC 8058 or a browser does; none where it cannot be read.

    Whatever the body: who posts here wants to be unsubscribed.
    """
    content = b""
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > LARGEST_FORM:
                return {}
    except ClientDisconnect:
        return {}
    fields = parse_qs(content.decode("latin-1"))
    return {name: values[0] for name, values in fields.items()}


def _page(status: int, title: str, body: str, token: Token | None = None) -> Response:
    address = escape(_masked(token.address)) if token else ""
    content = PAGE.format(title=title, body=body.format(address=address))
    return HTMLResponse(content, status, PAGE_HEADERS)


def _masked(address: str) -> str:
    """An address that its owner knows again, and whom the mail was forwarded to does not learn."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


async def style(_: Request) -> Response:
    """The pages' style sheet."""
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(STYLE, media_type="text/css", headers=headers)


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/u.css">
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""

ASKING = """<p>Do you no longer want mail like this at <strong>{address}</strong>?</p>
<form method="post">
<button name="action" value="unsubscribe">Unsubscribe</button>
</form>"""

DONE = """<p>No more mail like this goes to <strong>{address}</strong>.</p>
<p>That was a mistake?</p>
<form method="post">
<button class="quiet" name="action" value="resubscribe">Subscribe again</button>
</form>"""

BACK = "<p>Mail like this goes to <strong>{address}</strong> again.</p>"

AGAIN = """<p>We could not note that just now. Nothing has changed yet for
<strong>{address}</strong>.</p>
<form method="post">
<button name="action" value="unsubscribe">Unsubscribe</button>
</form>"""

UNKNOWN = """<p>The address may have been cut short or changed on its way. Please use the link in
the mail itself, or answer the mail.</p>"""

NOTHING = "<p>You can close this page.</p>"

STYLE = """:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 32rem; margin: 12vh auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
p { margin: 0 0 1rem; }
strong { overflow-wrap: anywhere; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: 0.5rem 1.5rem;
  border: 2px solid #1a4fd0; border-radius: 0.5rem; color: #fff; background: #1a4fd0;
  cursor: pointer; }
button:hover { background: #143ea6; border-color: #143ea6; }
button:focus-visible { outline: 3px solid #f2a900; outline-offset: 3px; }
button.quiet { color: inherit; background: none; border-color: currentColor; }
"""

routes = [
    Route("/o/{token}", open_, methods=["GET"]),
    Route("/c/{token}", click, methods=["GET"]),
    Route("/u/{token}", show_unsubscribing, methods=["GET"]),
    Route("/u/{token}", unsubscribe, methods=["POST"]),
    Route("/u.css", style, methods=["GET"]),
]
"""Doors that read `app.state.tracking`. (Starlette adds HEAD to GET.)"""
