"""Ids as the outside knows them: opaque there, `Type:key` in base64url to us."""

from binascii import b2a_base64
from datetime import date
from functools import lru_cache

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
"""base64's two letters that mean something in an address (RFC 4648, 5)."""


@lru_cache(maxsize=10_000)
def node_id(type_name: str, key: int | str) -> str:
    """The id of a node: `node_id("Customer", 12)`. Pages name the same few again and again."""
    return _written(type_name, key)


def _written(type_name: str, key: int | str) -> str:
    text = b2a_base64(f"{type_name}:{key}".encode(), newline=False)
    return text.translate(_URL_SAFE, b"=").decode()


def event_id(fact_on: date, key: bytes) -> str:
    """The id of an event, which carries the day of its partition."""
    return _written("Event", f"{fact_on.isoformat()}:{key.hex()}")
