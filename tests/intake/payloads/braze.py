"""Braze's event glossary: custom HTTP export, message engagement events.

https://www.braze.com/docs/user_guide/data/distribution/braze_currents/event_glossary/message_engagement_events
"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

USER = {
    "user_id": "0123456789abcdef01234567",
    "external_user_id": "ada",
    "timezone": "Europe/London",
}
PROPERTIES: dict[str, Any] = {
    "campaign_id": "11234567-89ab-cdef-0123-456789abcdef",
    "campaign_name": "Newsletter, March",
    "dispatch_id": "12345qwert",
    "message_variation_id": "c1234567-89ab-cdef-0123-456789abcdef",
    "message_variation_name": "Variation A",
    "email_address": "ada@customer.example",
    "send_id": "f123456789abcdef01234567",
    "ip_pool": "marketing",
    "esp": "SparkPost",
    "from_domain": "sender.example",
}
IN_CANVAS = {
    "campaign_id": None,
    "campaign_name": None,
    "canvas_id": "21234567",
    "canvas_name": "Welcome",
    "canvas_variation_id": "31234567",
    "canvas_step_id": "41234567",
    "canvas_step_name": "First news",
    "send_id": None,
}
EVENT = ReportedEvent(
    provider="braze",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    provider_event_id="a1234567-89ab-cdef-0123-456789abcdef",
    message_reference="12345qwert:0123456789abcdef01234567",
    campaign_id="11234567-89ab-cdef-0123-456789abcdef",
    campaign_name="Newsletter, March",
    tags=("f123456789abcdef01234567",),
)
EMAIL = "users.messages.email."


def event(
    type_: str, properties: dict[str, Any], id_: str = "a1234567-89ab-cdef-0123-456789abcdef"
) -> dict[str, Any]:
    return {
        "event_type": type_,
        "id": id_,
        "time": 1772359205,
        "user": USER,
        "properties": PROPERTIES | properties,
    }


def case(name: str, properties: dict[str, Any], **expected: Any) -> Case:
    return Case(name, {"events": [event(EMAIL + name, properties)]}, one(EVENT, **expected))


OPENED = {"kind": EventKind.OPENED, "user_agent": AGENT}
CLICKED = {"kind": EventKind.CLICKED, "user_agent": AGENT, "url": "https://example.com/news"}
LINK = {"user_agent": AGENT, "url": "https://example.com/news", "link_alias": "news"}

CASES = [
    case("Send", {}, kind=EventKind.ACCEPTED),
    case("Delivery", {"sending_ip": "192.0.2.1"}, kind=EventKind.DELIVERED),
    case("Open", {"user_agent": AGENT}, **OPENED),
    case("Open", {"user_agent": AGENT, "machine_open": None, "is_amp": True}, **OPENED),
    case("Open", {"user_agent": AGENT, "machine_open": "true"}, is_machine=True, **OPENED),
    case("Click", LINK, **CLICKED),
    case("Click", LINK | {"is_amp": True}, **CLICKED),
    case(
        "Bounce",
        {"bounce_reason": "550 5.1.1 no such user", "sending_ip": "192.0.2.1"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="550 5.1.1 no such user",
    ),
    case(
        "Bounce",
        {"bounce_reason": "Bounced Address", "is_drop": True},
        kind=EventKind.REJECTED,
        detail="Bounced Address",
    ),
    case(
        "SoftBounce",
        {"bounce_reason": "452 4.2.2 full"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="452 4.2.2 full",
    ),
    case("MarkAsSpam", {}, kind=EventKind.COMPLAINED),
    case("Unsubscribe", {}, kind=EventKind.UNSUBSCRIBED),
    case(
        "Abort",
        {"abort_type": "quiet_hours", "abort_log": None},
        kind=EventKind.REJECTED,
        detail="quiet_hours",
    ),
    case("Teleport", {}, detail="users.messages.email.Teleport"),
    case(
        "Send",
        IN_CANVAS,
        kind=EventKind.ACCEPTED,
        campaign_id="41234567",
        campaign_name="Welcome: First news",
        tags=(),
    ),
    case(
        "Send",
        IN_CANVAS | {"canvas_step_id": None, "canvas_step_name": None, "dispatch_id": None},
        kind=EventKind.ACCEPTED,
        message_reference=None,
        campaign_id="21234567",
        campaign_name="Welcome",
        tags=(),
    ),
    Case(
        "other channels",
        {
            "events": [
                event("users.messages.pushnotification.Send", {}),
                event("users.messages.sms.Delivery", {}),
                event("users.behaviors.Purchase", {}),
            ]
        },
        (),
    ),
    Case("an empty batch", {"events": []}, ()),
    Case(
        "a batch",
        {"events": [event(EMAIL + "Send", {}), event(EMAIL + "Open", {}, "2")]},
        (
            *one(EVENT, kind=EventKind.ACCEPTED),
            *one(EVENT, kind=EventKind.OPENED, provider_event_id="2"),
        ),
    ),
]
