"""Who a request comes from: told by trusted proxies, never by anybody else."""

import pytest

from server.forwarding import Forwarding, bare, networks
from server.settings import SettingsError, load

PROXIES = networks(("10.0.0.0/8", "2001:db8::/32"))


def client(peer: str | None, *forwarded: str, header: str = "x-forwarded-for") -> str | None:
    forwarding = Forwarding(PROXIES, header=header)
    return forwarding.client(peer, [(header.encode(), value.encode()) for value in forwarded])


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("198.51.100.7",), "192.0.2.1"),
        ("10.1.2.3", (), "10.1.2.3"),
        ("10.1.2.3", ("198.51.100.7",), "198.51.100.7"),
        ("::ffff:10.1.2.3", ("198.51.100.7",), "198.51.100.7"),
        ("2001:db8::1", ("2001:4860::8",), "2001:4860::8"),
        ("10.1.2.3", ("203.0.113.9, 198.51.100.7",), "198.51.100.7"),
        ("10.1.2.3", ("198.51.100.7, 10.9.9.9",), "198.51.100.7"),
        ("10.1.2.3", ("203.0.113.9", "198.51.100.7,10.9.9.9"), "198.51.100.7"),
        ("10.1.2.3", ("10.9.9.9",), "10.9.9.9"),
        ("10.1.2.3", ("198.51.100.7, unknown",), None),
        ("10.1.2.3", ("",), "10.1.2.3"),
        (None, ("198.51.100.7",), None),
    ],
)
def test_the_nearest_hop_that_is_no_proxy_of_ours(
    peer: str | None, forwarded: tuple[str, ...], found: str | None
) -> None:
    assert client(peer, *forwarded) == found


def test_another_header_may_say_it_and_then_the_usual_one_says_nothing() -> None:
    forwarding = Forwarding(PROXIES, header="cf-connecting-ip")
    given = [(b"x-forwarded-for", b"203.0.113.9"), (b"cf-connecting-ip", b"198.51.100.7")]
    assert forwarding.client("10.0.0.1", given) == "198.51.100.7"


def test_a_proxy_on_a_unix_socket_is_trusted_where_that_is_said() -> None:
    given = [(b"x-forwarded-for", b"198.51.100.7")]
    assert Forwarding(trusts_local=True).client(None, given) == "198.51.100.7"
    assert Forwarding().client(None, given) is None


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ('for="[2001:db8:cafe::17]:4711";proto=https', "2001:db8:cafe::17"),
        ("proto=https; For=198.51.100.7", "198.51.100.7"),
        ("for=_hidden", None),
        ("unknown", None),
    ],
)
def test_a_hop_is_read_as_proxies_write_it(hop: str, address: str | None) -> None:
    assert bare(hop) == address


def test_the_settings_say_whom_to_believe() -> None:
    found = load(trusted_proxies="10.0.0.0/8, 192.0.2.1,unix", forwarded_header="X-Real-IP")
    assert found.forwarding == Forwarding(
        networks(("10.0.0.0/8", "192.0.2.1/32")), trusts_local=True, header="x-real-ip"
    )
    assert load().forwarding == Forwarding()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trusted_proxies": "10.0.0.0/33"}, "must be networks such as 10.0.0.0/8"),
        ({"trusted_proxies": "proxy.example.com"}, "must be networks such as 10.0.0.0/8"),
        ({"forwarded_header": "X Forwarded"}, "FORWARDED_HEADER"),
        ({"unsubscribe_mailbox": "nobody"}, "must be an email address"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(**given)
    assert said in str(refused.value)
