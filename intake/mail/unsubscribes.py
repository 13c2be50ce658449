"""Unsubscribing by mail: the mailto of List-Unsubscribe (RFC 2369), with our token."""

import re

from domain.events import EventKind, ReportedEvent
from intake.mail.bodies import read_text
from intake.mail.message import Mail, of_token
from intake.mail.replies import ADDRESSED, address_token, thread_of
from intake.mail.sealed import token_in_urls, token_in_words
from intake.mail.signs import is_automatic
from intake.tokens import Token, TokenKind

_SUBJECT = re.compile(
    r"^\W*(?:unsubscribe|opt[- ]?out|remove|abmelden|abbestellen|d[ée]sabonn|d[ée]sinscri|baja\b"
    r"|cancelar|disiscriv|annulla|afmelden|uitschrijven|avregistrera|stop\b)",
    re.IGNORECASE,
)

_MAILBOX = re.compile(
    r"^(?:list[-_.]?)?(?:unsub|opt[-_.]?out|leave|abmeld|desabon|d[ée]sinscri)", re.I
)
"""How mailboxes are called that only mailto links of List-Unsubscribe lead to."""

LOOKED_AT = 4_000
"""Characters of a body in which a token is looked for: programs write it on the first line."""


def unsubscribe_token(mail: Mail) -> Token | None:
    """The token by which a mail unsubscribes: in the address it went to, its subject or body."""
    found = address_token(mail)
    if found is not None and found.kind is TokenKind.UNSUBSCRIBE:
        return found
    subject = mail.subject or ""
    # A program may have folded the subject within the token, which is one long word.
    text = f"{subject}\n{''.join(subject.split()[1:])}"
    if not _SUBJECT.search(subject):
        return None
    text = f"{text}\n{read_text(mail.entity)[:LOOKED_AT]}"
    token = token_in_words(text, TokenKind.UNSUBSCRIBE, mail.context)
    if token is None:
        token = token_in_urls(text, mail.context)
    return token if token is not None and token.kind is TokenKind.UNSUBSCRIBE else None


def is_unsubscribing(mail: Mail) -> bool:
    """Whether somebody asks a mailbox made for it to be taken off, without a token of ours."""
    to = mail.headers.addresses(*ADDRESSED)
    is_asked = any(_MAILBOX.match(one) and mail.context.is_internal(one) for one in to)
    return is_asked and not is_automatic(mail.headers) and mail.author is not None


def read_unsubscribe(mail: Mail, token: Token | None) -> list[ReportedEvent]:
    """One UNSUBSCRIBED of whom the token names, whoever's mailbox sent it; else of the author."""
    if token is None:
        thread = thread_of(mail.headers)
        return [mail.event(EventKind.UNSUBSCRIBED, mail.author, detail="by mail", thread=thread)]
    return [mail.event(EventKind.UNSUBSCRIBED, token.address, detail="by mail", **of_token(token))]
