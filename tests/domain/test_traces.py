from typing import Any

import pytest

from domain.events import MachineReason
from domain.policy import IpKept, Policy, UserAgentKept
from domain.traces import HASH_BYTES, NO_TRACES, traces
from tests.domain.facts import SCANNER

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def test_by_default_the_network_and_the_family_are_kept() -> None:
    found = traces("203.0.113.77", FIREFOX, Policy())
    assert (found.ip, found.user_agent) == ("203.0.113.0/24", "Firefox, Linux")
    assert traces("2001:db8:1:2::3", None, Policy()).ip == "2001:db8:1::/48"


@pytest.mark.parametrize(
    ("changes", "ip", "agent"),
    [
        ({"ip_kept": IpKept.FULL, "user_agent_kept": UserAgentKept.FULL}, "203.0.113.77", FIREFOX),
        ({"ip_kept": IpKept.NONE, "user_agent_kept": UserAgentKept.NONE}, None, None),
    ],
)
def test_the_policy_decides_what_is_kept_and_never_what_is_judged(
    changes: dict[str, Any], ip: str | None, agent: str | None
) -> None:
    found, usual = (traces("203.0.113.77", FIREFOX, Policy(**c)) for c in (changes, {}))
    assert (found.ip, found.user_agent) == (ip, agent)
    assert found[2:] == usual[2:]


def test_hashes_tell_addresses_and_networks_apart_and_need_the_key() -> None:
    one, near, far = (traces(ip, None, Policy()) for ip in ("192.0.2.1", "192.0.2.2", "192.1.2.1"))
    assert one.ip_hash is not None
    assert len(one.ip_hash) == HASH_BYTES
    assert one.ip_hash != near.ip_hash
    assert one.network_hash == near.network_hash != far.network_hash
    assert traces("192.0.2.1", None, Policy(hash_key=b"k" * 32)).ip_hash != one.ip_hash


def test_a_scanner_is_known_by_its_agent_after_the_agent_is_gone() -> None:
    policy = Policy(user_agent_kept=UserAgentKept.NONE)
    assert traces(None, SCANNER, policy).agent_reason is MachineReason.SCANNER_AGENT
    assert traces(None, "", policy).agent_reason is MachineReason.SCANNER_AGENT


@pytest.mark.parametrize("ip", [None, "", "unknown", "10.0.0.1, 10.0.0.2", "\ud800"])
def test_what_is_no_address_leaves_no_network(ip: str | None) -> None:
    found = traces(ip, None, Policy())
    assert (found.ip, found.network_hash) == (None, None)
    assert traces(None, None, Policy()) == NO_TRACES
