"""https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

FACT: dict[str, Any] = {
    "id": "CPgfbmQMTCKtHW6uIWtuVe",
    "timestamp": 1772359205.5,
    "recipient": "ada@customer.example",
    "recipient-domain": "customer.example",
    "message": {
        "headers": {
            "message-id": "20260301100000.1.AAAA@mg.sender.example",
            "subject": "Our news",
            "from": "News <news@sender.example>",
            "to": "Ada <ada@customer.example>",
        }
    },
    "tags": ["announcement"],
    "campaigns": [],
    "user-variables": {"campaign_id": "spring-26"},
}
EVENT = ReportedEvent(
    provider="mailgun",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05.500000"),
    address="ada@customer.example",
    provider_event_id="CPgfbmQMTCKtHW6uIWtuVe",
    message_reference="20260301100000.1.AAAA@mg.sender.example",
    campaign_id="spring-26",
    tags=("announcement",),
    subject="Our news",
    sender="News <news@sender.example>",
)
CLIENT = {"client-name": "Chrome", "client-type": "browser", "user-agent": AGENT, "bot": ""}
ACT = {"ip": "203.0.113.7", "client-info": CLIENT}
ACTED = {"user_agent": AGENT, "ip": "203.0.113.7"}


def case(name: str, raw: dict[str, Any], **expected: Any) -> Case:
    return Case(name, {"event-data": FACT | raw}, one(EVENT, **expected))


CASES = [
    case("accepted", {"event": "accepted", "method": "HTTP"}, kind=EventKind.ACCEPTED),
    case(
        "delivered",
        {"event": "delivered", "delivery-status": {"code": 250, "message": "OK", "tls": True}},
        kind=EventKind.DELIVERED,
        detail="OK",
    ),
    case(
        "temporary failure is tried again",
        {
            "event": "failed",
            "severity": "temporary",
            "reason": "generic",
            "delivery-status": {"code": 452, "message": "452 4.2.2 over quota", "attempt-no": 1},
        },
        kind=EventKind.DEFERRED,
        detail="452 4.2.2 over quota",
    ),
    case(
        "permanent failure",
        {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
        },
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="5.1.1 no such user",
    ),
    case(
        "permanent failure after a full mailbox's last try",
        {
            "event": "failed",
            "severity": "permanent",
            "reason": "old",
            "delivery-status": {"code": 602, "message": "452 4.2.2 over quota"},
        },
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="452 4.2.2 over quota",
    ),
    case(
        "permanent failure that says no more",
        {"event": "failed", "severity": "permanent", "reason": "generic", "delivery-status": {}},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
    ),
    case(
        "not tried, for an earlier bounce",
        {
            "event": "failed",
            "severity": "permanent",
            "reason": "suppress-bounce",
            "delivery-status": {
                "code": 605,
                "message": "",
                "description": "Not delivering to previously bounced address",
            },
        },
        kind=EventKind.REJECTED,
        detail="Not delivering to previously bounced address",
    ),
    case(
        "rejected",
        {"event": "rejected", "reject": {"reason": "Sandbox subdomains are for test only"}},
        kind=EventKind.REJECTED,
        detail="Sandbox subdomains are for test only",
    ),
    case(
        "rejected without a recipient of its own",
        {"event": "rejected", "recipient": None, "reject": {"reason": "Rate limit"}},
        kind=EventKind.REJECTED,
        detail="Rate limit",
    ),
    case("opened", {"event": "opened"} | ACT, kind=EventKind.OPENED, **ACTED),
    case(
        "opened by Apple's privacy protection",
        {"event": "opened", "ip": "203.0.113.7", "client-info": CLIENT | {"bot": "apple"}},
        kind=EventKind.OPENED,
        is_machine=True,
        **ACTED,
    ),
    case(
        "clicked by a scanner",
        {
            "event": "clicked",
            "url": "https://example.com/news",
            "client-info": {"bot": "generic", "user-agent": ""},
        },
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        is_machine=True,
        user_agent="",
    ),
    case(
        "clicked, in a campaign of Mailgun's",
        {
            "event": "clicked",
            "url": "https://example.com/news",
            "campaigns": [{"id": "c-1", "name": "March news"}],
        }
        | ACT,
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        campaign_id="c-1",
        campaign_name="March news",
        **ACTED,
    ),
    case("unsubscribed", {"event": "unsubscribed"} | ACT, kind=EventKind.UNSUBSCRIBED, **ACTED),
    case("complained", {"event": "complained"}, kind=EventKind.COMPLAINED),
    case("event of next year", {"event": "teleported"}, detail="teleported"),
]
