"""One raw mail → what it reports."""

from datetime import datetime

from domain.events import ReportedEvent
from intake.mail.autoreplies import is_auto_reply, read_auto_reply
from intake.mail.bounce_notes import is_note, read_note
from intake.mail.bounces import forwarded_report, is_status_report, read_status_report
from intake.mail.complaints import is_complaint, read_complaint
from intake.mail.context import MailContext
from intake.mail.entities import read_entity
from intake.mail.journals import journaled
from intake.mail.message import Mail, read_message
from intake.mail.receipts import is_receipt, read_receipt
from intake.mail.replies import read_reply
from intake.mail.sent import read_sent
from intake.mail.unsubscribes import is_unsubscribing, read_unsubscribe, unsubscribe_token
from intake.webhooks import LONGEST_PROBLEM, ParsedPayload

NO_MAIL = "the body is no mail: it has no header fields (RFC 5322)"


def read_mail(raw: bytes, received_at: datetime, context: MailContext) -> ParsedPayload:
    """The events that one raw message (RFC 5322), sent or received, reports; never raises.

    `received_at` is aware and in UTC. A mail that is none of our business reports nothing.
    """
    try:
        return ParsedPayload(_read(raw, received_at, context), [])
    except Exception as error:  # whatever the bytes: one mail must not cost the others
        said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        return ParsedPayload([], [said[:LONGEST_PROBLEM]])


def _read(raw: bytes, received_at: datetime, context: MailContext) -> list[ReportedEvent]:
    entity = read_entity(raw)
    if not entity.headers.fields:
        raise ValueError(NO_MAIL)
    report = journaled(entity)
    if report is None:
        return _read_one(read_message(forwarded_report(entity), received_at, context))
    return _read_one(read_message(report.entity, received_at, context, report.recipients))


def _read_one(mail: Mail) -> list[ReportedEvent]:
    """The first reading that fits: reports of programs come before what people write."""
    if is_complaint(mail):
        return read_complaint(mail)
    if is_receipt(mail):
        return read_receipt(mail)
    if is_status_report(mail) and (told := read_status_report(mail)):
        return told
    if is_note(mail):
        return read_note(mail)
    if mail.is_sent:
        return read_sent(mail)
    token = unsubscribe_token(mail)
    if token is not None or is_unsubscribing(mail):
        return read_unsubscribe(mail, token)
    return read_auto_reply(mail) if is_auto_reply(mail) else read_reply(mail)
