"""Events with the mail that they are about, read together, as far as anybody asks for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

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


class Mail(NamedTuple):
    """What an event is about. Whoever sees the customer's event sees both."""

    recipient: RecipientRow
    campaign: CampaignRow


def mail_of(event: EventRow) -> Mail | None:
    """The mail that was read with an event of a timeline; None where none was."""
    return getattr(event, "mail", None)


_MAIL = "JOIN address a ON a.id = r.address_id JOIN campaign k ON k.id = r.campaign_id"

_PLACED = frozenset({"occurred_at", "fact_on", "key", "recipient_id"})
"""What every event is read with: its place in the order, and whose it is."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a record of a page holds: the event's bound and columns, then those of its recipient and
    campaign, if any."""

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

    def maker(self, at: int) -> Callable[[Sequence[Any]], EventRow]:
        """What makes events of records in which the bound stands `at` a place; of a recipient, and
        of a campaign, it makes only one."""
        make, begin = self.event.make, at + 1
        end = begin + self.event.size
        if self.recipient is None or self.campaign is None:
            return lambda record: make(record[begin:end])
        middle = end + self.recipient.size
        recipient_of, campaign_of = self.recipient.make, self.campaign.make
        mails: dict[tuple[Any, ...], Mail] = {}

        def mailed(record: Sequence[Any]) -> EventRow:
            key = record[end], record[middle]
            if (mail := mails.get(key)) is None:
                mail = mails[key] = Mail(
                    recipient_of(record[end:middle]), campaign_of(record[middle:])
                )
            made: EventRow = make((*record[begin:end], mail))
            return made

        return mailed


@lru_cache(maxsize=256)
def rows_of(reading: Reading) -> Rows:
    """What the records of a reading hold."""
    event = None if reading.event is None else reading.event | _PLACED
    if not reading.is_mailed:
        return Rows(part(EventRow, "e", event))
    return Rows(
        part(EventRow, "e", event, "mail"),
        part(RecipientRow, "r", _with_id(reading.recipient)),
        part(CampaignRow, "k", _with_id(reading.campaign)),
    )


def _with_id(names: Names) -> Names:
    return None if names is None else names | {"id"}
