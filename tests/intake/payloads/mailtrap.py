"""https://docs.mailtrap.io/email-api-smtp/advanced/webhooks"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

BASE: dict[str, Any] = {
    "message_id": "1df37d17-0286-4d8b-8edf-bc4ec5be86e6",
    "sending_stream": "bulk",
    "email": "ada@customer.example",
    "timestamp": 1772359205,
    "event_id": "bede7236-2284-43d6-a953-1fdcafd0fdbc",
    "category": "announcement",
    "custom_variables": {"campaign_id": "spring-26"},
}
EVENT = ReportedEvent(
    provider="mailtrap",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    provider_event_id="bede7236-2284-43d6-a953-1fdcafd0fdbc",
    message_reference="1df37d17-0286-4d8b-8edf-bc4ec5be86e6",
    campaign_id="spring-26",
    tags=("announcement",),
)
ACT = {"ip": "203.0.113.7", "user_agent": AGENT}
REPLY = {"response": "bounced (550 5.1.1 (Not found))", "response_code": 550}


def case(name: str, raw: dict[str, Any], **expected: Any) -> Case:
    return Case(name, {"events": [BASE | raw]}, one(EVENT, **expected))


CASES = [
    case("delivery", {"event": "delivery"}, kind=EventKind.DELIVERED),
    case("open", {"event": "open"} | ACT, kind=EventKind.OPENED, **ACT),
    case(
        "click",
        {"event": "click", "url": "https://example.com/news"} | ACT,
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACT,
    ),
    case("unsubscribe", {"event": "unsubscribe"} | ACT, kind=EventKind.UNSUBSCRIBED, **ACT),
    case("complaint", {"event": "spam"}, kind=EventKind.COMPLAINED),
    case(
        "soft bounce, which is tried again",
        {"event": "soft bounce", "response": "451 try later", "bounce_category": "temporary"},
        kind=EventKind.DEFERRED,
        detail="451 try later",
    ),
    case(
        "bounce",
        {"event": "bounce", "bounce_category": "badmailbox"} | REPLY,
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="bounced (550 5.1.1 (Not found))",
    ),
    case(
        "bounce of status class 4",
        {"event": "bounce", "response": "452 4.2.2 full", "response_code": 452},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="452 4.2.2 full",
    ),
    case(
        "bounce that says no more",
        {"event": "bounce"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
    ),
    case(
        "reject",
        {"event": "reject", "reason": "Recipient in suppression list"},
        kind=EventKind.REJECTED,
        detail="Recipient in suppression list",
    ),
    case(
        "suspension",
        {"event": "suspension", "reason": "sending limit"},
        kind=EventKind.DEFERRED,
        detail="sending limit",
    ),
    case("event of next year", {"event": "teleported"}, detail="teleported"),
    Case(
        "a batch",
        {"events": [BASE | {"event": "delivery"}, BASE | {"event": "open", "event_id": "2"}]},
        (
            *one(EVENT, kind=EventKind.DELIVERED),
            *one(EVENT, kind=EventKind.OPENED, provider_event_id="2"),
        ),
    ),
]
