"""What an act leaves behind: where it came from and with which program, for judging and for show.

Evidence is kept as keyed hashes, so that a verdict can be judged again when the address and the
agent themselves have been cut short or dropped.
"""

from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from domain.agents import agent_family, agent_reason
from domain.events import MachineReason
from domain.policy import IpKept, Policy, UserAgentKept

HASH_BYTES = 8
"""Hashes are compared within one message only: this is plenty."""

NETWORK_BITS = {4: 24, 6: 48}
"""IP version → length of the prefix that stands for a network (a site's, in IPv6: RFC 6177)."""

ADDRESSES = {4: IPv4Address, 6: IPv6Address}


class Traces(NamedTuple):
    """`ip` and `user_agent` are as the policy keeps them; None where nothing was reported.

    `agent_reason` is why the agent by itself is held to be a machine's; it is kept, because the
    lists of crawlers change while a verdict must not change by itself.
    """

    ip: str | None
    user_agent: str | None
    agent_family: str | None
    agent_reason: MachineReason | None
    ip_hash: bytes | None
    network_hash: bytes | None
    agent_hash: bytes | None


NO_TRACES = Traces(None, None, None, None, None, None, None)


@lru_cache(maxsize=65_536)
def traces(ip: str | None, user_agent: str | None, policy: Policy) -> Traces:
    """What is kept of an act's IP address and user agent; an unreadable IP leaves no network."""
    network = _network(ip)
    family = agent_family(user_agent)
    kept_ip = {IpKept.FULL: ip, IpKept.NETWORK: network, IpKept.NONE: None}[policy.ip_kept]
    kept_agent = {
        UserAgentKept.FULL: user_agent,
        UserAgentKept.FAMILY: family,
        UserAgentKept.NONE: None,
    }[policy.user_agent_kept]
    key = policy.hash_key
    return Traces(
        kept_ip,
        kept_agent,
        family,
        agent_reason(user_agent),
        _hash(ip, key),
        _hash(network, key),
        _hash(user_agent, key),
    )


def _network(ip: str | None) -> str | None:
    try:
        address = ip_address(ip or "")
    except ValueError:
        return None
    bits = NETWORK_BITS[address.version]
    rest = address.max_prefixlen - bits
    return f"{ADDRESSES[address.version](int(address) >> rest << rest)}/{bits}"


def _hash(text: str | None, key: bytes) -> bytes | None:
    if not text:
        return None
    raw = text.encode("utf-8", "surrogatepass")
    return blake2b(raw, digest_size=HASH_BYTES, key=key).digest()
