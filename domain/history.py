"""What one person was sent and did with it: the material of every insight."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.events import CampaignType


class LinkClicked(NamedTuple):
    """A person's clicks on one link of one campaign, and what machines did with it."""

    url: str
    clicks: int
    machine: int
    first_at: datetime
    last_at: datetime


class Sent(NamedTuple):
    """One campaign as one address got it: human activity alone, folded.

    `person` tells people apart: a stakeholder's id, or a negative number for somebody who is none
    yet. `delivered_at` is None where it never arrived or came back.
    `topics` are the campaign's. Times are aware, UTC.
    """

    recipient_id: int
    campaign_id: int
    person: int
    type: CampaignType | None
    topics: tuple[str, ...]
    sent_at: datetime
    delivered_at: datetime | None
    opens: int = 0
    first_open_at: datetime | None = None
    last_open_at: datetime | None = None
    clicks: int = 0
    first_click_at: datetime | None = None
    last_click_at: datetime | None = None
    links: tuple[LinkClicked, ...] = ()
    replied_at: datetime | None = None
    forwarded_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    complained_at: datetime | None = None

    @property
    def engaged_at(self) -> datetime | None:
        """The last time the person did something of their own accord with it."""
        times = (self.last_open_at, self.last_click_at, self.replied_at, self.forwarded_at)
        return max((at for at in times if at is not None), default=None)


History = Sequence[Sent]
"""All that a person, or all people of a customer, were sent."""
