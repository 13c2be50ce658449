"""People and their acts, for tests of conditions."""

from datetime import timedelta
from typing import Any

from domain.activity import Did, Mailed, Person, person_of
from domain.events import CampaignType, EventKind
from tests.domain.histories import NOW, ago


def mailed(days: float, number: int = 1, **changes: Any) -> Mailed:
    """Campaign `number`, sent and delivered so many days ago."""
    values: dict[str, Any] = {
        "recipient_id": number,
        "campaign_id": number * 10,
        "type": CampaignType.NEWSLETTER,
        "topics": ("news",),
        "sent_at": ago(days),
        "delivered_at": ago(days),
    }
    return Mailed(**(values | changes))


def did(days: float, kind: EventKind, number: int = 1, **changes: Any) -> Did:
    """An event of a recipient so many days ago."""
    at = NOW - timedelta(days=days)
    values: dict[str, Any] = {
        "at": at,
        "kind": kind,
        "recipient_id": number,
        "source": "sendgrid",
        "fact_on": at.date(),
        "key": str(days).encode() + kind.encode(),
        "url": "https://acme.example/pricing?x=1" if kind is EventKind.CLICKED else None,
    }
    return Did(**(values | changes))


def person(*facts: Mailed | Did, segment: str | None = "startup") -> Person:
    """A person of whom these facts are known."""
    return person_of(
        segment,
        [f for f in facts if isinstance(f, Mailed)],
        [f for f in facts if isinstance(f, Did)],
    )
