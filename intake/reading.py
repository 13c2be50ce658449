"""Bytes and loosely typed values of a provider → values that the rest of the service can rely on.

A provider's JSON promises nothing: a field may be missing, null, empty or of another type. These
readers answer None for what cannot be used, so that one odd field never costs its event.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Any
from urllib.parse import parse_qsl

import orjson

from domain.events import BounceClass

LONGEST_TEXT = 1_000
"""Characters kept of a free text (a diagnostic, a user agent, a subject)."""

LONGEST_REFERENCE = 500
"""Characters kept of an id: PostgreSQL indexes no more than 2,704 bytes."""

LONGEST_URL = 2_000
"""Characters kept of a URL: what browsers and mail servers pass on without harm."""

_NUL = b"\\u0000"
_STATUS = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])")
_REPLY = re.compile(r"^\D{0,40}?([45])\d\d(?!\d)")
_NOTHING: Mapping[str, Any] = {}


def read_json(body: bytes) -> Any:
    """The value of a JSON body, its strings free of what PostgreSQL cannot store.

    Raises ValueError when the body is no JSON (RFC 8259). An unpaired surrogate escape, as left by
    a sender that cuts a subject within an emoji, becomes "?"; U+0000 is dropped.
    """
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        tree = _without_surrogates(body)
    return without_nul(tree) if _NUL in body else tree


def _without_surrogates(body: bytes) -> Any:
    try:
        lenient = json.loads(body.decode("utf-8"))
        return orjson.loads(json.dumps(lenient, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def without_nul(tree: Any) -> Any:
    """The same tree without U+0000 in any of its strings."""
    if isinstance(tree, str):
        return tree.replace("\0", "")
    if isinstance(tree, list):
        return [without_nul(item) for item in tree]
    if isinstance(tree, dict):
        return {without_nul(key): without_nul(value) for key, value in tree.items()}
    return tree


def read_form(body: bytes) -> list[tuple[str, str]]:
    """The fields of an application/x-www-form-urlencoded body, in order. Raises ValueError."""
    fields = parse_qsl(
        body.decode("utf-8"), keep_blank_values=True, errors="replace", max_num_fields=1_000
    )
    return [(without_nul(name), without_nul(value)) for name, value in fields]


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def present(value: Any) -> dict[str, Any]:
    """An object without its nulls, which some readers take for values."""
    return {name: found for name, found in mapping(value).items() if found is not None}


def items(value: Any) -> list[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any, longest: int = LONGEST_TEXT) -> str | None:
    """A non-empty string, cut to `longest` characters; a number as its digits; else None."""
    if isinstance(value, str):
        return value.strip()[:longest] or None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return None


def reference(value: Any) -> str | None:
    """An id: as text, without the angle brackets of a Message-ID (RFC 5322 §3.6.4)."""
    found = text(value, LONGEST_REFERENCE)
    return found and (found.strip("<> \t") or None)


def url(value: Any) -> str | None:
    """A link as reported."""
    return text(value, LONGEST_URL) if isinstance(value, str) else None


def agent(value: Any) -> str | None:
    """A user agent: "" says that the act came without one, None that the report has none."""
    return value.strip()[:LONGEST_TEXT] if isinstance(value, str) else None


def ip(value: Any) -> str | None:
    """An IPv4 or IPv6 address in its canonical form."""
    if not isinstance(value, str):
        return None
    family = AF_INET6 if ":" in value else AF_INET
    try:
        return inet_ntop(family, inet_pton(family, value.strip()))
    except (OSError, ValueError):
        return None


def is_true(value: Any) -> bool:
    """A flag, which some providers write as a word (Braze: "true")."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def address(value: Any) -> str | None:
    """The address of `ada@example.com` or `Ada <ada@example.com>`."""
    found = text(value)
    if found is None or "<" not in found:
        return found
    if found.endswith(">"):
        return found[found.rindex("<") + 1 : -1].strip() or None
    return parseaddr(found)[1] or None


def words(value: Any) -> tuple[str, ...]:
    """Tags: one string, or an array of them, without repeats."""
    many = value if isinstance(value, list) else [value]
    found = [text(word, LONGEST_REFERENCE) for word in many]
    return tuple(dict.fromkeys(filter(None, found)))


def instant(value: Any) -> datetime | None:
    """Seconds since 1970, or an ISO 8601 time (UTC where it names no offset), as an aware UTC time.

    None where there is no time at all. Raises ValueError for one that cannot be.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no time")
    if isinstance(value, (int, float)):
        return _from_epoch(value)
    if isinstance(value, datetime):
        return _in_utc(value)
    try:
        return _from_epoch(float(value))
    except (TypeError, ValueError):
        return _in_utc(_from_iso(value))


def _from_epoch(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds!r} is no time in seconds since 1970") from error


def _from_iso(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError(f"a {type(value).__name__} is no time")
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise ValueError(f"{value[:40]!r} is no time in ISO 8601") from error


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{moment.isoformat()} is beyond the calendar") from error


def bounce_class(*replies: Any) -> BounceClass | None:
    """Hard or soft by the first enhanced status (RFC 3463) or SMTP reply code found; else None."""
    for reply in replies:
        found = text(reply)
        match = found and (_STATUS.search(found) or _REPLY.match(found))
        if match and match[1] in "45":
            return BounceClass.HARD if match[1] == "5" else BounceClass.SOFT
    return None
