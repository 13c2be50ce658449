"""What the settings mean to the rules."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.policy import Consent, IpKept, Policy, UserAgentKept
from server import settings
from server.policy import policy_of
from server.settings import Settings

KEY = SecretStr("k" * 40)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine's and no `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_settings_it_is_the_domains_own_policy_but_for_the_key() -> None:
    found = policy_of(settings.load())
    defaults = Policy()
    assert (found.ip_kept, found.user_agent_kept, found.consent_default) == (
        defaults.ip_kept,
        defaults.user_agent_kept,
        defaults.consent_default,
    )
    assert (found.bulk_recipients, found.internal_domains) == (
        defaults.bulk_recipients,
        frozenset(),
    )


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("IP_KEPT", "full", "ip_kept", IpKept.FULL),
        ("IP_KEPT", "network", "ip_kept", IpKept.NETWORK),
        ("IP_KEPT", "none", "ip_kept", IpKept.NONE),
        ("USER_AGENT_KEPT", "full", "user_agent_kept", UserAgentKept.FULL),
        ("USER_AGENT_KEPT", "family", "user_agent_kept", UserAgentKept.FAMILY),
        ("USER_AGENT_KEPT", "none", "user_agent_kept", UserAgentKept.NONE),
        ("TRACKING_CONSENT_DEFAULT", "granted", "consent_default", Consent.GRANTED),
        ("TRACKING_CONSENT_DEFAULT", "denied", "consent_default", Consent.DENIED),
        ("BULK_RECIPIENTS", "12", "bulk_recipients", 12),
        ("INTERNAL_DOMAINS", "us.example", "internal_domains", frozenset({"us.example"})),
    ],
)
def test_a_setting_becomes_a_rule(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, expected: object
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(policy_of(settings.load()), field) == expected


def test_the_hash_key_is_made_from_the_secret_and_is_not_it() -> None:
    one, same = (policy_of(settings.load(secret_key=KEY)).hash_key for _ in range(2))
    other = policy_of(settings.load(secret_key=SecretStr("o" * 40))).hash_key
    assert one == same != other
    assert len(one) == 32
    assert KEY.get_secret_value().encode() not in one


def test_a_policy_that_is_printed_does_not_show_its_key() -> None:
    assert "hash_key" not in repr(policy_of(settings.load(secret_key=KEY)))
