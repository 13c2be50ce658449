"""IMAP_URL: which mailbox is read, and how it is reached."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that may be spoken to in the clear: nothing leaves the machine."""

PORTS = {"imaps": 993, "imap": 143}

FORM = (
    "must be imaps://user:password@host/Folder, with %40 for an @ in user or password; "
    "without :password where IMAP_TOKEN_URL is set"
)


@dataclass(frozen=True, slots=True)
class MailboxUrl:
    """A folder on an IMAP server. `is_tls`: from the first byte; else STARTTLS is asked for.
    The password is empty where access tokens stand in for it (`server.mailbox_tokens`)."""

    host: str
    port: int
    user: str
    password: SecretStr
    folder: str
    is_tls: bool

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return self.host in LOCAL_HOSTS

    @property
    def name(self) -> str:
        """The mailbox without its password, as people see it."""
        scheme = "imaps" if self.is_tls else "imap"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{self.user}@{host}:{self.port}/{self.folder}"


def parse_mailbox_url(url: str) -> MailboxUrl:
    """`imaps://user:password@host:993/Folder`; INBOX where no folder is named. Raises ValueError.

    The message never has the URL in it: it carries the password.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(FORM) from None
    if parts.scheme not in PORTS or not host or not parts.username:
        raise ValueError(FORM)
    if parts.query or parts.fragment:
        raise ValueError(f"{FORM} (%3F for a ?, %23 for a #)")
    texts = [
        unquote(part) for part in (parts.username, parts.password or "", parts.path.strip("/"))
    ]
    if any(ord(character) < 32 for part in texts for character in part):
        raise ValueError("must have no control characters")
    user, password, folder = texts
    return MailboxUrl(
        host=host,
        port=port or PORTS[parts.scheme],
        user=user,
        password=SecretStr(password),
        folder=folder or "INBOX",
        is_tls=parts.scheme == "imaps",
    )
