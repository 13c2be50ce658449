"""SMTP_URL: which server mail is sent through, and how it is reached."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from server.mailbox_url import LOCAL_HOSTS

PORTS = {"smtps": 465, "smtp": 587}
"""Submission with TLS from the first byte (RFC 8314 §7.3), and with STARTTLS (RFC 6409)."""

FORM = (
    "must be smtps://user:password@host or smtp://user:password@host, with %40 for an @ in user "
    "or password"
)


@dataclass(frozen=True, slots=True)
class SmtpUrl:
    """A mail server. `is_tls`: from the first byte; else STARTTLS, but on this very machine.

    `user` is empty where the server asks for none.
    """

    host: str
    port: int
    user: str
    password: SecretStr
    is_tls: bool

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return self.host in LOCAL_HOSTS


def parse_smtp_url(url: str) -> SmtpUrl:
    """SMTP_URL in its parts. Raises ValueError, whose message never has the URL in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(FORM) from None
    if parts.scheme not in PORTS or not host or bool(parts.username) != bool(parts.password):
        raise ValueError(FORM)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(FORM)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmtpUrl(
        host=host,
        port=port or PORTS[parts.scheme],
        user=user,
        password=SecretStr(password),
        is_tls=parts.scheme == "smtps",
    )
