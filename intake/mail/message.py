"""A mail that is read: its parts, where it came from, and the events made of it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from domain.events import EventKind, ReportedEvent
from intake.mail.carriers import Carried
from intake.mail.context import MailContext
from intake.mail.entities import LONGEST_BODY, Entity
from intake.mail.headers import Headers
from intake.reading import LONGEST_REFERENCE, LONGEST_TEXT
from intake.tokens import Token

SOURCE = "mail"
"""The provider of everything that raw mail tells."""

AUTHORS = ("x-original-from", "x-original-sender", "from", "sender", "return-path")
"""Where the author stands, best first: a group address of ours (Google Groups, Mailman) puts itself
into From, where the author's domain forbids what it does (DMARC)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, taken out of its journal report; `envelope` are the recipients the report names.

    `event_id` is the Message-ID, so that copies of it by several routes are one fact; `at` is its
    Date, or without one when it reached us.
    """

    entity: Entity
    context: MailContext
    event_id: str
    at: datetime
    envelope: tuple[str, ...] = ()

    @property
    def headers(self) -> Headers:
        """The mail's own header fields."""
        return self.entity.headers

    @property
    def author(self) -> str | None:
        """The address of who wrote it."""
        return next(iter(self.headers.addresses(*AUTHORS)), None)

    @property
    def is_sent(self) -> bool:
        """Whether somebody of the company wrote it."""
        return self.author is not None and self.context.is_internal(self.author)

    @property
    def subject(self) -> str | None:
        """The subject as people read it."""
        return self.headers.text("subject")

    def event(self, kind: EventKind, address: str | None, **found: Any) -> ReportedEvent:
        """A fact that this mail tells of the address."""
        detail = found.pop("detail", None)
        return ReportedEvent(
            provider=SOURCE,
            kind=kind,
            occurred_at=self.at,
            address=address,
            provider_event_id=self.event_id,
            detail=" ".join(detail.split())[:LONGEST_TEXT] or None if detail else None,
            **found,
        )


def read_message(
    entity: Entity, received_at: datetime, context: MailContext, envelope: tuple[str, ...] = ()
) -> Mail:
    """The mail that an entity is."""
    at = entity.headers.moment("date") or received_at
    return Mail(entity, context, _event_id(entity), at, envelope)


def _event_id(entity: Entity) -> str:
    """The Message-ID; a mail without one is known by what it says."""
    found = next(iter(entity.headers.message_ids("message-id")), "")
    if found and len(found) <= LONGEST_REFERENCE:
        return found
    body = entity.raw[entity.start : min(entity.end, entity.start + LONGEST_BODY)]
    words = (found, *(entity.headers.first(name) for name in ("date", "from", "subject")))
    return sha256("\x1f".join(words).encode() + body).hexdigest()


def of_message(known: Carried) -> dict[str, Any]:
    """The message an event is about, in its carrier's words."""
    return {"carrier": known.carrier, "message_reference": known.reference}


def of_token(token: Token) -> dict[str, Any]:
    """The message that a token of ours names."""
    return {"carrier": token.carrier, "message_reference": token.reference}
