"""https://support.iterable.com/hc/en-us/articles/208013936"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

FIELDS: dict[str, Any] = {
    "campaignId": 59667,
    "campaignName": "Newsletter, March",
    "channelId": 3420,
    "contentId": 3681,
    "createdAt": "2026-03-01 10:00:05 +00:00",
    "emailId": "c59667:t93849:ada@customer.example",
    "emailSubject": "Our news",
    "experimentId": None,
    "labels": ["spring"],
    "messageId": "3698fb1456486446fda1f4a620eda70ff2",
    "messageTypeId": 3866,
    "templateId": 93849,
    "templateName": "News",
    "workflowId": None,
}
EVENT = ReportedEvent(
    provider="iterable",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    message_reference="3698fb1456486446fda1f4a620eda70ff2",
    campaign_id="59667",
    campaign_name="Newsletter, March",
    tags=("spring",),
    subject="Our news",
)
ACT: dict[str, Any] = {
    "userAgent": AGENT,
    "userAgentDevice": "Chrome",
    "ip": "203.0.113.7",
    "city": "London",
    "region": None,
    "country": "United Kingdom",
    "proxySource": None,
}
ACTED = {"user_agent": AGENT, "ip": "203.0.113.7"}
LINK = {"url": "https://example.com/news", "hrefIndex": 2, "canonicalUrlId": "3145668988"}


def body(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "email": "ada@customer.example",
        "userId": "1",
        "eventName": name,
        "dataFields": FIELDS | fields,
    }


def case(name: str, fields: dict[str, Any], **expected: Any) -> Case:
    return Case(name, body(name, fields), one(EVENT, **expected))


CHANNEL = {"channelIds": [3420], "messageTypeIds": [], "emailListIds": []}

CASES = [
    case("emailSend", {}, kind=EventKind.ACCEPTED),
    case(
        "emailSendSkip",
        {"reason": "DuplicateMarketingMessage"},
        kind=EventKind.REJECTED,
        detail="DuplicateMarketingMessage",
    ),
    case("emailOpen", ACT, kind=EventKind.OPENED, **ACTED),
    case("emailOpen", ACT | {"isBot": False}, kind=EventKind.OPENED, **ACTED),
    case(
        "emailOpen",
        ACT | {"isBot": True, "proxySource": "Apple"},
        kind=EventKind.OPENED,
        is_machine=True,
        **ACTED,
    ),
    case("emailClick", ACT | LINK, kind=EventKind.CLICKED, url=LINK["url"], **ACTED),
    case(
        "emailClick",
        ACT | LINK | {"isBot": True},
        kind=EventKind.CLICKED,
        url=LINK["url"],
        is_machine=True,
        **ACTED,
    ),
    case(
        "emailBounce",
        {"recipientState": "HardBounce", "bounceMessage": "550 5.1.1 no such user"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="550 5.1.1 no such user",
    ),
    case(
        "emailBounce",
        {"recipientState": "SoftBounceMailboxFull"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="SoftBounceMailboxFull",
    ),
    case(
        "emailBounce",
        {"recipientState": "MailBlockSpamDetected", "bounceMessage": "554 5.7.1 blocked"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="554 5.7.1 blocked",
    ),
    case(
        "emailBounce",
        {"recipientState": "DNSFailure"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="DNSFailure",
    ),
    case(
        "emailBounce",
        {"status": "4.2.2"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
    ),
    case("emailComplaint", {}, kind=EventKind.COMPLAINED),
    case(
        "emailUnSubscribe",
        CHANNEL | {"unsubSource": "EmailLink"},
        kind=EventKind.UNSUBSCRIBED,
        detail="EmailLink",
    ),
    case(
        "emailUnSubscribe",
        CHANNEL | {"unsubSource": "HardBounce"},
        detail="emailUnSubscribe: HardBounce",
    ),
    case(
        "emailUnSubscribe", CHANNEL | {"unsubSource": "WebApp"}, detail="emailUnSubscribe: WebApp"
    ),
    case("emailSubscribe", CHANNEL, kind=EventKind.RESUBSCRIBED),
    case(
        "emailSubscribe",
        {"emailListIds": [132485], "channelIds": [], "signupSource": "Import"},
        detail="emailSubscribe: Import",
    ),
    case("hostedUnsubscribeClick", ACT, detail="hostedUnsubscribeClick"),
    case("emailTeleport", {}, detail="emailTeleport"),
    Case("smsSend", body("smsSend", {}), ()),
    Case("pushOpen", body("pushOpen", {}), ()),
    Case("inAppClick", body("inAppClick", {}), ()),
    Case("webPushSend", body("webPushSend", {}), ()),
    Case("whatsAppSeen", body("whatsAppSeen", {}), ()),
    Case("journeyExit", body("journeyExit", {}), ()),
    Case(
        "of a campaign without a name",
        {
            "email": "Ada <ada@customer.example>",
            "eventName": "emailSend",
            "dataFields": {"campaignId": 5654, "createdAt": "2026-03-01T10:00:05.000Z"},
        },
        one(
            ReportedEvent(
                provider="iterable",
                kind=EventKind.ACCEPTED,
                occurred_at=at("2026-03-01 10:00:05"),
                address="ada@customer.example",
                campaign_id="5654",
            )
        ),
    ),
]
