"""Settings: what is taken, what is refused, and in which words."""

import stat
from pathlib import Path

import pytest

from server import settings
from server.secret_key import kept_secret_key
from server.settings import Settings, SettingsError

LONG = "k" * 40


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine's and no `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def refusal(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        settings.load()
    return str(raised.value)


def test_an_empty_environment_is_enough() -> None:
    found = settings.load()
    assert (found.host, found.port, found.database_url, found.redis_url) == (
        "127.0.0.1",
        8000,
        "",
        "",
    )
    assert found.base_url == "http://127.0.0.1:8000"


def test_an_empty_value_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert settings.load().port == 8000


def test_dot_env_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=9000\nHOST=0.0.0.0\n")
    monkeypatch.setenv("PORT", "9001")
    found = settings.load()
    assert (found.port, found.host) == (9001, "0.0.0.0")
    assert found.base_url == "http://127.0.0.1:9001"


def test_a_bad_value_is_named_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(monkeypatch, PORT="x") == (
        "PORT=x: input should be a valid integer, unable to parse string as an integer. "
        "It is for: the port to listen on. For example PORT=8000"
    )


GRANT = {
    "IMAP_URL": "imaps://news%40a.example@imap.a.example",
    "IMAP_TOKEN_URL": "https://login.a.example/token",
    "IMAP_CLIENT_ID": "engagement",
    "IMAP_CLIENT_SECRET": "opensesame",
}


def test_a_mailbox_may_have_access_tokens_instead_of_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in GRANT.items():
        monkeypatch.setenv(name, value)
    grant = settings.load().mailbox_grant
    assert grant is not None
    assert (grant.url, grant.client_id) == ("https://login.a.example/token", "engagement")
    assert "opensesame" not in repr(settings.load()) + repr(grant)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"IMAP_TOKEN_URL": ""}, "IMAP_URL has no password"),
        ({"IMAP_URL": "imaps://news:opensesame@imap.a.example"}, "leave one of them out"),
        ({"IMAP_CLIENT_ID": ""}, "IMAP_CLIENT_ID is not"),
        ({"IMAP_TOKEN_URL": "http://login.a.example/token"}, "must be https://"),
    ],
)
def test_password_and_access_tokens_of_a_mailbox_exclude_each_other(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], told: str
) -> None:
    message = refusal(monkeypatch, **GRANT | changes)
    assert told in message
    assert "opensesame" not in message


def test_every_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refusal(monkeypatch, PORT="0", LOG_LEVEL="loud", HOLDOUT_PERCENT="99")
    assert [line.split(":")[0] for line in message.splitlines()] == [
        "PORT=0",
        "LOG_LEVEL=loud",
        "HOLDOUT_PERCENT=99",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://user:opensesame@host/db"),
        ("REDIS_URL", "amqp://user:opensesame@host"),
        ("SECRET_KEY", "opensesame"),
        ("JWT_SECRET", "opensesame"),
        ("PROVIDERS", '{"postmark": {"webhook_secret": ["opensesame", 7]}}'),
        ("IMAP_URL", "pop3://user:opensesame@host"),
        ("IMAP_URL", "imaps://user:opensesame@"),
        ("IMAP_URL", "imaps://user:opensesame@host:port/INBOX"),
        ("IMAP_URL", "imaps://user:opensesame@host/INBOX?x=1"),
        ("IMAP_URL", "imaps://user:opensesame%0A@host"),
        ("PROVIDERS", '["opensesame"]'),
        ("PROVIDERS", '{"postmark": "opensesame"}'),
        ("PROVIDERS", "opensesame"),
        ("PROVIDERS", '{"postmark": {}}'),
        ("PROVIDERS", '{"postmark": []}'),
    ],
)
def test_a_refusal_names_the_variable_and_keeps_its_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    message = refusal(monkeypatch, **{name: value})
    assert message.startswith(f"{name}: ")
    assert "opensesame" not in message
    assert f"For example {name}=" in message


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", LONG)
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:opensesame@host/db")
    monkeypatch.setenv("PROVIDERS", '{"postmark": {"webhook_secret": "user:opensesame"}}')
    monkeypatch.setenv("IMAP_URL", "imaps://user:opensesame@host")
    assert "opensesame" not in repr(settings.load().mailbox)
    shown = repr(settings.load())
    assert LONG not in shown
    assert "opensesame" not in shown


def test_several_provider_secrets_are_live_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PROVIDERS",
        '{"postmark": {"webhook_secret": ["u:new", "u:old"], "token": "t"},'
        ' "mailgun": [{"webhook_signing_key": "a"}, {"webhook_signing_key": "b"}]}',
    )
    live = {
        name: [{k: v.get_secret_value() for k, v in one.items()} for one in alternatives]
        for name, alternatives in settings.load().providers.items()
    }
    assert live == {
        "postmark": [
            {"webhook_secret": "u:new", "token": "t"},
            {"webhook_secret": "u:old", "token": "t"},
        ],
        "mailgun": [{"webhook_signing_key": "a"}, {"webhook_signing_key": "b"}],
    }


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERNAL_DOMAINS", "Example.com, example.org,")
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://a.example/")
    found = settings.load()
    assert found.internal_domains == ("example.com", "example.org")
    assert found.allowed_origins == ("https://a.example",)


def test_jwt_wants_an_audience(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(monkeypatch, JWT_SECRET=LONG).startswith("JWT_AUDIENCE is not set")


def test_jwt_wants_one_source_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refusal(
        monkeypatch, JWT_SECRET=LONG, JWT_JWKS_URL="https://id.example/keys", JWT_AUDIENCE="x"
    )
    assert message == "JWT_JWKS_URL and JWT_SECRET exclude each other: unset one of them"


def test_keys_of_an_identity_provider_come_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refusal(monkeypatch, JWT_JWKS_URL="http://id.example/keys", JWT_AUDIENCE="x")
    assert message.startswith("JWT_JWKS_URL=http://id.example/keys: must be https://")


def test_what_is_required_is_named() -> None:
    with pytest.raises(SettingsError) as raised:
        settings.require(settings.load(), "database_url", "secret_key")
    assert [line.split()[0] for line in str(raised.value).splitlines()] == [
        "DATABASE_URL",
        "SECRET_KEY",
    ]


def test_the_secret_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = kept_secret_key(tmp_path)
    assert len(first) == 64
    assert kept_secret_key(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_damaged_secret_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(SettingsError, match="is damaged"):
        kept_secret_key(tmp_path)
    assert (tmp_path / "secret_key").read_text() == "short"


def test_every_setting_says_what_it_is_for_with_an_example() -> None:
    silent = [n for n, f in Settings.model_fields.items() if not (f.description and f.examples)]
    assert silent == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "imaps://news%40a.example:p%40ss%3A1@imap.a.example/Sent%20mail/2026",
            ("imap.a.example", 993, "news@a.example", "p@ss:1", "Sent mail/2026", True),
        ),
        ("imap://u:p@[::1]:1143", ("::1", 1143, "u", "p", "INBOX", False)),
        ("imaps://u:p@host:10993/", ("host", 10993, "u", "p", "INBOX", True)),
    ],
)
def test_a_mailbox_is_named_by_its_url(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: tuple[object, ...]
) -> None:
    monkeypatch.setenv("IMAP_URL", url)
    found = settings.load().mailbox
    assert found is not None
    password = found.password.get_secret_value()
    assert (found.host, found.port, found.user, password, found.folder, found.is_tls) == expected
    assert "p@ss:1" not in found.name
