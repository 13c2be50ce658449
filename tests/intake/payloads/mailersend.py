"""https://developers.mailersend.com/api/v1/webhooks"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

EVENT = ReportedEvent(
    provider="mailersend",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05.506000"),
    address="ada@customer.example",
    provider_event_id="63fd1c1d31b9c750540fe85c",
    message_reference="63fd1c1d5f010335ed07066b",
    tags=("announcement",),
    subject="Our news",
    sender="news@sender.example",
    sent_at=at("2026-03-01 10:00:04"),
)


def case(name: str, activity: str, morph: dict[str, Any] | None, **expected: Any) -> Case:
    body = {
        "type": f"activity.{activity}",
        "domain_id": "yv69oxl5kl785kw2",
        "created_at": "2026-03-01T10:00:06.000000Z",
        "webhook_id": "2351ndgwr4zqx8ko",
        "data": {
            "object": "activity",
            "id": "63fd1c1d31b9c750540fe85c",
            "type": activity,
            "created_at": "2026-03-01T10:00:05.506000Z",
            "email": {
                "object": "email",
                "id": "63fd1c1de225707fa905f0a8",
                "created_at": "2026-03-01T10:00:04.000000Z",
                "from": "news@sender.example",
                "subject": "Our news",
                "status": "sent",
                "tags": ["announcement"],
                "message": {"object": "message", "id": "63fd1c1d5f010335ed07066b"},
                "recipient": {"object": "recipient", "email": "ada@customer.example"},
            },
            "morph": morph,
            "template_id": "",
        },
    }
    return Case(activity, body, one(EVENT, **expected))


CASES = [
    case("sent", "sent", None, kind=EventKind.ACCEPTED),
    case("delivered", "delivered", None, kind=EventKind.DELIVERED),
    case("deferred", "deferred", None, kind=EventKind.DEFERRED),
    case(
        "soft bounce",
        "soft_bounced",
        {"object": "recipient_bounce", "reason": "Mailbox full"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="Mailbox full",
    ),
    case(
        "hard bounce",
        "hard_bounced",
        {"object": "recipient_bounce", "reason": "Host or domain name not found"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="Host or domain name not found",
    ),
    case(
        "open",
        "opened",
        {"object": "open", "id": "1", "created_at": "2026-03-01T10:00:05Z", "ip": "203.0.113.7"},
        kind=EventKind.OPENED,
        ip="203.0.113.7",
    ),
    case(
        "click",
        "clicked",
        {
            "object": "click",
            "ip": "203.0.113.7",
            "url": "https://example.com/news",
            "user_agent": AGENT,
        },
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        ip="203.0.113.7",
        user_agent=AGENT,
    ),
    case(
        "unsubscribe",
        "unsubscribed",
        {
            "object": "recipient_unsubscribe",
            "reason": "option_3",
            "readable_reason": "I get too many emails",
        },
        kind=EventKind.UNSUBSCRIBED,
        detail="I get too many emails",
    ),
    case(
        "complaint",
        "spam_complaint",
        {"object": "spam_complaint", "reason": None},
        kind=EventKind.COMPLAINED,
    ),
    case("first open again", "opened_unique", None, detail="activity.opened_unique"),
    case("first click again", "clicked_unique", None, detail="activity.clicked_unique"),
    case("event of next year", "teleported", None, detail="activity.teleported"),
    Case(
        "an event that is of no email",
        {
            "type": "sender_identity.verified",
            "created_at": "2026-03-01T10:00:06.000000Z",
            "data": {"id": "x-1", "email": "news@sender.example"},
        },
        one(
            ReportedEvent(
                provider="mailersend",
                kind=EventKind.UNKNOWN,
                occurred_at=at("2026-03-01 10:00:06"),
                provider_event_id="x-1",
                detail="sender_identity.verified",
            )
        ),
    ),
]
