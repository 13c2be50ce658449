"""Ids as the outside knows them: opaque there, `Type:key` in base64url to us."""

from base64 import urlsafe_b64encode
from datetime import date


def node_id(type_name: str, key: int | str) -> str:
    """The id of a node: `node_id("Customer", 12)`."""
    return urlsafe_b64encode(f"{type_name}:{key}".encode()).rstrip(b"=").decode()


def event_id(fact_on: date, key: bytes) -> str:
    """The id of an event, which carries the day of its partition."""
    return node_id("Event", f"{fact_on.isoformat()}:{key.hex()}")
