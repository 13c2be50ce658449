"""A mail on its way out: what makes it tell of itself, and the headers it should carry."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from domain.tracking import OutgoingMail, TrackedMail
from intake.rewriting import UNSUBSCRIBE_MARK, Marks, rewrite
from intake.tokens import Token, TokenKind, Tokens
from intake.tracking import CLICK_DOOR

PIXEL, CLICK, UNSUBSCRIBE = "/o/", CLICK_DOOR, "/u/"
"""The paths of our doors."""

LONGEST_HEADER = 998
"""Characters of a header's line (RFC 5322 §2.1.1): what is longer leaves out the mailbox."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Makes tracked mails (a `domain.tracking.Tracker`).

    `base_url` is how people reach our doors, without a closing slash; `mailbox` is the address that
    takes unsubscribing mail, "" for none; `mint` makes what is unique in a Message-ID.
    """

    tokens: Tokens
    base_url: str
    mailbox: str
    mint: Callable[[], str]

    def __call__(self, mail: OutgoingMail, *, is_tracked: bool) -> TrackedMail:
        """The mail as it is to be sent; its unsubscribe link works whether it is tracked or not."""
        message_id = mail.message_id or f"{self.mint()}@{self._host()}"
        sealed = self._seal(mail, message_id, TokenKind.UNSUBSCRIBE)
        unsubscribe_url = f"{self.base_url}{UNSUBSCRIBE}{sealed}"
        marks = self._marks(mail, message_id, unsubscribe_url, is_tracked)
        rewritten = None if mail.html is None else rewrite(mail.html, marks)
        headers = [("Message-ID", f"<{message_id}>")]
        if mail.is_unsubscribable:
            headers += self._unsubscribing(unsubscribe_url, sealed)
        return TrackedMail(
            mail=mail,
            message_id=message_id,
            html=rewritten.html if rewritten else None,
            text=mail.text and mail.text.replace(UNSUBSCRIBE_MARK, unsubscribe_url),
            headers=tuple(headers),
            links=rewritten.links if rewritten else (),
            unsubscribe_url=unsubscribe_url,
            is_tracked=is_tracked,
        )

    def _marks(
        self, mail: OutgoingMail, message_id: str, unsubscribe_url: str, is_tracked: bool
    ) -> Marks:
        ours = tuple(self.base_url + door for door in (PIXEL, CLICK, UNSUBSCRIBE))
        if not is_tracked:
            return Marks(ours, unsubscribe_url)

        def address(door: str, kind: TokenKind, url: str | None = None) -> str:
            return f"{self.base_url}{door}{self._seal(mail, message_id, kind, url)}"

        return Marks(
            ours,
            unsubscribe_url,
            click=lambda url: address(CLICK, TokenKind.CLICK, url),
            pixel=address(PIXEL, TokenKind.OPEN),
            decoy=address(CLICK, TokenKind.DECOY),
        )

    def _seal(
        self, mail: OutgoingMail, message_id: str, kind: TokenKind, url: str | None = None
    ) -> str:
        return self.tokens.seal(Token(kind, mail.provider, message_id, mail.address, url))

    def _unsubscribing(self, url: str, sealed: str) -> list[tuple[str, str]]:
        """RFC 2369, and where we are reached safely RFC 8058, which asks for https."""
        ways = f"<{url}>"
        if self.mailbox:
            mailto = (
                f"{ways}, <mailto:{quote(self.mailbox, safe='@')}?subject=unsubscribe%20{sealed}>"
            )
            ways = mailto if len("List-Unsubscribe: " + mailto) <= LONGEST_HEADER else ways
        headers = [("List-Unsubscribe", ways)]
        if url.startswith("https://"):
            headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        return headers

    def _host(self) -> str:
        """What stands behind the @ of a Message-ID (RFC 5322 §3.6.4)."""
        host = urlsplit(self.base_url).hostname or "localhost"
        is_number = ":" in host or host.replace(".", "").isdigit()
        return f"[{'IPv6:' if ':' in host else ''}{host}]" if is_number else host
