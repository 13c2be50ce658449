"""https://docs.customer.io/integrations/api/webhooks"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import Case, at, one

WHO = {"id": "0200102", "email": "ada@customer.example", "cio_id": "03000001"}
DATA: dict[str, Any] = {
    "customer_id": "0200102",
    "identifiers": WHO,
    "delivery_id": "RPILAgUBcRhIBqSfeiIwdIYJKxTY",
    "newsletter_id": 12,
    "content_id": 3,
    "recipient": "ada@customer.example",
    "subject": "Our news",
}
IN_WORKFLOW = {"newsletter_id": None, "campaign_id": 23, "action_id": 96}
EVENT = ReportedEvent(
    provider="customerio",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    message_reference="RPILAgUBcRhIBqSfeiIwdIYJKxTY",
    campaign_id="newsletter:12",
    subject="Our news",
)
PERSON = ReportedEvent(
    provider="customerio",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
)


def body(
    metric: str, data: dict[str, Any], object_type: str = "email", **more: Any
) -> dict[str, Any]:
    return {
        "event_id": "01E4C4CT6YDC7Y5M7FE1GWWPQJ",
        "object_type": object_type,
        "metric": metric,
        "timestamp": 1772359205,
        "data": data,
        **more,
    }


def case(metric: str, data: dict[str, Any], **expected: Any) -> Case:
    return Case(metric, body(metric, DATA | data), one(EVENT, **expected))


def person(metric: str, **expected: Any) -> Case:
    who = {"customer_id": "0200102", "email_address": "ada@customer.example", "identifiers": WHO}
    return Case(f"customer {metric}", body(metric, who, "customer"), one(PERSON, **expected))


def nothing(object_type: str, metric: str) -> Case:
    data = {"delivery_id": "x", "recipient": "+15550100", "identifiers": WHO}
    return Case(f"{object_type} {metric}", body(metric, data, object_type), ())


CASES = [
    case("sent", {}, kind=EventKind.ACCEPTED),
    case("delivered", {}, kind=EventKind.DELIVERED),
    case("attempted", {"failure_message": "rate"}, kind=EventKind.DEFERRED, detail="rate"),
    case(
        "deferred",
        {"failure_message": "452 4.2.2 full"},
        kind=EventKind.DEFERRED,
        detail="452 4.2.2 full",
    ),
    case("opened", {"proxied": False, "prefetched": False}, kind=EventKind.OPENED),
    case("opened", {"proxied": True, "prefetched": False}, kind=EventKind.OPENED),
    case("opened", {"proxied": True, "prefetched": True}, kind=EventKind.OPENED, is_machine=True),
    case("human_opened", {}, kind=EventKind.OPENED),
    case(
        "clicked",
        {"href": "https://example.com/news", "link_id": "7", "machine": False},
        kind=EventKind.CLICKED,
        url="https://example.com/news",
    ),
    case(
        "clicked",
        {"href": "https://example.com/news", "link_id": "7", "machine": True},
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        is_machine=True,
    ),
    case(
        "human_clicked",
        {"href": "https://example.com/news", "link_id": "7"},
        kind=EventKind.CLICKED,
        url="https://example.com/news",
    ),
    case(
        "bounced",
        {"failure_message": "550 5.1.1 User unknown"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="550 5.1.1 User unknown",
    ),
    case("bounced", {}, kind=EventKind.BOUNCED),
    case(
        "dropped",
        {"failure_message": "SuppressedReason"},
        kind=EventKind.REJECTED,
        detail="SuppressedReason",
    ),
    case(
        "undeliverable",
        {"failure_message": "message limit"},
        kind=EventKind.REJECTED,
        detail="message limit",
    ),
    case("failed", {"failure_message": "liquid"}, kind=EventKind.REJECTED, detail="liquid"),
    case("spammed", {}, kind=EventKind.COMPLAINED),
    case("unsubscribed", {}, kind=EventKind.UNSUBSCRIBED),
    case("drafted", {}, detail="email_drafted"),
    case("converted", {}, detail="email_converted"),
    case("teleported", {}, detail="email_teleported"),
    case("opened", IN_WORKFLOW, kind=EventKind.OPENED, campaign_id="campaign:23:96"),
    case(
        "opened",
        IN_WORKFLOW | {"parent_action_id": 95},
        kind=EventKind.OPENED,
        campaign_id="campaign:23:95",
    ),
    case(
        "opened",
        IN_WORKFLOW | {"campaign_id": None, "broadcast_id": 9},
        kind=EventKind.OPENED,
        campaign_id="broadcast:9:96",
    ),
    case(
        "sent",
        {"newsletter_id": None, "campaign_id": 23},
        kind=EventKind.ACCEPTED,
        campaign_id="campaign:23",
    ),
    case(
        "sent",
        {"newsletter_id": None, "transactional_message_id": 4},
        kind=EventKind.ACCEPTED,
        campaign_id="transactional:4",
    ),
    case("sent", {"newsletter_id": None}, kind=EventKind.ACCEPTED, campaign_id=None),
    person("unsubscribed", kind=EventKind.UNSUBSCRIBED),
    person("subscribed", kind=EventKind.RESUBSCRIBED),
    person(
        "cio_subscription_preferences_changed",
        detail="customer_cio_subscription_preferences_changed",
    ),
    nothing("push", "sent"),
    nothing("sms", "clicked"),
    nothing("in_app", "opened"),
    nothing("slack", "failed"),
    nothing("webhook", "sent"),
    Case(
        "a channel of next year",
        body("opened", {"identifiers": WHO}, "hologram"),
        one(PERSON, detail="hologram_opened"),
    ),
]
