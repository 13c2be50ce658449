"""https://postmarkapp.com/developer/webhooks/webhooks-overview"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

COMMON = {
    "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
    "MessageStream": "broadcast",
    "ServerID": 23,
    "Metadata": {"campaign_id": "spring-26", "campaign_name": "Spring", "colour": "red"},
    "Tag": "announcement",
}
EVENT = ReportedEvent(
    provider="postmark",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    message_reference="883953f4-6105-42a2-a16a-77a8eac79483",
    campaign_id="spring-26",
    campaign_name="Spring",
    tags=("announcement",),
)
TIME = "2026-03-01T05:00:05-05:00"
ACT = {"UserAgent": AGENT, "Geo": {"IP": "203.0.113.7", "CountryISOCode": "RS"}, "Platform": "X"}
ACTED = {"user_agent": AGENT, "ip": "203.0.113.7"}
BOUNCE = {
    "RecordType": "Bounce",
    "ID": 4323372036854775807,
    "Email": "ada@customer.example",
    "From": "news@sender.example",
    "BouncedAt": TIME,
    "Description": "What the type means.",
    "Details": "smtp;550 5.1.1 The account does not exist",
    "Subject": "Our news",
    "Inactive": True,
}
BOUNCED = {
    "detail": "smtp;550 5.1.1 The account does not exist",
    "subject": "Our news",
    "sender": "news@sender.example",
}


def case(name: str, raw: dict[str, Any], **expected: Any) -> Case:
    return Case(name, COMMON | raw, one(EVENT, **expected))


def bounce(type_: str, kind: EventKind, bounce_: BounceClass | None = None) -> Case:
    return case(
        f"bounce of type {type_}", BOUNCE | {"Type": type_}, kind=kind, bounce=bounce_, **BOUNCED
    )


CASES = [
    case(
        "delivery",
        {
            "RecordType": "Delivery",
            "Recipient": "ada@customer.example",
            "DeliveredAt": TIME,
            "Details": "smtp;250 OK",
        },
        kind=EventKind.DELIVERED,
        detail="smtp;250 OK",
    ),
    case(
        "open",
        {"RecordType": "Open", "Recipient": "ada@customer.example", "ReceivedAt": TIME} | ACT,
        kind=EventKind.OPENED,
        **ACTED,
    ),
    case(
        "open without a user agent",
        {
            "RecordType": "Open",
            "FirstOpen": True,
            "Recipient": "ada@customer.example",
            "ReceivedAt": TIME,
            "UserAgent": "",
            "Geo": {},
        },
        kind=EventKind.OPENED,
        user_agent="",
    ),
    case(
        "click",
        {
            "RecordType": "Click",
            "ClickLocation": "HTML",
            "Recipient": "ada@customer.example",
            "ReceivedAt": TIME,
            "OriginalLink": "https://example.com/news",
        }
        | ACT,
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACTED,
    ),
    bounce("HardBounce", EventKind.BOUNCED, BounceClass.HARD),
    bounce("SoftBounce", EventKind.BOUNCED, BounceClass.SOFT),
    bounce("VirusNotification", EventKind.BOUNCED, BounceClass.SOFT),
    bounce("Unknown", EventKind.BOUNCED, BounceClass.HARD),
    bounce("Transient", EventKind.DEFERRED),
    bounce("DnsError", EventKind.DEFERRED),
    bounce("OpenRelayTest", EventKind.DEFERRED),
    bounce("AutoResponder", EventKind.AUTO_REPLIED),
    bounce("AddressChange", EventKind.AUTO_REPLIED),
    bounce("ChallengeVerification", EventKind.AUTO_REPLIED),
    bounce("BadEmailAddress", EventKind.REJECTED),
    bounce("ManuallyDeactivated", EventKind.REJECTED),
    bounce("Unconfirmed", EventKind.REJECTED),
    bounce("Blocked", EventKind.REJECTED),
    bounce("DMARCPolicy", EventKind.REJECTED),
    bounce("SMTPApiError", EventKind.REJECTED),
    bounce("TemplateRenderingFailed", EventKind.REJECTED),
    bounce("SpamNotification", EventKind.COMPLAINED),
    bounce("Unsubscribe", EventKind.UNSUBSCRIBED),
    case(
        "bounce of type Subscribe",
        BOUNCE | {"Type": "Subscribe"},
        **(BOUNCED | {"detail": "Subscribe"}),
    ),
    case(
        "bounce of type InboundError",
        BOUNCE | {"Type": "InboundError"},
        **(BOUNCED | {"detail": "InboundError"}),
    ),
    case(
        "spam complaint",
        BOUNCE | {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Details": "Abuse"},
        kind=EventKind.COMPLAINED,
        **(BOUNCED | {"detail": "Abuse"}),
    ),
    case(
        "unsubscribed by the recipient",
        {
            "RecordType": "SubscriptionChange",
            "Recipient": "ada@customer.example",
            "ChangedAt": TIME,
            "Origin": "Recipient",
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
        },
        kind=EventKind.UNSUBSCRIBED,
        detail="ManualSuppression",
    ),
    case(
        "suppressed after a hard bounce",
        {
            "RecordType": "SubscriptionChange",
            "Recipient": "ada@customer.example",
            "ChangedAt": TIME,
            "SuppressSending": True,
            "SuppressionReason": "HardBounce",
        },
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="HardBounce",
    ),
    case(
        "suppressed after a complaint",
        {
            "RecordType": "SubscriptionChange",
            "Recipient": "ada@customer.example",
            "ChangedAt": TIME,
            "SuppressSending": True,
            "SuppressionReason": "SpamComplaint",
        },
        kind=EventKind.COMPLAINED,
        detail="SpamComplaint",
    ),
    case(
        "subscribed again",
        {
            "RecordType": "SubscriptionChange",
            "Recipient": "ada@customer.example",
            "ChangedAt": TIME,
            "SuppressSending": False,
            "SuppressionReason": None,
        },
        kind=EventKind.RESUBSCRIBED,
        detail="SubscriptionChange",
    ),
    case(
        "record type of next year",
        {"RecordType": "Teleport", "Recipient": "ada@customer.example", "ReceivedAt": TIME},
        detail="Teleport",
    ),
]
