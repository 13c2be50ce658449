"""Received mail that a person wrote in answer to one of ours."""

from itertools import chain

from domain.campaigns import has_reply_mark
from domain.events import EventKind, ReportedEvent
from intake.mail.bodies import Body, read_body
from intake.mail.carriers import references_of
from intake.mail.headers import Headers
from intake.mail.message import Mail, of_token
from intake.mail.sealed import token_in_addresses, token_in_urls
from intake.tokens import Token, TokenKind

ADDRESSED = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
"""Where the address stands that a mail was sent to."""

MOST_REFERENCES = 30
"""Messages of a thread that are named: those nearest to the mail."""


def thread_of(headers: Headers) -> tuple[str, ...]:
    """The messages a mail answers to, nearest first: In-Reply-To, then References from the end."""
    nearest = headers.message_ids("in-reply-to")
    older = reversed(headers.message_ids("references"))
    return references_of(list(dict.fromkeys(chain(nearest, older)))[:MOST_REFERENCES])


def read_reply(mail: Mail) -> list[ReportedEvent]:
    """One REPLIED, where the mail answers something; else nothing: it is not about our mail."""
    token = address_token(mail) or quoted_token(mail)
    thread = thread_of(mail.headers)
    if token is None and not thread and not has_reply_mark(mail.subject):
        return []
    found = of_token(token) if token is not None else {}
    return [
        mail.event(EventKind.REPLIED, mail.author, subject=mail.subject, thread=thread, **found)
    ]


def address_token(mail: Mail) -> Token | None:
    """The token in the address the mail was sent to (`reply+TOKEN@…`)."""
    return token_in_addresses(mail.headers.addresses(*ADDRESSED), mail.context)


def quoted_token(mail: Mail) -> Token | None:
    """The token in a link of ours that the quoted mail repeats."""
    return token_in_body(read_body(mail.entity), mail)


def token_in_body(body: Body, mail: Mail) -> Token | None:
    """The token of any of our links in a body, whatever the link is for."""
    urls = chain((one.url for one in body.anchors), body.images)
    found = token_in_urls(" ".join(urls), mail.context)
    return found if found is not None and found.kind is not TokenKind.REPLY else None
