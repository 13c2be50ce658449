"""The secrets that the demonstration's providers share with the service.

Whoever runs the demonstration calls `create` once, before the service starts, with a file in
DATA_DIR; gives what it returns to the service as PROVIDERS (merged with the operator's own) and
INTERNAL_DOMAINS = `demo.names.OUR_DOMAIN`; and passes the file to `python -m demo --secrets-file`.
The file also keeps the moment that the portfolio's half year of history ends, so that loading a
second time sends the same facts.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the demonstration knows; `providers` is the service's side of it."""

    providers: dict[str, dict[str, str]]
    sendgrid_private_key: str
    history_ends_at: datetime


def create(path: Path) -> str:
    """Make the secrets file unless it exists; PROVIDERS for the service, as JSON.

    The file is readable by its owner only.
    """
    if not path.exists():
        _write(path, make(datetime.now(UTC).replace(microsecond=0)))
    return json.dumps(load(path).providers)


def make(history_ends_at: datetime) -> Secrets:
    """Fresh secrets, kept nowhere."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    providers = {
        "sendgrid": {"tracking_webhook_verification_key": base64.b64encode(public).decode()},
        "mailgun": {"webhook_signing_key": secrets.token_hex(16)},
    }
    for provider in ("postmark", "brevo", "sparkpost"):
        providers[provider] = {"webhook_secret": f"{provider}:{secrets.token_urlsafe(18)}"}
    return Secrets(providers, private.decode(), history_ends_at)


def _write(path: Path, found: Secrets) -> None:
    content = {
        "providers": found.providers,
        "sendgrid_private_key": found.sendgrid_private_key,
        "history_ends_at": found.history_ends_at.isoformat(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content))
    draft.replace(path)


def load(path: Path) -> Secrets:
    """The secrets of a file. Raises OSError where there is none, ValueError where it is damaged."""
    content = json.loads(path.read_text())
    try:
        return Secrets(
            content["providers"],
            content["sendgrid_private_key"],
            datetime.fromisoformat(content["history_ends_at"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} holds no secrets of the demonstration: remove it") from error
