"""Our own webhooks: whom they may call, how they are signed, when a failed one is tried again.

As Standard Webhooks says (standardwebhooks.com, specification 1.0).
"""

import hmac
from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from domain.errors import DomainError
from domain.text import is_storable

MAX_URL = 2_048

SECRET_MARK = "whsec_"  # noqa: S105
"""How a secret begins."""

OVERLAP = timedelta(hours=24)
"""How long the secret before still signs, beside the new one."""

MOST_SECRETS = 4
"""Secrets live at once."""

RETRIES = tuple(
    timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""After how long each further attempt is made: as the specification proposes, for three days."""

JITTER = 0.2
"""By which share each wait is longer at most, so that what failed together does not come back
together."""

MOST_WAIT = timedelta(days=1)
"""What a receiver may ask for by Retry-After."""

_NAT64 = IPv6Network("64:ff9b::/96")


class Target(NamedTuple):
    """Where a webhook goes."""

    scheme: str
    host: str
    port: int


def target(url: str, allowed: frozenset[str]) -> Target:
    """Where a URL leads, if webhooks may be sent there. Raises DomainError INVALID_URL.

    What a name stands for is checked when it is called: see `is_public`.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise _refused(url, "is no URL") from None
    if len(url) > MAX_URL or not is_storable(url) or not url.isascii() or " " in url:
        raise _refused(url, f"must have at most {MAX_URL} ASCII characters, without spaces")
    if parts.scheme not in ("http", "https") or not host:
        raise _refused(url, "must begin with https:// and a host")
    if parts.username is not None or parts.fragment:
        raise _refused(url, "must have neither a user name nor a fragment")
    found = Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80))
    if is_allowed(found.host, found.port, allowed):
        return found
    if found.scheme != "https":
        raise _refused(url, "must be https://, unless WEBHOOK_ALLOWED_HOSTS names its host")
    if _literal(host) is not None and not is_public(host):
        raise _refused(url, "is in a private network: WEBHOOK_ALLOWED_HOSTS does not name it")
    return found


def _refused(url: str, why: str) -> DomainError:
    shown = url if len(url) <= 80 else url[:77] + "…"
    return DomainError("INVALID_URL", f"“{shown}” {why}", ("url",))


def is_allowed(host: str, port: int, allowed: frozenset[str]) -> bool:
    """Whether the operator named the host, or host and port, as one that may be called."""
    return host.lower() in allowed or f"{host.lower()}:{port}" in allowed


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: no private, loopback, link-local,
    metadata, shared, multicast or reserved one, and none that leads to such a one by translation.
    """
    ip = _literal(address)
    if ip is None:
        return False
    if isinstance(ip, IPv6Address):
        inner = _translated(ip)
        if inner is not None:
            return is_public(str(inner))
        if ip.teredo is not None or ip.sixtofour is not None:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _translated(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for (RFC 4291 §2.5.5.2, RFC 6052)."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None


def secret_of(key: bytes, nonce: str) -> str:
    """An endpoint's secret, which is kept nowhere: it follows from the service's key and the nonce
    that is."""
    digest = hmac.digest(key, b"outgoing webhook:" + nonce.encode(), sha256)
    return SECRET_MARK + b64encode(digest).decode()


class Nonce(NamedTuple):
    """What a secret follows from, and until when it signs (None: until it is rotated)."""

    value: str
    until: datetime | None


def rotated(nonces: tuple[Nonce, ...], fresh: str, now: datetime) -> tuple[Nonce, ...]:
    """With a new secret first; the ones before sign for OVERLAP still. Raises DomainError."""
    kept = [Nonce(n.value, n.until or now + OVERLAP) for n in live(nonces, now)]
    if len(kept) >= MOST_SECRETS:
        raise DomainError(
            "TOO_MANY_SECRETS", f"{len(kept)} secrets are live: wait until one has ended", ("id",)
        )
    return (Nonce(fresh, None), *kept)


def live(nonces: tuple[Nonce, ...], now: datetime) -> tuple[Nonce, ...]:
    """Those that sign now."""
    return tuple(n for n in nonces if n.until is None or n.until > now)


def wait_after(attempts: int, chance: float, asked: int | None = None) -> timedelta | None:
    """How long to wait after so many attempts; None when there are no more. `chance` is from 0 to
    1; `asked` are the seconds that the receiver asked for."""
    if attempts > len(RETRIES):
        return None
    wait = RETRIES[attempts - 1] * (1 + JITTER * chance)
    wanted = timedelta(seconds=asked or 0)
    return max(wait, min(wanted, MOST_WAIT))
