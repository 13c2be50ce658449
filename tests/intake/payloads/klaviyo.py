"""https://developers.klaviyo.com/en/docs/working_with_system_webhooks"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

PROPERTIES: dict[str, Any] = {
    "$ESP": 0,
    "Subject": "Our news",
    "$message": "01H7F525FKR31P27Y7PNGVBBKK",
    "$event_id": "01H7F525FKR31P27Y7PNGVBBKK:125423419905414052533228990613763937641",
    "$group_ids": ["V7adxq"],
    "Recipient Email Address": "ada@customer.example",
    "Email Domain": "customer.example",
    "Campaign Name": "Newsletter, March",
    "Inbox Provider": "Other",
    "$_cohort$message_send_cohort": "1691652081:01H7F525FKR31P27Y7PNGVBBKK",
}
EVENT = ReportedEvent(
    provider="klaviyo",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    provider_event_id="4vRpBT",
    message_reference="01H7F525FKR31P27Y7PNGVBBKK:01GDDKASAP8TKDDA2GRZDSVP4H",
    campaign_id="01H7F525FKR31P27Y7PNGVBBKK",
    campaign_name="Newsletter, March",
    subject="Our news",
)
UNNAMED = EVENT._replace(message_reference=None, campaign_id=None, campaign_name=None, subject=None)


def event(
    topic: str, properties: dict[str, Any], external_id: str = "4vRpBT", **more: Any
) -> dict[str, Any]:
    profile = {"data": {"id": "01GDDKASAP8TKDDA2GRZDSVP4H", "type": "profile"}}
    return {
        "external_id": external_id,
        "topic": topic,
        "payload": {
            "data": {
                "id": external_id,
                "type": "event",
                "attributes": {
                    "uuid": "96150200-374e-11ee-8001-a163313bc6c2",
                    "datetime": "2026-03-01 10:00:05+00:00",
                    "timestamp": 1772359205,
                    "event_properties": properties,
                },
                "relationships": {
                    "metric": {"data": {"id": "RQZbwy", "type": "metric"}},
                    "profile": profile,
                },
            },
            **more,
        },
    }


def body(*events: dict[str, Any]) -> dict[str, Any]:
    return {
        "data": list(events),
        "meta": {
            "timestamp": "2026-03-01T10:00:23.700369+00:00",
            "klaviyo_account_id": "WBhXHN",
            "klaviyo_webhook_id": "01KP4928STE8FKCWB6WDHZ4ZB7",
            "version": "2025-07-15",
        },
    }


def case(topic: str, properties: dict[str, Any], **expected: Any) -> Case:
    whole = body(event(f"event:klaviyo.{topic}", PROPERTIES | properties))
    return Case(topic, whole, one(EVENT, **expected))


def without_address(properties: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in (PROPERTIES | properties).items() if k != "Recipient Email Address"}


def nothing(topic: str) -> Case:
    return Case(topic, body(event(topic, {"From Number": "+15550100"})), ())


LINK = {"URL": "https://example.com/news", "$internal": {"User Agent": AGENT}}
CLICKED = {"kind": EventKind.CLICKED, "url": "https://example.com/news", "user_agent": AGENT}

CASES = [
    case("received_email", {}, kind=EventKind.DELIVERED),
    Case(
        "the example of the help center",
        body(event("event: email_delivered", PROPERTIES)),
        one(EVENT, kind=EventKind.DELIVERED),
    ),
    case("opened_email", {}, kind=EventKind.OPENED),
    case("opened_email", {"machine_open": False}, kind=EventKind.OPENED),
    case("opened_email", {"machine_open": True}, kind=EventKind.OPENED, is_machine=True),
    case("opened_email", {"Apple Privacy Open": "True"}, kind=EventKind.OPENED, is_machine=True),
    case("clicked_email", LINK, **CLICKED),
    case("clicked_email", LINK | {"Bot Click": False}, **CLICKED),
    case("clicked_email", LINK | {"Bot Click": True}, is_machine=True, **CLICKED),
    case(
        "bounced_email",
        {"Bounce Type": "Hard"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="Hard",
    ),
    case(
        "bounced_email",
        {"Bounce Type": "SoftBounce"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="SoftBounce",
    ),
    case("bounced_email", {}, kind=EventKind.BOUNCED),
    case("dropped_email", {}, kind=EventKind.REJECTED),
    case("marked_email_as_spam", {}, kind=EventKind.COMPLAINED),
    case("unsubscribed_from_email_marketing", {}, kind=EventKind.UNSUBSCRIBED),
    Case(
        "an unsubscribe that names the address alone",
        body(
            event(
                "event:klaviyo.unsubscribed_from_email_marketing",
                {"email_address": "ada@customer.example"},
            )
        ),
        one(UNNAMED, kind=EventKind.UNSUBSCRIBED),
    ),
    case("unsubscribed", {}, kind=EventKind.UNSUBSCRIBED),
    case("unsubscribed_from_list", {}, kind=EventKind.UNSUBSCRIBED),
    case("subscribed_to_email_marketing", {}, kind=EventKind.RESUBSCRIBED),
    case(
        "manually_suppressed_from_email_marketing",
        {},
        detail="event:klaviyo.manually_suppressed_from_email_marketing",
    ),
    case("updated_email_preferences", {}, detail="event:klaviyo.updated_email_preferences"),
    case("teleported_email", {}, detail="event:klaviyo.teleported_email"),
    case("opened_email", {"$flow": "WxyZ12"}, kind=EventKind.OPENED, tags=("WxyZ12",)),
    Case(
        "an address from the included profile",
        body(
            event(
                "event:klaviyo.opened_email",
                without_address({}),
                included=[
                    {"type": "metric", "id": "RQZbwy", "attributes": {"name": "Opened Email"}},
                    {"type": "profile", "attributes": {"email": "ada@customer.example"}},
                ],
            )
        ),
        one(EVENT, kind=EventKind.OPENED),
    ),
    Case(
        "no address at all",
        body(event("event:klaviyo.opened_email", without_address({}))),
        one(EVENT, kind=EventKind.OPENED, address=None),
    ),
    nothing("event:klaviyo.sent_sms"),
    nothing("event:klaviyo.unsubscribed_from_sms_marketing"),
    nothing("event:klaviyo.opened_push"),
    nothing("event:klaviyo.submitted_review"),
    nothing("event:shopify.placed_order"),
    Case(
        "a batch",
        body(
            event("event:klaviyo.received_email", PROPERTIES),
            event("event:klaviyo.sent_sms", {}, "5"),
            event("event:klaviyo.opened_email", PROPERTIES, "6"),
        ),
        (
            *one(EVENT, kind=EventKind.DELIVERED),
            *one(EVENT, kind=EventKind.OPENED, provider_event_id="6"),
        ),
    ),
]
