"""Access tokens for a mailbox whose server takes no passwords (OAuth 2.0, RFC 6749)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

TIMEOUT_SECONDS = 20.0
"""How long the authorization server may be silent."""

SPARE_SECONDS = 60.0
"""So long before its end a token is not used any more: a look into the mailbox takes a while."""

UNSAID_SECONDS = 300.0
"""How long a token is used whose end is not told (RFC 6749 §5.1: `expires_in` is recommended)."""


class TokenRefusedError(ValueError):
    """No token was given; the message says by whom and why, without any secret."""


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """Who asks whom for tokens: with a refresh token in a person's name (§6), without in the
    application's own (§4.4)."""

    url: str
    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    scope: str

    @property
    def form(self) -> Mapping[str, str]:
        """What is posted."""
        said = {
            "client_id": self.client_id,
            "client_secret": self.client_secret.get_secret_value(),
            "scope": self.scope,
        }
        refresh_token = self.refresh_token.get_secret_value()
        if refresh_token:
            said |= {"grant_type": "refresh_token", "refresh_token": refresh_token}
        else:
            said |= {"grant_type": "client_credentials"}
        return {name: value for name, value in said.items() if value}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be shown nowhere."""
        kept = (self.client_secret.get_secret_value(), self.refresh_token.get_secret_value())
        return tuple(secret for secret in kept if secret)


class AccessTokens:
    """The token to sign in with, asked for when the last one ends. For one thread at a time."""

    def __init__(self, grant: TokenGrant) -> None:
        self._grant = grant
        self._token = ""
        self._ends_at = 0.0

    def current(self) -> str:
        """A token that is good for a while. Blocks. Raises TokenRefusedError."""
        if time.monotonic() >= self._ends_at:
            answer = self._ask()
            self._token = str(answer["access_token"])
            self._ends_at = time.monotonic() + _seconds(answer) - SPARE_SECONDS
        return self._token

    def forget(self) -> None:
        """Ask for a new token next time: the mail server refused this one."""
        self._ends_at = 0.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be shown nowhere."""
        return (*self._grant.secrets, self._token) if self._token else self._grant.secrets

    def _ask(self) -> Mapping[str, Any]:
        try:
            answer = httpx.post(self._grant.url, data=self._grant.form, timeout=TIMEOUT_SECONDS)
            said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._refused(f"{type(error).__name__}: {error}") from None
        if not isinstance(said, dict):
            said = {}
        if answer.status_code != 200 or not said.get("access_token"):
            why = ": ".join(
                str(said[name]) for name in ("error", "error_description") if said.get(name)
            )
            raise self._refused(f"{answer.status_code} {why or 'without an access_token'}")
        return said

    def _refused(self, why: str) -> TokenRefusedError:
        return TokenRefusedError(f"{self._grant.url} gives no access token: {why}")


def _seconds(answer: Mapping[str, Any]) -> float:
    """How long a token is good; some servers say it as text."""
    try:
        return float(answer["expires_in"])
    except (KeyError, TypeError, ValueError):
        return UNSAID_SECONDS
