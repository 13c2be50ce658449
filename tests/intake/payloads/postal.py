"""https://docs.postalserver.io/developer/webhooks"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

MESSAGE: dict[str, Any] = {
    "id": 12345,
    "token": "abcdef123",
    "direction": "outgoing",
    "message_id": "5817a64332f44_4ec93ff59e79d154565eb@sender.example",
    "to": "ada@customer.example",
    "from": "news@sender.example",
    "subject": "Our news",
    "timestamp": 1772359200.25,
    "spam_status": "NotSpam",
    "tag": "announcement",
}
EVENT = ReportedEvent(
    provider="postal",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05.500000"),
    address="ada@customer.example",
    provider_event_id="0b5e3cf8-3bd3-4d8a-a2d4-3d0d5a9fca5d",
    message_reference="5817a64332f44_4ec93ff59e79d154565eb@sender.example",
    tags=("announcement",),
    subject="Our news",
    sender="news@sender.example",
    sent_at=at("2026-03-01 10:00:00.250000"),
)
ACT = {"ip_address": "203.0.113.7", "user_agent": AGENT}
ACTED = {"ip": "203.0.113.7", "user_agent": AGENT}


def body(event: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "event": event,
        "timestamp": 1772359205.5,
        "payload": payload,
        "uuid": "0b5e3cf8-3bd3-4d8a-a2d4-3d0d5a9fca5d",
    }


def case(event: str, payload: dict[str, Any], **expected: Any) -> Case:
    return Case(event, body(event, {"message": MESSAGE} | payload), one(EVENT, **expected))


def status(name: str, output: str) -> dict[str, Any]:
    return {"status": name, "details": "Message by SMTP", "output": output, "sent_with_ssl": True}


CASES = [
    case(
        "MessageSent",
        status("Sent", "250 2.0.0 OK"),
        kind=EventKind.DELIVERED,
        detail="250 2.0.0 OK",
    ),
    case(
        "MessageDelayed",
        status("SoftFail", "451 try later"),
        kind=EventKind.DEFERRED,
        detail="451 try later",
    ),
    case(
        "MessageDeliveryFailed",
        status("HardFail", "550 5.1.1 no such user"),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="550 5.1.1 no such user",
    ),
    case(
        "MessageDeliveryFailed",
        status("HardFail", ""),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="Message by SMTP",
    ),
    case("MessageHeld", status("Held", ""), kind=EventKind.DEFERRED, detail="Message by SMTP"),
    Case(
        "MessageBounced",
        body("MessageBounced", {"original_message": MESSAGE, "bounce": MESSAGE | {"id": 2}}),
        one(EVENT, kind=EventKind.BOUNCED),
    ),
    case("MessageLoaded", ACT, kind=EventKind.OPENED, **ACTED),
    case(
        "MessageLinkClicked",
        {"url": "https://example.com/news", "token": "VJzsFA0S"} | ACT,
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACTED,
    ),
    Case(
        "DomainDNSError",
        body("DomainDNSError", {"domain": "sender.example", "spf_status": "OK"}),
        one(
            ReportedEvent(
                provider="postal",
                kind=EventKind.UNKNOWN,
                occurred_at=at("2026-03-01 10:00:05.500000"),
                provider_event_id="0b5e3cf8-3bd3-4d8a-a2d4-3d0d5a9fca5d",
                detail="DomainDNSError",
            )
        ),
    ),
    Case(
        "a mail that Postal received says nothing of our recipients",
        body("MessageSent", {"message": MESSAGE | {"direction": "incoming"}, "status": "Sent"}),
        (),
    ),
]
