"""One row of a provider's table: what is sent, and what must come of it, whole."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from domain.events import ReportedEvent

AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"


def at(text: str) -> datetime:
    """ "2026-03-01 10:00:05" in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """`body` is the JSON as the provider sends it, before signing and wrapping."""

    name: str
    body: Any
    expected: tuple[ReportedEvent, ...]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


def one(base: ReportedEvent, **differences: Any) -> tuple[ReportedEvent, ...]:
    """The one event expected: the provider's base with these differences."""
    return (base._replace(**differences),)
