"""What our own doors saw: written down as it happened, read later like any provider's payload."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from domain.events import EventKind, ReportedEvent
from domain.tracking import PROVIDER
from intake.tokens import Token, TokenKind
from intake.webhooks import ParsedPayload

KINDS: Mapping[TokenKind, EventKind] = {
    TokenKind.OPEN: EventKind.OPENED,
    TokenKind.CLICK: EventKind.CLICKED,
    TokenKind.DECOY: EventKind.CLICKED,
    TokenKind.UNSUBSCRIBE: EventKind.UNSUBSCRIBED,
}
"""What it means that somebody came with a token."""

LONGEST_AGENT = 1_000
"""Characters kept of a user agent."""

LONGEST_PROBLEM = 300
"""Characters kept of what was wrong with one hit."""

CLICK_DOOR = "/c/"
"""The path of the door that links lead through."""

_SEALED = re.compile(rf"{CLICK_DOOR}([A-Za-z0-9_-]{{24,}})(?:[?#]|\Z)")
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD = ("prefetch", "preview", "prerender")


class Hit(NamedTuple):
    """One request at one of our doors. `id` is new for each, so that two of a second stay two.

    `user_agent` is "" where the request had none. `user_agent` and `ip` are None where the request
    is not the reader's own (their mailbox provider unsubscribes for them, RFC 8058).
    """

    id: str
    kind: EventKind
    at: datetime
    token: Token
    ip: str | None
    user_agent: str | None
    is_prefetch: bool = False


def announces_prefetch(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request says of itself that nobody is looking yet. Header names in lower case."""
    if method == "HEAD":
        return True
    purposes = (headers.get(name, "").lower() for name in _PURPOSES)
    return any(mark in purpose for purpose in purposes if purpose for mark in _AHEAD)


def written(hit: Hit) -> bytes:
    """A hit as one line of a payload."""
    token = hit.token
    return orjson.dumps(
        {
            "id": hit.id,
            "kind": hit.kind,
            "at": hit.at,
            "carrier": token.carrier,
            "reference": token.reference,
            "address": token.address,
            "url": token.url,
            "ip": hit.ip,
            "agent": hit.user_agent and hit.user_agent[:LONGEST_AGENT],
            "prefetch": hit.is_prefetch,
            "decoy": token.kind is TokenKind.DECOY,
        }
    )


def parse_hits(body: bytes) -> ParsedPayload:
    """The events of a payload of hits; a line that cannot be read costs only itself."""
    events: list[ReportedEvent] = []
    problems: list[str] = []
    for number, line in enumerate(body.splitlines()):
        try:
            events.append(_report(orjson.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"hit {number}: {type(error).__name__} {error}"[:LONGEST_PROBLEM])
    return ParsedPayload(events, problems)


def unwrapped(found: ParsedPayload, open_token: Callable[[str], Token | None]) -> ParsedPayload:
    """What a provider reports of links that are ours: where they lead, as our own door says it.

    A provider that tracks links wraps ours into its own. Of one click that both saw, the address
    is then the same, and it counts once.
    """
    if not any(event.url and CLICK_DOOR in event.url for event in found.events):
        return found
    return ParsedPayload([_unwrapped(e, open_token) for e in found.events], found.problems)


def _unwrapped(event: ReportedEvent, open_token: Callable[[str], Token | None]) -> ReportedEvent:
    sealed = _SEALED.search(event.url or "")
    token = open_token(sealed[1]) if sealed else None
    if token is None:
        return event
    return event._replace(url=token.url, is_decoy=token.kind is TokenKind.DECOY)


def _report(raw: Mapping[str, object]) -> ReportedEvent:
    return ReportedEvent(
        provider=PROVIDER,
        kind=EventKind(_text(raw["kind"])),
        occurred_at=datetime.fromisoformat(_text(raw["at"])).astimezone(UTC),
        address=_text(raw["address"]),
        provider_event_id=_text(raw["id"]),
        message_reference=_text(raw["reference"]),
        url=_text_or_none(raw["url"]),
        user_agent=_text_or_none(raw["agent"]),
        ip=_text_or_none(raw["ip"]),
        is_prefetch=raw["prefetch"] is True,
        is_decoy=raw["decoy"] is True,
        carrier=_text(raw["carrier"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} is not text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
