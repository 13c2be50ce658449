"""Cursors of pages: opaque to clients, an order's name and a place in it to us."""

import binascii
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import orjson

from domain.errors import DomainError
from domain.text import is_storable
from store.paging import Order, Page

MAX_FIRST = 100
"""Rows of one page at most."""

MAX_CURSOR = 8_192
"""Characters of a cursor that is looked at; names and ids make ours far shorter."""


def encode(order: Order[Any], row: Any) -> str:
    """The cursor of a row's place in an order."""
    values = [order.name, *(_written(value) for value in order.key(row))]
    return urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()


def _written(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def decode(order: Order[Any], cursor: str) -> tuple[Any, ...]:
    """The place that a cursor names. Raises DomainError INVALID_CURSOR."""
    try:
        if len(cursor) > MAX_CURSOR:
            raise ValueError
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        name, *values = orjson.loads(urlsafe_b64decode(padded))
        if name != order.name or len(values) != len(order.types):
            raise ValueError
        return tuple(_READERS[t](v) for t, v in zip(order.types, values, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error) as error:
        shown = cursor if len(cursor) <= 40 else cursor[:37] + "…"
        message = f"“{shown}” is no cursor of this list in this order: pass an endCursor it gave"
        raise DomainError("INVALID_CURSOR", message, ("after",)) from error


def _number(value: Any) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if type(value) is not str or not is_storable(value):
        raise ValueError
    return value


def _float(value: Any) -> float:
    if type(value) not in (float, int) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _instant(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


_READERS: Mapping[type, Callable[[Any], Any]] = {
    int: _number,
    float: _float,
    str: _text,
    bytes: bytes.fromhex,
    date: date.fromisoformat,
    datetime: _instant,
}


def page(order: Order[Any], first: int | None, after: str | None) -> Page:
    """What a client's `first` and `after` ask for. Raises DomainError."""
    return Page(
        most(20 if first is None else first), None if after is None else decode(order, after)
    )


def most(first: int) -> int:
    """How many a client wants at most. Raises DomainError."""
    if not 0 <= first <= MAX_FIRST:
        message = f"first is {first}: ask for 0 to {MAX_FIRST} at once and go on with `after`"
        raise DomainError("INVALID_FIRST", message, ("first",))
    return first
