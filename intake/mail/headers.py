"""The header fields of a mail, a part or a block of a report (RFC 5322 §2.2), within bounds.

Bytes that are no ASCII are read as UTF-8 (RFC 6532) or, where they are none, as Windows-1252.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.utils import parsedate_to_datetime
from itertools import islice

from intake.mail.charsets import decoded

LONGEST_BLOCK = 256 * 1_024
"""Bytes of a header block that are read; Exchange itself takes no more than 128 KB."""

LONGEST_FIELD = 100_000
"""Characters of one field: To with 2,000 recipients."""

LONGEST_TEXT = 1_000
"""Characters of a field that is read as words; decoding takes time that grows with the square."""

MOST_FIELDS = 1_000
MOST_ADDRESSES = 2_000
MOST_IDS = 100

EARLIEST_YEAR = 1990
"""A Date before it comes from a clock that was never set."""

_FIELD = re.compile(r"^([!-9;-~]{1,100})[ \t]*:(.*(?:\n[ \t].*)*)", re.MULTILINE)
_QUOTED_PAIR = re.compile(r"\\.")
_ITEM = re.compile(r'(?:"[^"]*"|[^,;"]|")+')
_QUOTED = re.compile(r'"[^"]*"')
_ANGLED = re.compile(r"<([^<>\s]{1,320})>")
_BARE = re.compile(r"[^\s<>,;:\"()\[\]@]{1,255}@[^\s<>,;:\"()@]{1,255}")
_MESSAGE_ID = re.compile(r"<([^<>]{1,998})>")


@dataclass(frozen=True, slots=True)
class Headers:
    """Name in lower case → its values in their order, unfolded and not yet decoded."""

    fields: Mapping[str, tuple[str, ...]]

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def first(self, name: str) -> str:
        """The first value, stripped; "" where there is no such field."""
        return self.all(name)[0].strip() if name in self.fields else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of the field."""
        return self.fields.get(name, ())

    def text(self, name: str) -> str | None:
        """The first value as people read it, encoded words (RFC 2047) decoded; None if empty."""
        return decoded_words(self.first(name)) or None

    def addresses(self, *names: str) -> list[str]:
        """The addresses in those fields, in order, each once, without display names."""
        found: dict[str, None] = {}
        for name in names:
            for value in self.all(name):
                found.update(dict.fromkeys(addresses_in(value)))
        return list(found)[:MOST_ADDRESSES]

    def names(self, *names: str) -> dict[str, str]:
        """Address → the display name it has in those fields; those without one are left out."""
        items = (item for name in names for value in self.all(name) for item in _items(value))
        written = {address: _display_name(item) for item in items if (address := address_in(item))}
        return {address: name for address, name in written.items() if name}

    def message_ids(self, name: str) -> list[str]:
        """The Message-IDs in a field, without angle brackets, in order, each once."""
        value = " ".join(self.all(name))
        found = _MESSAGE_ID.findall(value) or [one for one in value.split() if "@" in one]
        return list(dict.fromkeys(one.replace(" ", "") for one in found))[-MOST_IDS:]

    def moment(self, name: str) -> datetime | None:
        """A date and time in UTC; None where there is none that can be."""
        try:
            found = parsedate_to_datetime(self.first(name)[:200])
            if found.tzinfo is None:
                found = found.replace(tzinfo=UTC)
            found = found.astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
        return found if found.year >= EARLIEST_YEAR else None

    def parameter(self, name: str, parameter: str) -> str:
        """A parameter of a field, such as the boundary of Content-Type; "" where it is missing."""
        pattern = rf";\s*{parameter}\s*=\s*(?:\"([^\"]*)\"|([^\s;]+))"
        found = re.search(pattern, self.first(name), re.IGNORECASE)
        return (found[1] if found[1] is not None else found[2]).strip() if found else ""


NO_HEADERS = Headers({})


def read_headers(block: bytes) -> Headers:
    """The fields of a header block, as many and as long as the limits allow."""
    text = decoded(block[:LONGEST_BLOCK], "utf-8").replace("\r\n", "\n").replace("\r", "\n")
    fields: dict[str, list[str]] = {}
    for found in islice(_FIELD.finditer(text), MOST_FIELDS):
        value = found[2][:LONGEST_FIELD].replace("\n", "")
        fields.setdefault(found[1].lower(), []).append(value)
    return Headers({name: tuple(values) for name, values in fields.items()})


def decoded_words(value: str) -> str:
    """A field's text with its encoded words decoded, in one line, cut to what is kept of a text."""
    value = value[:LONGEST_TEXT]
    if "=?" in value:
        # Words that cannot be decoded stay as they were written.
        with suppress(MessageError, ValueError):
            value = "".join(
                part if isinstance(part, str) else decoded(part, charset or "utf-8")
                for part, charset in decode_header(value)
            )
    return " ".join(value.split())


def addresses_in(value: str) -> list[str]:
    """The addresses of an address list (RFC 5322 §3.4), however it is written."""
    found = []
    for item in _items(value):
        address = address_in(item)
        if address:
            found.append(address)
            if len(found) == MOST_ADDRESSES:
                break
    return found


def _items(value: str) -> list[str]:
    items: list[str] = _ITEM.findall(_QUOTED_PAIR.sub("", value[:LONGEST_FIELD]))
    return items[:MOST_ADDRESSES]


def _display_name(item: str) -> str:
    if "<" not in item:
        return ""
    name = decoded_words(item.partition("<")[0]).strip().strip('"')
    return "" if "@" in name else name.replace('"', "")


def address_in(item: str) -> str | None:
    """The one address of `Ada <ada@example.com>` or `ada@example.com`."""
    if "@" not in item:
        return None
    outside = _QUOTED.sub(" ", item)
    angled = [one for one in _ANGLED.findall(outside) if "@" in one]
    if angled:
        return str(angled[-1])
    bare = _BARE.search(outside) or _BARE.search(item)
    return bare[0].strip("'.").removeprefix("mailto:") if bare else None
