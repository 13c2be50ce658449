"""The doors that our own links lead to: pixel `/o/{token}` and click `/c/{token}`.

Off the GraphQL path, without a session and without more of the framework than its routes: a
thousand a second must leave the queries beside them alone. The sealed token says all; what was not
made by us leaves no trace.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from prometheus_client import Counter
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.events import EventKind
from intake.tokens import Token, TokenKind, Tokens
from intake.tracking import KINDS, Hit, announces_prefetch, written
from server.forwarding import Forwarding
from server.tracking_pages import FRESH, NOTHING, leads_nowhere, page
from store.hits import Hits

HITS = Counter("engagement_hits", "Requests at our own doors that were taken", ["kind"])
_HITS = {kind: HITS.labels(kind.lower()) for kind in EventKind}
"""The counter of each kind, found once."""

LOST = Counter("engagement_hits_lost", "Clicks that could not be stored before too many waited")

RETRY_AFTER_SECONDS = "2"
"""When to ask for the pixel again: PostgreSQL restarts in about this time."""

PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""One transparent point, 43 bytes of GIF."""

SAFE_IN_LOCATION = "%/:?#[]@!$&'()*+,;=~-._|^{}`\\\""
"""What stays as its sender wrote it; the rest is percent-encoded, as browsers do."""

PREFIX = len("/o/")
"""Characters before the token in the paths of the doors."""

READ = {
    name.encode(): name for name in ("user-agent", "sec-purpose", "purpose", "x-purpose", "x-moz")
}
"""Headers that tell who asks, by their names on the wire."""

_ALWAYS = [(name.lower().encode(), value.encode()) for name, value in FRESH.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingDoors:
    """What the doors need, in `app.state.tracking`; `mint` makes the id of each hit."""

    tokens: Tokens
    hits: Hits
    forwarding: Forwarding
    now: Callable[[], datetime]
    mint: Callable[[], str]

    def opened(self, text: str, *kinds: TokenKind) -> Token | None:
        """The token, if it is one of the kinds."""
        token = self.tokens.open(text)
        return token if token is not None and token.kind in kinds else None

    def hit(self, scope: Scope, token: Token, kind: EventKind, *, is_reader: bool) -> bytes:
        """What happened, as it is written down. Where the request is not the reader's own
        (`is_reader`), what it tells of itself says nothing about them."""
        _HITS[kind].inc()
        headers = {READ[n]: v.decode("latin-1") for n, v in scope["headers"] if n in READ}
        peer = scope.get("client")
        ip = self.forwarding.client(peer[0] if peer else None, scope["headers"])
        return written(
            Hit(
                id=self.mint(),
                kind=kind,
                at=self.now(),
                token=token,
                ip=ip if is_reader else None,
                user_agent=headers.get("user-agent", "") if is_reader else None,
                is_prefetch=is_reader and announces_prefetch(scope["method"], headers),
            )
        )


class Answer(NamedTuple):
    """What most requests get, without the cost of a response object."""

    status: int
    header: tuple[bytes, bytes]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HitDoor:
    """An ASGI endpoint for tokens of some kinds, which `answer` answers."""

    kinds: tuple[TokenKind, ...]
    answer: Callable[[TrackingDoors, Scope, Token], Awaitable[Answer | Response]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD."""
        found = await self._answered(scope)
        if isinstance(found, Response):
            await found(scope, receive, send)
            return
        headers = [*_ALWAYS, found.header, (b"content-length", b"%d" % len(found.body))]
        await send({"type": "http.response.start", "status": found.status, "headers": headers})
        await send({"type": "http.response.body", "body": found.body})

    async def _answered(self, scope: Scope) -> Answer | Response:
        if scope["method"] not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        doors: TrackingDoors = scope["app"].state.tracking
        token = doors.opened(scope["path_params"]["token"], *self.kinds)
        return leads_nowhere() if token is None else await self.answer(doors, scope, token)


async def _open(doors: TrackingDoors, scope: Scope, token: Token) -> Answer | Response:
    """The pixel. 503 where the open could not be stored: it is not counted then."""
    if await doors.hits.record(doors.hit(scope, token, KINDS[token.kind], is_reader=True)):
        return Answer(200, (b"content-type", b"image/gif"), PIXEL)
    return Answer(503, (b"retry-after", RETRY_AFTER_SECONDS.encode()))


async def _click(doors: TrackingDoors, scope: Scope, token: Token) -> Answer | Response:
    """On to where the link leads, always: people get to their page, PostgreSQL or not."""
    await doors.hits.keep(doors.hit(scope, token, KINDS[token.kind], is_reader=True))
    if token.url is None or not token.url.lower().startswith(("https://", "http://")):
        return page(200, "There is nothing here", NOTHING)
    return Answer(302, (b"location", quote(token.url, safe=SAFE_IN_LOCATION).encode()))


_DOORS = {
    "/o/": HitDoor((TokenKind.OPEN,), _open),
    "/c/": HitDoor((TokenKind.CLICK, TokenKind.DECOY), _click),
}

routes = [Route(f"{prefix}{{token}}", door) for prefix, door in _DOORS.items()]
"""Doors that read `app.state.tracking`."""


def doors_first(app: Starlette) -> ASGIApp:
    """The application with these doors before its middleware and its router, neither of which they
    need: what those cost a request is much beside a hit."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            door = _DOORS.get(path[:PREFIX])
            if door is not None and "/" not in path[PREFIX:] and path[PREFIX:]:
                scope["app"], scope["path_params"] = app, {"token": path[PREFIX:]}
                await door(scope, receive, send)
                return
        await app(scope, receive, send)

    return serve
