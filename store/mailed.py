"""Events with the mail that they are about, read together, as far as anybody asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from store.campaigns import CampaignRow
from store.events import EventRow
from store.parts import Names, Part, part
from store.recipients import RecipientRow


@dataclass(frozen=True, slots=True)
class Reading:
    """What to read of each event, and if `is_mailed` of its recipient and its campaign too.

    None of names stands for all columns. An event's place in the order is read in any case, and
    whose it is.
    """

    event: Names = None
    is_mailed: bool = False
    recipient: Names = None
    campaign: Names = None


WHOLE = Reading()
"""Whole events, without their mail."""

_MAIL = "JOIN address a ON a.id = r.address_id JOIN campaign k ON k.id = r.campaign_id"

_PLACED = frozenset({"occurred_at", "fact_on", "key", "recipient_id"})
"""What every event is read with: its place in the order, and whose it is."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a record of a page holds: the event's columns, then those of its recipient and campaign,
    if any. Whoever sees the customer's event sees both."""

    event: Part
    recipient: Part | None = None
    campaign: Part | None = None

    @property
    def mail_columns(self) -> str:
        """What follows the event's columns."""
        if self.recipient is None or self.campaign is None:
            return ""
        return f", {self.recipient.sql}, {self.campaign.sql}"

    @property
    def mail_size(self) -> int:
        """How many columns follow."""
        return sum(part.size for part in (self.recipient, self.campaign) if part)

    @property
    def mail(self) -> str:
        """What is joined to the recipient `r` for them."""
        return "" if self.recipient is None else _MAIL

    def made(self, records: Sequence[Any], at: int) -> list[EventRow]:
        """The events of records in which their columns stand `at` a place. With its mail an event
        holds the rows of `recipient` and `campaign`; of each of these only one is made."""
        make, end = self.event.make, at + self.event.size
        if self.recipient is None or self.campaign is None:
            return [make(record[at:end]) for record in records]
        middle = end + self.recipient.size
        mails: dict[int, tuple[Any, Any]] = {}
        campaigns: dict[int, Any] = {}
        rows: list[EventRow] = []
        for record in records:
            if (mail := mails.get(record[end])) is None:
                campaign = campaigns.get(record[middle]) or self.campaign.make(record[middle:])
                campaigns[record[middle]] = campaign
                mail = self.recipient.make(record[end:middle]), campaign
                mails[record[end]] = mail
            rows.append(make(record[at:end] + mail))
        return rows


@lru_cache(maxsize=256)
def rows_of(reading: Reading) -> Rows:
    """What the records of a reading hold."""
    event = None if reading.event is None else reading.event | _PLACED
    if not reading.is_mailed:
        return Rows(part(EventRow, "e", event))
    return Rows(
        part(EventRow, "e", event, "recipient", "campaign"),
        part(RecipientRow, "r", _with_id(reading.recipient)),
        part(CampaignRow, "k", _with_id(reading.campaign)),
    )


def _with_id(names: Names) -> Names:
    return None if names is None else names | {"id"}
