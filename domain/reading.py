"""Reading what a client sent, untyped, into values: every problem is kept with its path."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from domain.addresses import normalise
from domain.errors import DomainError
from domain.reports import instant
from domain.text import is_storable, shown

MAX_ID = 320
"""Characters of an external id: the width of its column."""

MAX_TEXT = 500
"""Characters of a name or title: at four bytes each they still fit into an index (2,704 bytes)."""

MAX_SUBJECT = 998
"""Characters of a subject: a header line has no more (RFC 5322 §2.1.1)."""

_CONTROL = re.compile(r"[\x00-\x1f]")

Path = tuple[str, ...]
"""Where a value stands in what the client sent, e.g. ("customers", "3", "name")."""

CLEARED: Literal[""] = ""
"""An empty string empties what is stored; null leaves it as it is."""


class Reading:
    """Collects the problems of one input while its fields are read; `problems` is empty if none."""

    def __init__(self) -> None:
        self.problems: list[DomainError] = []

    def refuse(self, code: str, message: str, path: Path) -> None:
        """Keep a problem."""
        self.problems.append(DomainError(code, message, path))

    def mapping(self, raw: object, path: Path, what: str) -> Mapping[str, object]:
        """An object, or an empty one and a problem. `what` names it, e.g. “a customer”."""
        if isinstance(raw, Mapping):
            return raw
        self.refuse("INVALID_TYPE", f"{shown(raw)} is not {what}: give an object of fields", path)
        return {}

    def items(self, raw: object, path: Path, limit: int) -> Sequence[object] | None:
        """A list of at most `limit` items; None where the client gave none."""
        if raw is None:
            return None
        if isinstance(raw, str | bytes) or not isinstance(raw, Sequence):
            self.refuse("INVALID_TYPE", f"{shown(raw)} is not a list", path)
            return None
        if len(raw) > limit:
            message = f"{len(raw)} items are too many at once: give at most {limit} a call"
            self.refuse("TOO_MANY", message, path)
            return None
        return raw

    def text(self, raw: object, path: Path, limit: int = MAX_TEXT) -> str | None:
        """Text without surrounding space; "" where it was empty, None where there was none."""
        if raw is None:
            return None
        if isinstance(raw, int) and not isinstance(raw, bool):
            raw = str(raw) if abs(raw) < 10**18 else raw
        if not isinstance(raw, str):
            self.refuse("INVALID_TYPE", f"{shown(raw)} is not text", path)
            return None
        text = raw.strip()
        if len(text) > limit:
            message = f"{shown(text)} has {len(text)} characters: give at most {limit}"
            self.refuse("TOO_LONG", message, path)
            return None
        if not is_storable(text):
            message = f"{shown(text)} holds NUL or half a character: give it in UTF-8"
            self.refuse("INVALID_TEXT", message, path)
            return None
        if _CONTROL.search(text):
            message = f"{shown(text)} has control characters: give one line of text"
            self.refuse("INVALID_TEXT", message, path)
            return None
        return text

    def required(self, raw: object, path: Path, what: str, limit: int = MAX_TEXT) -> str:
        """Text that must be there; `what` names it, e.g. “an external id”."""
        before = len(self.problems)
        text = self.text(raw, path, limit)
        if not text and len(self.problems) == before:
            self.refuse("MISSING", f"{path[-1]} is missing: give {what}", path)
        return text or ""

    def address(self, raw: object, path: Path) -> str | None:
        """A normalised address."""
        text = self.text(raw, path)
        if text is None:
            if raw is None:
                self.refuse("INVALID_ADDRESS", "null is not an email address: leave it out", path)
            return None
        try:
            return normalise(text)
        except DomainError as error:
            self.refuse(error.code, error.message, path)
            return None

    def day(self, raw: object, path: Path) -> date | Literal[""] | None:
        """A date, `CLEARED`, or None where there was none."""
        text = self.text(raw, path)
        if not text:
            return CLEARED if text == "" else None
        try:
            return date.fromisoformat(text[:10] if text[10:11] == "T" else text)
        except ValueError:
            self.refuse("INVALID_DATE", f"{shown(text)} is no date: give it as 2027-03-31", path)
            return None

    def instant(self, raw: object, path: Path) -> datetime | None:
        """A moment with its offset, in UTC; None where there was none."""
        if raw is None:
            return None
        try:
            return instant(raw)
        except DomainError as error:
            self.refuse(error.code, error.message, path)
            return None
