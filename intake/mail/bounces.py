"""Delivery status notifications (RFC 3464): one fact for each recipient they speak of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.addresses import normalise_or_none
from domain.events import BounceClass, EventKind, ReportedEvent
from intake.mail.bodies import read_body, read_text
from intake.mail.bounce_words import class_in_text, class_of_status, is_delay, is_specific
from intake.mail.carriers import Carried, carried, references_of
from intake.mail.entities import Entity, read_entity
from intake.mail.headers import Headers, address_in, read_headers
from intake.mail.message import Mail, of_message, of_token
from intake.mail.replies import thread_of, token_in_body
from intake.tokens import Token

STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
RETURNED_TYPES = ("message/rfc822", "message/global")
RETURNED_HEADERS = ("text/rfc822-headers", "message/global-headers", "message/rfc822-headers")

MOST_BLOCKS = 500
"""Recipients that one notification may speak of."""

ACTIONS = {
    "failed": EventKind.BOUNCED,
    "failure": EventKind.BOUNCED,
    "delayed": EventKind.DEFERRED,
    "deferred": EventKind.DEFERRED,
    "delivered": EventKind.DELIVERED,
    "relayed": EventKind.DELIVERED,
    "expanded": EventKind.DELIVERED,
}
"""Action (RFC 3464 §2.3.3) → kind."""

_BLOCK = re.compile(r"\n[ \t]*\n")
_ACTION = re.compile(r"[a-z]+")
_XTEXT = {"+2B": "+", "+2b": "+", "+3D": "=", "+3d": "="}
"""What is left of RFC 3461's xtext in an Original-Recipient that was not decoded."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recipient's copy."""

    kind: EventKind
    address: str | None
    bounce: BounceClass | None
    detail: str


def is_status_report(mail: Mail) -> bool:
    """Whether the mail has a part that says what became of a message."""
    return mail.entity.leaf(*STATUS_TYPES) is not None


def read_status_report(mail: Mail) -> list[ReportedEvent]:
    """One event for each recipient; none for reports on mail to the company itself."""
    return told(mail, list(_outcomes(mail)), returned_message(mail.entity))


def told(mail: Mail, outcomes: list[Outcome], returned: Entity | None) -> list[ReportedEvent]:
    """The events of what became of a message, with the message as the mail returns or names it."""
    known = carried(returned.headers) if returned is not None else Carried()
    token = returned_token(mail, returned)
    about = of_token(token) if token is not None else of_message(known)
    thread = thread_of(mail.headers)
    if not about.get("message_reference"):
        thread = thread or references_of(mail.headers.message_ids("x-original-message-id"))
    subject = returned.headers.text("subject") if returned is not None else None
    events: dict[tuple[EventKind, str | None], ReportedEvent] = {}
    for one in outcomes:
        address = one.address or (token.address if token is not None else None)
        if address is not None and mail.context.is_internal(address):
            continue
        event = mail.event(
            one.kind,
            address,
            bounce=one.bounce if one.kind is EventKind.BOUNCED else None,
            detail=one.detail,
            subject=subject,
            thread=thread,
            **about,
        )
        events.setdefault((one.kind, address and normalise_or_none(address)), event)
    return list(events.values())


def returned_message(entity: Entity) -> Entity | None:
    """The message that a report returns, whole or its headers alone."""
    for leaf in entity.leaves():
        if leaf.media_type in RETURNED_TYPES and leaf.parts:
            return leaf.parts[0]
        if leaf.media_type in RETURNED_HEADERS:
            return read_entity(leaf.body)
    return None


def forwarded_report(entity: Entity) -> Entity:
    """The report that a mail rule or a gateway passed on as an attachment; else the mail itself."""
    if entity.media_type == "multipart/mixed":
        for part in entity.parts:
            if part.media_type in RETURNED_TYPES and part.parts[:1]:
                attached = part.parts[0]
                if attached.media_type == "multipart/report":
                    return attached
    return entity


def returned_token(mail: Mail, returned: Entity | None) -> Token | None:
    """The token of a link of ours in the message that came back."""
    return token_in_body(read_body(returned), mail) if returned is not None else None


def _outcomes(mail: Mail) -> Iterator[Outcome]:
    text = read_text(mail.entity)
    for leaf in mail.entity.leaves():
        if leaf.media_type in STATUS_TYPES:
            for block in _blocks(leaf.text):
                found = _outcome(block, mail, text)
                if found is not None:
                    yield found


def _blocks(text: str) -> Iterator[Headers]:
    """Each recipient's fields; two recipients in one block (some servers) are taken apart."""
    for _, block in zip(range(MOST_BLOCKS), _BLOCK.split(text.strip()), strict=False):
        headers = read_headers(block.strip("\n").encode() + b"\n")
        many = len(headers.all("final-recipient"))
        for position in range(max(many, 1)):
            yield Headers(
                {
                    name: (values[position],) if len(values) == many else values
                    for name, values in headers.fields.items()
                }
            )


def _outcome(block: Headers, mail: Mail, text: str) -> Outcome | None:
    address = _address(block)
    if address is None and "action" not in block:
        return None
    status, diagnostic = block.first("status"), _diagnostic(block)
    kind = _kind(block.first("action"), status, mail, text)
    detail = diagnostic or status or text
    return Outcome(kind, address, _bounce(status, diagnostic, text), detail)


def _address(block: Headers) -> str | None:
    """Whom we mailed, before anybody forwarded it: Original-Recipient, else the final one."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = block.first(name)
        written = value.partition(";")[2] or value
        for encoded, plain in _XTEXT.items():
            written = written.replace(encoded, plain)
        address = address_in(written)
        if address is not None and normalise_or_none(address) is not None:
            return address
    return None


def _diagnostic(block: Headers) -> str:
    value = block.first("diagnostic-code") or block.first("x-supplementary-info")
    kind, mark, said = value.partition(";")
    return said.strip() if mark and len(kind) < 20 else value


def _kind(action: str, status: str, mail: Mail, text: str) -> EventKind:
    found = _ACTION.match(action.lower())
    kind = ACTIONS.get(found[0]) if found else None
    if kind is not None:
        return kind
    if status.startswith("2"):
        return EventKind.DELIVERED
    is_late = status.startswith("4") and is_delay(f"{mail.subject or ''}\n{text}")
    return EventKind.DEFERRED if is_late else EventKind.BOUNCED


def _bounce(status: str, diagnostic: str, text: str) -> BounceClass | None:
    """By the status; one that says no more than its class gives way to what the server said."""
    if is_specific(status):
        return class_of_status(status)
    said = class_in_text(diagnostic) if diagnostic else None
    return said or class_of_status(status) or class_in_text(text)
