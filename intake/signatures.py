"""Secrets that a platform and we share: what was signed with one, and what is one."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

SHORTEST_SECRET = 16
"""Characters of a secret that an operator makes up: Klaviyo's least, beyond guessing."""


def is_same(given: str, secret: str) -> bool:
    """Whether this is the secret, told in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(), secret.encode())


def is_signed(signature: str, key: str, *parts: bytes) -> bool:
    """Whether the signature is the HMAC-SHA256, in hexadecimal, of these parts in a row."""
    made = hmac.new(key.encode(), digestmod=sha256)
    for part in parts:
        made.update(part)
    return is_same(signature.strip().lower(), made.hexdigest())


def require_length(settings: Mapping[str, str], name: str) -> None:
    """Raises ValueError for a made-up secret of that name that is too short."""
    if name in settings and len(settings[name]) < SHORTEST_SECRET:
        raise ValueError(f"{name} is too short; make it {SHORTEST_SECRET} characters or more")
