"""What people were sent and did, for tests of what is derived from it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.events import CampaignType
from domain.history import Sent

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def sent(days: float, number: int = 0, **did: Any) -> Sent:
    """A campaign sent and delivered so many days ago; acts by their field, or in days as
    `opened=…`, `clicked=…`, `replied=…` (each once, so many days ago)."""
    values: dict[str, Any] = {
        "recipient_id": number or int(days * 1000),
        "campaign_id": number or int(days * 1000),
        "person": 1,
        "type": CampaignType.NEWSLETTER,
        "topics": (),
        "sent_at": ago(days),
        "delivered_at": ago(days),
    }
    if (opened := did.pop("opened", None)) is not None:
        values |= {"opens": 1, "first_open_at": ago(opened), "last_open_at": ago(opened)}
    if (clicked := did.pop("clicked", None)) is not None:
        values |= {"clicks": 1, "first_click_at": ago(clicked), "last_click_at": ago(clicked)}
    if (replied := did.pop("replied", None)) is not None:
        values["replied_at"] = ago(replied)
    return Sent(**(values | did))
