"""A mail that we sent: one ACCEPTED for each recipient, with what it tells of its bulk send."""

from domain.classifying import classify
from domain.events import EventKind, ReportedEvent, SentMail
from intake.mail.bodies import Body, read_body
from intake.mail.carriers import Carried, carried
from intake.mail.links import web_links
from intake.mail.message import Mail
from intake.mail.recipients import recipients
from intake.mail.sealed import MOST_TRIED, token_of_url
from intake.mail.signs import bulk_signs, is_automatic
from intake.tokens import Token

NO_RECIPIENTS = (
    "the sent mail {subject!r} names no recipient: let the copy keep its envelope (journaling), "
    "or copy mail before Bcc is taken off"
)


def read_sent(mail: Mail) -> list[ReportedEvent]:
    """The events of a sent mail; none where a program answers, or it stayed within the company.

    Raises ValueError for a mail whose recipients nobody can tell.
    """
    headers = mail.headers
    if is_automatic(headers):
        return []  # an absence note of ours under one subject must never look like a bulk send
    to = recipients(mail)
    if not to:
        if not headers.addresses("to", "cc", "bcc") and not mail.envelope:
            raise ValueError(NO_RECIPIENTS.format(subject=(mail.subject or "")[:60]))
        return []
    body = read_body(mail.entity)
    known = _carried(mail, body)
    kind, confidence = classify(mail.subject, mail.author, body.text)
    sent = SentMail(
        signs=bulk_signs(headers),
        type=kind,
        type_confidence=confidence,
        links=web_links(body.anchors, headers, mail.context),
    )
    return [
        mail.event(
            EventKind.ACCEPTED,
            address,
            message_reference=known.reference,
            carrier=known.carrier,
            campaign_id=known.campaign_id,
            tags=known.tags,
            subject=mail.subject,
            sender=mail.author,
            sent_at=mail.at,
            sent=sent,
        )
        for address in to
    ]


def _carried(mail: Mail, body: Body) -> Carried:
    """Our own links tell whose message it is; else the headers do, else what we know it by."""
    token = _own_token(mail, body)
    if token is not None:
        return Carried(token.carrier, token.reference)
    known = carried(mail.headers)
    return known if known.reference else Carried(known.carrier, mail.event_id, known.campaign_id)


def _own_token(mail: Mail, body: Body) -> Token | None:
    urls = [*body.images[-MOST_TRIED:], *(one.url for one in body.anchors[:MOST_TRIED])]
    opened = (token_of_url(url, mail.context) for url in urls)
    return next((token for token in opened if token is not None), None)
