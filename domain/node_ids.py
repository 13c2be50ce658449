"""Ids as the outside knows them: opaque there, `Type:key` in base64url to us."""

from binascii import b2a_base64, hexlify
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
    # Of these letters base64 has none to be replaced, and 49 bytes leave two to fill up.
    return b2a_base64(_event_of(fact_on) + hexlify(key), newline=False)[:-2].decode()


@lru_cache(maxsize=1_000)
def _event_of(fact_on: date) -> bytes:
    """How the ids of a day's events begin."""
    return f"Event:{fact_on.isoformat()}:".encode()
