"""What a provider's call to us consists of, and how we refuse one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """One HTTP request of a provider, as bytes and strings.

    Header names are lower-case; `query` is the query string without its question mark; `url` is
    the address the provider was told to call (Mandrill signs it). `received_at` is aware, UTC.
    """

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    method: str = "POST"
    url: str = ""
    received_at: datetime | None = None

    @property
    def content_type(self) -> str:
        """The media type without its parameters, lower-case; "" where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Handshake:
    """A request that reports nothing: answered 200, once `confirm_url`, if any, was called."""

    confirm_url: str | None = None


class Refused(Exception):  # noqa: N818 - says what happened to the request
    """A request that is not taken: nothing of it is stored.

    `status` tells the caller what to do next: 4xx stop, 5xx try again. `code` is stable and in
    UPPER_SNAKE_CASE. `wants_basic_auth` asks for credentials (Amazon SNS sends them only then).
    """

    def __init__(
        self, status: int, code: str, message: str, *, wants_basic_auth: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.wants_basic_auth = wants_basic_auth
