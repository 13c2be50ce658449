"""Which of our media types a client accepts (RFC 9110, 12.5.1; GraphQL over HTTP, media types)."""

from dataclasses import dataclass
from functools import lru_cache

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"

_OFFERED = (JSON, GRAPHQL_RESPONSE, EVENT_STREAM)
"""In the order of our preference where the client has none: `*/*` gets JSON."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """`json` is the media type for a single answer, None where the client takes none of ours."""

    json: str | None
    event_stream: bool

    @property
    def nothing(self) -> bool:
        """Whether there is no way to answer."""
        return self.json is None and not self.event_stream


@lru_cache(maxsize=128)
def accepted(header: bytes) -> Accepted:
    """Read an Accept header; an empty one accepts JSON."""
    if not header.strip():
        return Accepted(JSON, event_stream=False)
    ranges = [_media_range(part) for part in header.decode("latin-1").lower().split(",")]
    weights = {offered: _weight(offered, ranges) for offered in _OFFERED}
    best = max((JSON, GRAPHQL_RESPONSE), key=lambda offered: weights[offered])
    named = any(media == EVENT_STREAM for media, _ in ranges)
    return Accepted(
        best if weights[best] > (0, 0) else None,
        event_stream=named and weights[EVENT_STREAM] > (0, 0),
    )


def _media_range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return media, _quality(value)
    return media, 1.0


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _weight(offered: str, ranges: list[tuple[str, float]]) -> tuple[float, float]:
    """How much an offered type is wanted: the most specific range decides, earlier ones first."""
    for pattern in (offered, offered.partition("/")[0] + "/*", "*/*"):
        for position, (media, quality) in enumerate(ranges):
            if media == pattern:
                return (quality, -position) if quality > 0 else (0, 0)
    return (0, 0)
