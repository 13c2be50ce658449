"""https://developers.brevo.com/docs/transactional-webhooks and …/marketing-webhooks"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

BASE: dict[str, Any] = {
    "email": "ada@customer.example",
    "id": 26224,
    "date": "2026-03-01 12:00:05",
    "ts": 1772355605,
    "ts_event": 1772355605,
    "ts_epoch": 1772359205000,
    "message-id": "<202603011000.27287306012@smtp-relay.mailin.fr>",
    "subject": "Our news",
    "sender_email": "news@sender.example",
    "tag": '["announcement"]',
    "tags": ["announcement"],
    "template_id": 12,
    "X-Mailin-custom": '{"campaign_id": "spring-26"}',
}
EVENT = ReportedEvent(
    provider="brevo",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    message_reference="202603011000.27287306012@smtp-relay.mailin.fr",
    campaign_id="spring-26",
    tags=("announcement",),
    subject="Our news",
    sender="news@sender.example",
)


def case(name: str, raw: dict[str, Any], **expected: Any) -> Case:
    return Case(name, BASE | raw, one(EVENT, **expected))


def opened(name: str, *, is_machine: bool) -> Case:
    return case(
        name,
        {"event": name, "user_agent": AGENT, "ip": "203.0.113.7"},
        kind=EventKind.OPENED,
        user_agent=AGENT,
        ip="203.0.113.7",
        is_machine=is_machine,
    )


CASES = [
    case("request", {"event": "request", "sending_ip": "198.51.100.9"}, kind=EventKind.ACCEPTED),
    case("delivered", {"event": "delivered"}, kind=EventKind.DELIVERED),
    case(
        "deferred",
        {"event": "deferred", "reason": "451 greylisted"},
        kind=EventKind.DEFERRED,
        detail="451 greylisted",
    ),
    case(
        "soft bounce",
        {"event": "soft_bounce", "reason": "undefined Unable to find MX of domain"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="undefined Unable to find MX of domain",
    ),
    case(
        "hard bounce",
        {"event": "hard_bounce", "reason": " RecipientError: 550 5.5.0 unavailable"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="RecipientError: 550 5.5.0 unavailable",
    ),
    case(
        "invalid address",
        {"event": "invalid_email"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
    ),
    case(
        "blocked",
        {"event": "blocked", "reason": "blocked : due to blacklist user"},
        kind=EventKind.REJECTED,
        detail="blocked : due to blacklist user",
    ),
    case("error", {"event": "error"}, kind=EventKind.REJECTED),
    opened("opened", is_machine=False),
    opened("unique_opened", is_machine=False),
    opened("proxy_open", is_machine=True),
    opened("unique_proxy_open", is_machine=True),
    case(
        "click",
        {"event": "click", "link": "https://example.com/news"},
        kind=EventKind.CLICKED,
        url="https://example.com/news",
    ),
    case("unsubscribe", {"event": "unsubscribe"}, kind=EventKind.UNSUBSCRIBED),
    case("spam", {"event": "spam"}, kind=EventKind.COMPLAINED),
    case(
        "complaint, which has no ts_epoch",
        {"event": "complaint", "ts_epoch": None, "ts_event": 1772359205},
        kind=EventKind.COMPLAINED,
    ),
    case(
        "ts_epoch in seconds",
        {"event": "delivered", "ts_epoch": 1772359205},
        kind=EventKind.DELIVERED,
    ),
    case("list addition", {"event": "list_addition"}, detail="list_addition"),
    case("event of next year", {"event": "teleported"}, detail="teleported"),
    Case(
        "click on a marketing campaign",
        {
            "id": 310,
            "camp_id": 77,
            "campaign name": "March news",
            "email": "ada@customer.example",
            "event": "click",
            "URL": "https://example.com/news",
            "date_sent": "2026-03-01 09:00:00",
            "ts_sent": 1772355600,
            "ts_event": 1772359205,
            "tag": "",
            "segment_ids": [1, 10],
        },
        one(
            ReportedEvent(
                provider="brevo",
                kind=EventKind.CLICKED,
                occurred_at=at("2026-03-01 10:00:05"),
                address="ada@customer.example",
                campaign_id="77",
                campaign_name="March news",
                sent_at=at("2026-03-01 09:00:00"),
                url="https://example.com/news",
            )
        ),
    ),
    Case(
        "a batch",
        [BASE | {"event": "delivered"}, BASE | {"event": "unsubscribe"}],
        (*one(EVENT, kind=EventKind.DELIVERED), *one(EVENT, kind=EventKind.UNSUBSCRIBED)),
    ),
]
