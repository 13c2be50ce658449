"""Node ids: opaque to clients, `Type:key` in base64url to us."""

import binascii
from base64 import urlsafe_b64decode
from datetime import date

from domain import node_ids
from domain.errors import DomainError
from domain.identity import KEY_BYTES

MAX_LENGTH = 128
"""Characters of the longest id that is looked at; ours have fewer than 80."""

MAX_KEY = 2**63 - 1
"""The largest key of a table (bigint)."""


def encode(type_name: str, key: int | str) -> str:
    """The id of a node: `encode("Customer", 12)`."""
    return node_ids.node_id(type_name, key)


def decode(node_id: str) -> tuple[str, str]:
    """The type's name and the key of an id. Raises DomainError INVALID_ID."""
    try:
        if len(node_id) > MAX_LENGTH:
            raise ValueError
        padded = node_id.encode("ascii") + b"=" * (-len(node_id) % 4)
        name, colon, key = urlsafe_b64decode(padded).decode("ascii").partition(":")
        if not (name and colon and key) or encode(name, key) != node_id.rstrip("="):
            raise ValueError
    except (ValueError, binascii.Error) as error:
        raise _invalid(node_id, "an id that this API gave out") from error
    return name, key


def number(node_id: str, type_name: str, *path: str) -> int:
    """The key of an id that must be of the named type. Raises DomainError INVALID_ID, which says
    where in the input the id stood if `path` does."""
    try:
        name, key = decode(node_id)
        if name != type_name:
            raise _invalid(node_id, f"the id of a {type_name}; it is that of a {name}")
        return as_number(key) or _refuse(node_id, type_name)
    except DomainError as error:
        raise DomainError(error.code, error.message, path or None) from error


def number_or_none(node_id: str, type_name: str) -> int | None:
    """The key of an id of the named type; None where it is no such id."""
    try:
        return number(node_id, type_name)
    except DomainError:
        return None


def as_number(key: str) -> int | None:
    """A table's key out of an id's, None when it can be none."""
    if not (key.isascii() and key.isdigit() and len(key) <= 19):
        return None
    return value if 0 < (value := int(key)) <= MAX_KEY else None


encode_event = node_ids.event_id
"""The id of an event, which carries the day of its partition."""


def event_key(key: str) -> tuple[date, bytes] | None:
    """Day and key of an event out of a decoded id, None when they can be none."""
    day, _, digest = key.partition(":")
    try:
        found = date.fromisoformat(day), bytes.fromhex(digest)
    except ValueError:
        return None
    return found if len(found[1]) == KEY_BYTES else None


def encode_payload(received_on: date, key: int) -> str:
    """The id of a payload, which carries the day of its partition."""
    return encode("Payload", f"{received_on.isoformat()}:{key}")


def payload_key(key: str) -> tuple[date, int] | None:
    """Day and number of a payload out of a decoded id, None when they can be none."""
    day, _, digits = key.partition(":")
    try:
        received_on = date.fromisoformat(day)
    except ValueError:
        return None
    found = as_number(digits)
    return None if found is None else (received_on, found)


def _refuse(node_id: str, type_name: str) -> int:
    raise _invalid(node_id, f"the id of a {type_name}")


def _invalid(node_id: str, wanted: str) -> DomainError:
    shown = node_id if len(node_id) <= 80 else node_id[:77] + "…"
    return DomainError("INVALID_ID", f"“{shown}” is not {wanted}: pass ids as they were received")
