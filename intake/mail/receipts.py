"""Read receipts: message disposition notifications (RFC 8098)."""

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.mail.bodies import read_text
from intake.mail.bounce_words import class_in_text
from intake.mail.bounces import returned_message
from intake.mail.carriers import carried, references_of
from intake.mail.headers import address_in, read_headers
from intake.mail.message import Mail, of_message
from intake.mail.replies import thread_of

NOTIFICATION_TYPES = ("message/disposition-notification", "message/global-disposition-notification")

DISPLAYED = "displayed"
"""The disposition that says a person had the message on the screen (RFC 8098 §3.2.6.2)."""


def is_receipt(mail: Mail) -> bool:
    """Whether the mail has a part that says what a recipient did with a message."""
    return mail.entity.leaf(*NOTIFICATION_TYPES) is not None


def read_receipt(mail: Mail) -> list[ReportedEvent]:
    """OPENED where the message was displayed; deleted unread, denied and the rest are UNKNOWN.

    None of a receipt that one of ours sends.
    """
    leaf = mail.entity.leaf(*NOTIFICATION_TYPES)
    if leaf is None or mail.is_sent:
        return []
    fields = read_headers(leaf.body)
    disposition = fields.first("disposition").lower()
    done = disposition.rpartition(";")[2].partition("/")[0].strip()
    is_displayed = done == DISPLAYED
    returned = returned_message(mail.entity)
    known = of_message(carried(returned.headers)) if returned is not None else {}
    named = references_of(fields.message_ids("original-message-id"))
    rejected = _rejected(mail) if done == "deleted" else None
    kind = EventKind.OPENED if is_displayed else EventKind.UNKNOWN
    return [
        mail.event(
            EventKind.BOUNCED if rejected else kind,
            _address(fields.first("original-recipient"))
            or _address(fields.first("final-recipient"))
            or mail.author,
            bounce=class_in_text(rejected) or BounceClass.HARD if rejected else None,
            detail=rejected or f"read receipt: {disposition or 'no disposition'}",
            subject=mail.subject,
            thread=tuple(dict.fromkeys((*named, *thread_of(mail.headers)))),
            **known,
        )
    ]


def _rejected(mail: Mail) -> str | None:
    """Why a mailbox refused the message: rules of Sieve report that as deleted (RFC 5429 §2.2)."""
    said = f"{mail.headers.first('auto-submitted')} {mail.subject or ''}"
    return read_text(mail.entity) or said if "rejected" in said.lower() else None


def _address(value: str) -> str | None:
    return address_in(value.partition(";")[2] or value)
