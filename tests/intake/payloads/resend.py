"""https://resend.com/docs/webhooks/event-types"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

DATA: dict[str, Any] = {
    "broadcast_id": "8b146471-e88e-4322-86af-016cd36fd216",
    "created_at": "2026-03-01T10:00:04.000000+00:00",
    "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
    "from": "News <news@sender.example>",
    "to": ["Ada <ada@customer.example>"],
    "subject": "Our news",
    "tags": {"category": "announcement"},
}
EVENT = ReportedEvent(
    provider="resend",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05.126000"),
    address="ada@customer.example",
    provider_event_id="msg_1",
    message_reference="56761188-7520-42d8-8898-ff6fc54ce618",
    campaign_id="8b146471-e88e-4322-86af-016cd36fd216",
    tags=("announcement",),
    subject="Our news",
    sender="News <news@sender.example>",
    sent_at=at("2026-03-01 10:00:04"),
)
ACT = {"ipAddress": "203.0.113.7", "userAgent": AGENT, "timestamp": "2026-03-01T10:00:03.500Z"}
ACTED = {
    "ip": "203.0.113.7",
    "user_agent": AGENT,
    "occurred_at": at("2026-03-01 10:00:03.500000"),
}


def body(type_: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": type_, "created_at": "2026-03-01T10:00:05.126Z", "data": DATA | data}


def case(type_: str, data: dict[str, Any], **expected: Any) -> Case:
    return Case(type_, body(type_, data), one(EVENT, **expected))


CASES = [
    case("email.sent", {}, kind=EventKind.ACCEPTED),
    case("email.scheduled", {}, kind=EventKind.ACCEPTED),
    case("email.delivered", {}, kind=EventKind.DELIVERED),
    case("email.delivery_delayed", {}, kind=EventKind.DEFERRED),
    case("email.complained", {}, kind=EventKind.COMPLAINED),
    case(
        "email.bounced",
        {"bounce": {"message": "No such mailbox.", "subType": "General", "type": "Permanent"}},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="No such mailbox.",
    ),
    case(
        "email.bounced",
        {"bounce": {"message": "Mailbox full.", "subType": "MailboxFull", "type": "Transient"}},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="Mailbox full.",
    ),
    case(
        "email.bounced",
        {"bounce": {"message": "The provider sent a hard bounce message."}},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="The provider sent a hard bounce message.",
    ),
    case(
        "email.bounced",
        {"bounce": {"message": "Something.", "type": "Undetermined"}},
        kind=EventKind.BOUNCED,
        detail="Something.",
    ),
    case(
        "email.failed",
        {"failed": {"reason": "reached_daily_quota"}},
        kind=EventKind.REJECTED,
        detail="reached_daily_quota",
    ),
    case(
        "email.suppressed",
        {"suppressed": {"message": "On the suppression list", "type": "OnAccountSuppressionList"}},
        kind=EventKind.REJECTED,
        detail="On the suppression list",
    ),
    case("email.opened", {"open": ACT}, kind=EventKind.OPENED, **ACTED),
    case("email.opened", {}, kind=EventKind.OPENED),
    case(
        "email.clicked",
        {"click": ACT | {"link": "https://example.com/news"}},
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACTED,
    ),
    case(
        "email.opened",
        {"broadcast_id": None, "tags": {"campaign_id": "spring-26", "campaign_name": "Spring"}},
        kind=EventKind.OPENED,
        campaign_id="spring-26",
        campaign_name="Spring",
        tags=(),
    ),
    Case(
        "several recipients",
        body("email.delivered", {"to": ["ada@customer.example", "Bob <bob@other.example>"]}),
        (
            *one(EVENT, kind=EventKind.DELIVERED),
            *one(EVENT, kind=EventKind.DELIVERED, address="bob@other.example"),
        ),
    ),
    case("email.teleported", {}, detail="email.teleported"),
    Case(
        "contact.updated",
        {
            "type": "contact.updated",
            "created_at": "2026-03-01T10:00:05.126Z",
            "data": {"id": "e169aa45", "email": "ada@customer.example", "unsubscribed": True},
        },
        one(
            ReportedEvent(
                provider="resend",
                kind=EventKind.UNKNOWN,
                occurred_at=at("2026-03-01 10:00:05.126000"),
                provider_event_id="msg_1",
                detail="contact.updated",
            )
        ),
    ),
]
