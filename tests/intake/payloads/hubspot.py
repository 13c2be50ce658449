"""https://developers.hubspot.com/docs/api-reference/legacy/email-analytics-v1/guide"""

from datetime import datetime
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one


def ms(text: str) -> int:
    return round(at(text).timestamp() * 1000)


SENT_AT = at("2026-03-01 10:00:04.500")
SENT_ID = "17d3fcc4-bc34-38b4-9103-69b5896bbdde"
RAW: dict[str, Any] = {
    "appId": 113,
    "appName": "Batch",
    "created": ms("2026-03-01 10:00:05.126"),
    "emailCampaignId": 13054799,
    "emailCampaignGroupId": 13054000,
    "id": "e4e7b45d-83ff-3faa-81a5-d241a3ce6e31",
    "portalId": 62515,
    "recipient": "ada@customer.example",
    "sentBy": {"id": SENT_ID, "created": ms("2026-03-01 10:00:04.500")},
    "smtpId": None,
}
EVENT = ReportedEvent(
    provider="hubspot",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05.126000"),
    address="ada@customer.example",
    provider_event_id="e4e7b45d-83ff-3faa-81a5-d241a3ce6e31",
    message_reference=SENT_ID,
    campaign_id="13054799",
    sent_at=SENT_AT,
)
ACT = {
    "browser": {
        "family": "Chrome",
        "name": "Chrome",
        "producer": "Google Inc.",
        "producerUrl": "http://www.google.com/",
        "type": "Browser",
        "url": "http://www.google.com/chrome",
        "version": ["120.0"],
    },
    "deviceType": "COMPUTER",
    "filteredEvent": False,
    "ipAddress": "203.0.113.7",
    "location": {"city": "Boston", "state": "massachusetts", "country": "UNITED STATES"},
    "userAgent": AGENT,
}
ACTED: dict[str, Any] = {"ip": "203.0.113.7", "user_agent": AGENT}
BOUNCE = {
    "status": "5.2.2",
    "response": "552 5.2.2 The mailbox is full",
    "category": "MAILBOX_FULL",
}
CAMPAIGN = {
    "appId": 113,
    "appName": "Batch",
    "contentId": 299151,
    "counters": {"delivered": 20, "open": 6, "processed": 20, "sent": 21},
    "id": 13054799,
    "name": "March newsletter",
    "numIncluded": 21,
    "numQueued": 21,
    "subType": "BATCH",
    "subject": "Our news",
    "type": "BATCH_EMAIL",
}


def raw(type_: str, **fields: Any) -> dict[str, Any]:
    return RAW | {"type": type_} | fields


def case(type_: str, fields: dict[str, Any], name: str = "", **expected: Any) -> Case:
    """Pushed as one event of an array."""
    return Case(f"{type_} {name}".strip(), [raw(type_, **fields)], one(EVENT, **expected))


def sent(**expected: Any) -> dict[str, Any]:
    when: datetime = EVENT.occurred_at
    reference = EVENT.provider_event_id
    return {"kind": EventKind.ACCEPTED, "message_reference": reference, "sent_at": when, **expected}


MAIL = {
    "from": "News <news@sender.example>",
    "replyTo": ["news@sender.example"],
    "cc": [],
    "bcc": [],
    "subject": "Our news",
}
SAID = {"sender": "News <news@sender.example>", "subject": "Our news"}

