"""Events on their way into the table, and what is known of whom they are about."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from domain.campaigns import Evidence
from domain.events import ReportedEvent
from store.campaign_rows import least
from store.statements import Said, StatementKey


class Slot(NamedTuple):
    """What a recipient is known by to a provider: a message, or without one a campaign named."""

    provider: str
    reference: str
    named: str
    address: str


class Refusal(StrEnum):
    """Why an event is not stored."""

    ERASED = "ERASED"
    TOO_OLD = "TOO_OLD"
    TOO_MANY = "TOO_MANY"


@dataclass(slots=True)
class Draft:
    """An event on its way into the table; placing fills in the two ids where they can be known."""

    event: ReportedEvent
    key: bytes
    fact_on: date
    occurred_at: datetime
    received_at: datetime
    address: str | None
    address_id: int | None = None
    recipient_id: int | None = None
    refused: Refusal | None = None


@dataclass(slots=True)
class Place:
    """What is known of a slot: from the tables, and from the events at hand.

    `subject` is what the events tell of their message beside weak evidence; `said` and `sent_at`
    are what its raw mail tells, `statement` the key under which that is kept.
    """

    drafts: list[Draft]
    address_id: int = 0
    recipient_id: int | None = None
    known: str | None = None
    known_subject: str | None = None
    best: Evidence | None = None
    subject: str | None = None
    statement: StatementKey | None = None
    said: Said | None = None
    sent_at: datetime | None = None

    @property
    def news(self) -> Evidence | None:
        """Evidence at hand that tells more about the campaign than was known."""
        if self.best is None or (self.known is not None and self.known <= self.best.order):
            return None
        return self.best

    @property
    def is_moving(self) -> bool:
        """Whether the message is known, and now known to be of another campaign."""
        return self.known is not None and self.news is not None

    @property
    def is_told(self) -> bool:
        """Whether the message is known and stays, and more is told of it."""
        is_better = least(self.known_subject, self.subject) != self.known_subject
        return self.known is not None and self.news is None and (is_better or bool(self.said))
