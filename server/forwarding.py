"""Who a request really comes from, behind proxies that the operator trusts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

LOCAL = "unix"
"""How a peer on a unix socket is named in TRUSTED_PROXIES: it has no address."""

REMEMBERED = 4_096
"""Readers whose address is not worked out again."""

LONGEST_REMEMBERED = 200
"""Characters of a header that is remembered: whoever asks writes it."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Forwarding:
    """`proxies` may say in the header `header` (lower case) whom they speak for; nobody else."""

    proxies: tuple[Network, ...] = ()
    trusts_local: bool = False
    header: str = "x-forwarded-for"
    _nearest: Callable[[str | None, str], str | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Remember for each instance, so that nobody's networks are hashed for a look-up."""
        object.__setattr__(self, "_nearest", lru_cache(REMEMBERED)(self._found))

    def client(self, peer: str | None, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """The address of whoever asks: the nearest hop that is none of our proxies.

        `peer` is the other end of the connection, None on a unix socket; `headers` are ASGI's.
        What stands before an untrusted hop may be invented and is not looked at. None when nothing
        is known.
        """
        if not self.proxies and not self.trusts_local:
            return peer
        name = self.header.encode("latin-1")
        given = ",".join(v.decode("latin-1") for n, v in headers if n == name)
        find = self._nearest if len(given) <= LONGEST_REMEMBERED else self._found
        return find(peer, given)

    def _found(self, peer: str | None, given: str) -> str | None:
        if not self._is_trusted(peer):
            return peer
        hops = [hop for part in given.split(",") if (hop := part.strip())]
        for hop in reversed(hops):
            address = bare(hop)
            if address is None or not self._is_trusted(address):
                return address
            peer = address
        return peer

    def _is_trusted(self, address: str | None) -> bool:
        return self.trusts_local if address is None else _within(address, self.proxies)


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks)


def bare(hop: str) -> str | None:
    """The address of a hop as proxies write it: with a port, in brackets, or as RFC 7239's `for`.

    None for a hidden or unreadable one.
    """
    text = hop
    for part in hop.split(";"):
        name, found, value = part.strip().partition("=")
        if found and name.strip().lower() == "for":
            text = value
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """The networks of TRUSTED_PROXIES, without LOCAL. Raises ValueError with what is none."""
    return tuple(ip_network(text, strict=False) for text in texts if text != LOCAL)