CASES = [
    case("SENT", {"sentBy": None, **MAIL}, **sent(**SAID)),
    case("PROCESSED", {}, kind=EventKind.ACCEPTED),
    case(
        "DROPPED",
        {"dropReason": "PREVIOUSLY_BOUNCED", "dropMessage": "It bounced before.", **MAIL},
        kind=EventKind.REJECTED,
        detail="PREVIOUSLY_BOUNCED: It bounced before.",
        **SAID,
    ),
    case(
        "SUPPRESSED",
        {"suppressedReason": "INVALID_TO_ADDRESS", "suppressedMessage": "No such domain."},
        kind=EventKind.REJECTED,
        detail="INVALID_TO_ADDRESS: No such domain.",
    ),
    case("MTA_DROPPED", {}, kind=EventKind.REJECTED),
    case(
        "DEFERRED",
        {"response": "451 4.7.1 Try again later", "attempt": 2},
        kind=EventKind.DEFERRED,
        detail="451 4.7.1 Try again later",
    ),
    case(
        "DELIVERED",
        {"response": "250 2.0.0 OK", "smtpId": "5a1b"},
        kind=EventKind.DELIVERED,
        detail="250 2.0.0 OK",
    ),
    case(
        "DELIVERED",
        {"hmid": "f4d1a2b0-mid", "response": "250 OK"},
        "with the mail's X-HubSpot-MID",
        kind=EventKind.DELIVERED,
        message_reference="f4d1a2b0-mid",
        detail="250 OK",
    ),
    case(
        "BOUNCE",
        BOUNCE,
        "that HubSpot calls soft",
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="552 5.2.2 The mailbox is full",
    ),
    case(
        "BOUNCE",
        {"status": "5.1.1", "response": None, "category": "UNKNOWN_USER"},
        "without a response",
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="UNKNOWN_USER",
    ),
    case(
        "BOUNCE",
        {"status": "4.4.7", "response": "expired", "category": "UNCATEGORIZED"},
        "told by its status",
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="expired",
    ),
    case("OPEN", {"duration": 1229, **ACT}, kind=EventKind.OPENED, **ACTED),
    case(
        "OPEN",
        {"duration": 0, **ACT, "filteredEvent": True},
        "that HubSpot filters from its reports",
        kind=EventKind.OPENED,
        is_machine=True,
        **ACTED,
    ),
    case(
        "CLICK",
        {
            **ACT,
            "url": "https://sender.example/news?utm_campaign=march",
            "referer": "https://mail.customer.example/",
            "linkId": 0,
        },
        kind=EventKind.CLICKED,
        url="https://sender.example/news?utm_campaign=march",
        **ACTED,
    ),
    case("FORWARD", ACT, kind=EventKind.FORWARDED),
    case("REPLY", {}, kind=EventKind.REPLIED),
    case("PRINT", ACT, detail="PRINT"),
    case("SPAMREPORT", {}, kind=EventKind.COMPLAINED),
    case(
        "STATUSCHANGE",
        {
            "source": "SOURCE_RECIPIENT",
            "requestedBy": "ada@customer.example",
            "portalSubscriptionStatus": "UNSUBSCRIBED",
            "causedBy": {"id": "6d72d39c", "created": ms("2026-03-01 10:00:05")},
        },
        "to nothing at all",
        kind=EventKind.UNSUBSCRIBED,
        detail="SOURCE_RECIPIENT",
    ),
    case(
        "STATUSCHANGE",
        {
            "source": "SOURCE_RECIPIENT",
            "subscriptions": [
                {"id": 2849, "status": "SUBSCRIBED"},
                {"id": 230318, "status": "UNSUBSCRIBED"},
            ],
        },
        "to all but one kind",
        kind=EventKind.UNSUBSCRIBED,
        detail="SOURCE_RECIPIENT",
    ),
    case(
        "STATUSCHANGE",
        {"source": "SOURCE_RECIPIENT", "portalSubscriptionStatus": "SUBSCRIBED"},
        "back",
        kind=EventKind.RESUBSCRIBED,
        detail="SOURCE_RECIPIENT",
    ),
    case(
        "STATUSCHANGE",
        {"source": "SOURCE_NON_DELIVERY_REPORT", "bounced": True},
        "because it bounced",
        detail="STATUSCHANGE",
    ),
    case("UNSUBSCRIBED", {}, kind=EventKind.UNSUBSCRIBED),
    case(
        "UNBOUNCE",
        dict.fromkeys(("recipient", "emailCampaignId", "sentBy")),
        address=None,
        campaign_id=None,
        message_reference=None,
        sent_at=None,
        detail="UNBOUNCE",
    ),
    case("SOMETHING_NEW", {}, detail="SOMETHING_NEW"),
    Case(
        "a page as it is pulled, the campaigns' names beside it",
        {
            "hasMore": True,
            "offset": "CK_PuKu3KBXr8LqG",
            "events": [raw("DELIVERED"), raw("OPEN", id="2", emailCampaignId=7, **ACT)],
            "campaigns": {"13054799": CAMPAIGN},
        },
        (
            EVENT._replace(
                kind=EventKind.DELIVERED, campaign_name="March newsletter", subject="Our news"
            ),
            EVENT._replace(kind=EventKind.OPENED, campaign_id="7", provider_event_id="2", **ACTED),
        ),
    ),
    Case("a page of nothing", {"hasMore": False, "offset": "CK", "events": []}, ()),
    Case("one event by itself", raw("DELIVERED"), one(EVENT, kind=EventKind.DELIVERED)),
    Case(
        "a change in the CRM",
        [
            {
                "appId": 54321,
                "attemptNumber": 0,
                "changeFlag": "NEW",
                "changeSource": "CRM",
                "eventId": 1,
                "objectId": 123,
                "occurredAt": ms("2026-03-01 10:00:05.126"),
                "portalId": 62515,
                "subscriptionId": 12345,
                "subscriptionType": "contact.creation",
            }
        ],
        one(
            ReportedEvent("hubspot", EventKind.UNKNOWN, EVENT.occurred_at),
            detail="contact.creation",
        ),
    ),
]
