"""Addresses: one spelling for one mailbox."""

import re
import unicodedata
from functools import lru_cache

from domain.errors import DomainError
from domain.registrable import registrable_domain

MAX_LENGTH = 254
"""Characters of an address (RFC 5321 §4.5.3.1.3, less the angle brackets)."""

DOTLESS_DOMAINS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
"""Where dots in the local part mean nothing, and the name the two domains share."""

_LOCAL = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}\Z")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\Z")


def normalise(address: str) -> str:
    """The address as it is stored and compared: NFC, domain in lower-case ASCII (IDNA).

    The local part is folded to lower case: no mailbox provider of note tells cases apart, and
    reports of one message do not agree on them. Raises DomainError INVALID_ADDRESS.
    """
    found = _normalise(address)
    if found is None:
        shown = address if len(address) <= 80 else address[:77] + "…"
        raise DomainError(
            "INVALID_ADDRESS", f"“{shown}” is not an email address: give it as name@domain"
        )
    return found


def normalise_or_none(address: str | None) -> str | None:
    """Like `normalise`, for reports that are kept even when their address is unusable."""
    return _normalise(address) if address else None


@lru_cache(maxsize=65_536)
def _normalise(address: str) -> str | None:
    text = unicodedata.normalize("NFC", address.strip())
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1].strip()
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.match(local):
        return None
    domain = _ascii_domain(domain.rstrip("."))
    normal = f"{local.lower()}@{domain}"
    return normal if _DOMAIN.match(domain) and len(normal) <= MAX_LENGTH else None


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def alias_key(address: str) -> str:
    """What all aliases of a normalised address share: no plus-tag, and for Gmail no dots."""
    local, _, domain = address.rpartition("@")
    bare = local.split("+", 1)[0] or local
    if domain in DOTLESS_DOMAINS:
        domain = DOTLESS_DOMAINS[domain]
        bare = bare.replace(".", "") or bare
    return f"{bare}@{domain}"


def domain_of(address: str) -> str:
    """The registrable domain of a normalised address."""
    return registrable_domain(address.rpartition("@")[2])
