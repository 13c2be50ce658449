"""Spam complaints: feedback reports (RFC 5965) of feedback loops, and Microsoft's own form."""

from collections.abc import Iterable

from domain.events import EventKind, ReportedEvent
from intake.mail.bounces import returned_message, returned_token
from intake.mail.carriers import Carried, carried
from intake.mail.entities import Entity
from intake.mail.headers import NO_HEADERS, Headers, address_in, read_headers
from intake.mail.message import Mail, of_message, of_token
from intake.mail.replies import thread_of
from intake.mail.sealed import token_in_addresses, token_in_urls
from intake.tokens import Token

REPORT_TYPE = "message/feedback-report"

KINDS = {
    "abuse": EventKind.COMPLAINED,
    "fraud": EventKind.COMPLAINED,
    "complaint": EventKind.COMPLAINED,
    "opt-out": EventKind.UNSUBSCRIBED,
    "opt-out-list": EventKind.UNSUBSCRIBED,
}
"""Feedback-Type → kind; not-spam, virus and other are UNKNOWN (RFC 5965 §7.3)."""

NOT_ABOUT_MAIL = frozenset({"auth-failure", "dmarc"})
"""Reports on authentication (RFC 6591): they say nothing of a recipient."""

MICROSOFT_RECIPIENT = "x-hmxmroriginalrecipient"
"""Where Microsoft's Junk Mail Reporting Program names who complained, in the returned message."""


def is_complaint(mail: Mail) -> bool:
    """Whether the mail is a feedback report."""
    if mail.entity.leaf(REPORT_TYPE) is not None:
        return True
    returned = returned_message(mail.entity)
    return returned is not None and MICROSOFT_RECIPIENT in returned.headers


def read_complaint(mail: Mail) -> list[ReportedEvent]:
    """One event for each recipient the report names; one without an address where it hides them."""
    leaf = mail.entity.leaf(REPORT_TYPE)
    fields = read_headers(leaf.body) if leaf is not None else NO_HEADERS
    feedback = fields.first("feedback-type").lower() or "abuse"
    if feedback in NOT_ABOUT_MAIL:
        return []
    returned = returned_message(mail.entity)
    token = _token(mail, returned)
    known = carried(returned.headers) if returned is not None else Carried()
    about = of_token(token) if token is not None else of_message(known)
    subject = returned.headers.text("subject") if returned is not None else None
    addresses = _named(fields, returned, mail) or [token.address if token is not None else None]
    return [
        mail.event(
            KINDS.get(feedback, EventKind.UNKNOWN),
            address,
            detail=f"feedback report: {feedback}",
            subject=subject,
            thread=thread_of(mail.headers),
            **about,
        )
        for address in addresses
    ]


def _named(fields: Headers, returned: Entity | None, mail: Mail) -> list[str | None]:
    """Whom the report names, unless it was blotted out; else the returned mail's only recipient."""
    written: Iterable[str] = (*fields.all("original-rcpt-to"), *fields.all("removal-recipient"))
    own = returned.headers if returned is not None else NO_HEADERS
    written = [*written, own.first(MICROSOFT_RECIPIENT)]
    found = [one for text in written if (one := _usable(address_in(text), mail))]
    if not found:
        to = [one for text in own.addresses("to") if (one := _usable(text, mail))]
        found = to if len(to) == 1 and len(own.addresses("to", "cc")) == 1 else []
    return list(dict.fromkeys(found))


def _usable(address: str | None, mail: Mail) -> str | None:
    if not address or "redact" in address.lower() or mail.context.is_internal(address):
        return None
    return None if address.partition("@")[0].lower() in _BLOTTED else address


_BLOTTED = frozenset({"x", "xx", "xxx", "xxxx", "xxxxx", "anonymous", "undisclosed", "hidden"})


def _token(mail: Mail, returned: Entity | None) -> Token | None:
    """Our token in a link of the returned mail, or in its unsubscribe header or reply address."""
    if returned is None:
        return None
    headers = returned.headers
    listed = " ".join(headers.all("list-unsubscribe"))
    return (
        returned_token(mail, returned)
        or token_in_urls(listed, mail.context)
        or token_in_addresses(headers.addresses("reply-to", "return-path"), mail.context)
        or token_in_addresses([listed], mail.context)
    )
