"""One mail of the corpus, and what must come of it.

Every mail here was written for these tests, in the shape of a system's own: addresses, names and
ids are invented. Where a shape is documented, its source stands beside it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.events import BounceClass, EventKind
from intake.mail import MailContext, read_mail
from intake.tokens import Token, TokenKind, Tokens
from intake.webhooks import ParsedPayload

RECEIVED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SENT_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OUR_ID = "spring.42@acme.example"
TOKENS = Tokens("a secret for these tests")
CONTEXT = MailContext(frozenset({"acme.example"}), TOKENS.open)

HARD, SOFT = BounceClass.HARD, BounceClass.SOFT

Expected = tuple[EventKind, str | None, BounceClass | None]


@dataclass(frozen=True)
class Case:
    """`expected` has kind, address and class of each event; `reference` the message they name."""

    name: str
    raw: bytes
    expected: tuple[Expected, ...]
    reference: str | None = OUR_ID
    carrier: str | None = None


def read(raw: bytes, context: MailContext = CONTEXT) -> ParsedPayload:
    """What the mail reports."""
    return read_mail(raw, RECEIVED_AT, context)


def hard(address: str | None) -> Expected:
    """A bounce for good."""
    return (EventKind.BOUNCED, address, HARD)


def soft(address: str | None) -> Expected:
    """A bounce for now."""
    return (EventKind.BOUNCED, address, SOFT)


def late(address: str) -> Expected:
    """A delay."""
    return (EventKind.DEFERRED, address, None)


def token(kind: TokenKind, address: str = "ada@customer.example") -> str:
    """A token of ours for the message OUR_ID."""
    url = "https://acme.example/pricing" if kind is TokenKind.CLICK else None
    return TOKENS.seal(Token(kind, "mail", OUR_ID, address, url))


def mail(headers: str, body: str = "", *, newline: str = "\r\n") -> bytes:
    """The bytes of a mail written with \\n."""
    text = f"{headers.strip()}\n\n{body}"
    return text.replace("\n", newline).encode()


def ours(to: str = "ada@customer.example") -> str:
    """The headers of our mail, as a bounce returns them."""
    return f"""Received: from web.acme.example (web.acme.example [192.0.2.7])
\tby mx.acme.example (Postfix) with ESMTPSA id 4Vabc
\tfor <{to}>; Mon,  2 Mar 2026 09:00:00 +0100 (CET)
From: Grace Hopper <grace@acme.example>
To: {to}
Subject: Spring news
Message-ID: <{OUR_ID}>
Date: Mon, 2 Mar 2026 09:00:00 +0100
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
"""


def dsn(headers: str, text: str, status: str, returned: str, *, whole: bool = False) -> bytes:
    """A multipart/report (RFC 6522) with its three parts."""
    kind = "message/rfc822" if whole else "text/rfc822-headers"
    body = f"""This is a MIME-encapsulated message.

--=_report
Content-Type: text/plain; charset=us-ascii

{text.strip()}

--=_report
Content-Type: message/delivery-status

{status.strip()}

--=_report
Content-Type: {kind}

{returned.strip()}

{"The weather is fine." if whole else ""}
--=_report--
"""
    kind_line = 'Content-Type: multipart/report; report-type=delivery-status;\n boundary="=_report"'
    return mail(f"{headers.strip()}\nMIME-Version: 1.0\n{kind_line}", body)


def note_headers(sender: str, subject: str, more: str = "") -> str:
    """The headers of a bounce that is no multipart/report."""
    lines = f"""From: {sender}
To: grace@acme.example
Subject: {subject}
Date: Mon, 2 Mar 2026 10:00:00 +0100
Message-ID: <note.1@reporter.example>
{more}"""
    return lines.strip()
