"""https://dev.mailjet.com/email/guides/webhooks/"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

BASE: dict[str, Any] = {
    "time": 1772359205,
    "MessageID": 19421777835146490,
    "Message_GUID": "1ab23cd4-e567-8901-2345-6789f0gh1i2j",
    "email": "ada@customer.example",
    "mj_campaign_id": 7276,
    "mj_contact_id": 4,
    "customcampaign": "March news",
    "CustomID": "",
    "Payload": "",
}
EVENT = ReportedEvent(
    provider="mailjet",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    message_reference="19421777835146490",
    campaign_id="7276",
    campaign_name="March news",
    tags=("March news",),
)
ACT = {"ip": "203.0.113.7", "geo": "US", "agent": AGENT}
ACTED = {"ip": "203.0.113.7", "user_agent": AGENT}


def case(name: str, raw: dict[str, Any], **expected: Any) -> Case:
    return Case(name, BASE | raw, one(EVENT, **expected))


CASES = [
    case(
        "sent, which is delivered",
        {"event": "sent", "mj_message_id": "19421777835146490", "smtp_reply": "sent (250 2.0.0)"},
        kind=EventKind.DELIVERED,
        detail="sent (250 2.0.0)",
    ),
    case("open", {"event": "open"} | ACT, kind=EventKind.OPENED, **ACTED),
    case(
        "click",
        {"event": "click", "url": "https://example.com/news"} | ACT,
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACTED,
    ),
    case(
        "hard bounce",
        {
            "event": "bounce",
            "blocked": False,
            "hard_bounce": True,
            "error_related_to": "recipient",
            "error": "user unknown",
            "comment": "Host or domain name not found",
        },
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="user unknown: Host or domain name not found",
    ),
    case(
        "soft bounce",
        {"event": "bounce", "hard_bounce": False, "error": "quota exceeded", "comment": ""},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="quota exceeded",
    ),
    case(
        "hard bounce in words",
        {"event": "bounce", "hard_bounce": "1", "error": "user unknown"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="user unknown",
    ),
    case(
        "greylisted, which is tried again",
        {"event": "bounce", "hard_bounce": False, "error": "greylisted"},
        kind=EventKind.DEFERRED,
        detail="greylisted",
    ),
    case(
        "blocked",
        {"event": "blocked", "error_related_to": "recipient", "error": "preblocked"},
        kind=EventKind.REJECTED,
        detail="preblocked",
    ),
    case(
        "complaint",
        {"event": "spam", "source": "JMRPP"},
        kind=EventKind.COMPLAINED,
        detail="JMRPP",
    ),
    case(
        "unsubscribe",
        {"event": "unsub", "mj_list_id": 1} | ACT,
        kind=EventKind.UNSUBSCRIBED,
        **ACTED,
    ),
    case("event of next year", {"event": "teleported"}, detail="teleported"),
    case(
        "no campaign of Mailjet's, but one in the payload",
        {
            "event": "open",
            "mj_campaign_id": 0,
            "customcampaign": "",
            "Payload": '{"campaign_id": "spring-26", "campaign_name": "Spring"}',
        },
        kind=EventKind.OPENED,
        campaign_id="spring-26",
        campaign_name="Spring",
        tags=(),
    ),
    case("a null payload", {"event": "open", "Payload": None}, kind=EventKind.OPENED),
    Case(
        "grouped",
        [BASE | {"event": "sent"}, BASE | {"event": "open"}],
        (*one(EVENT, kind=EventKind.DELIVERED), *one(EVENT, kind=EventKind.OPENED)),
    ),
]
