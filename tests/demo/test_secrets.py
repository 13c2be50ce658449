"""The file of shared secrets."""

import json
import stat
from pathlib import Path

import pytest

from demo import secrets


def test_creating_twice_keeps_the_first(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    assert secrets.create(path) == secrets.create(path)


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    secrets.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_service_gets_a_secret_a_provider_and_no_private_key(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    providers = json.loads(secrets.create(path))
    assert {name: sorted(settings) for name, settings in providers.items()} == {
        "sendgrid": ["tracking_webhook_verification_key"],
        "mailgun": ["webhook_signing_key"],
        "postmark": ["webhook_secret"],
        "brevo": ["webhook_secret"],
        "sparkpost": ["webhook_secret"],
    }
    assert "PRIVATE" in secrets.load(path).sendgrid_private_key


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_text("{}")
    with pytest.raises(ValueError, match="remove it"):
        secrets.load(path)
