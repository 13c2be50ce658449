"""https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/"""

from typing import Any
from urllib.parse import urlencode

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import Case, at, one

MEMBER = {
    "data[id]": "8a25ff1d98",
    "data[list_id]": "a6b5da1054",
    "data[email]": "ada@customer.example",
    "data[email_type]": "html",
    "data[ip_opt]": "203.0.113.7",
    "data[ip_signup]": "203.0.113.7",
    "data[merges][EMAIL]": "ada@customer.example",
    "data[merges][FNAME]": "Ada",
    "data[merges][INTERESTS]": "Group1,Group2",
}
EVENT = ReportedEvent(
    provider="mailchimp",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
)


def body(type_: str, fields: dict[str, str]) -> bytes:
    return urlencode({"type": type_, "fired_at": "2026-03-01 10:00:05", **fields}).encode()


def case(name: str, type_: str, fields: dict[str, str], **expected: Any) -> Case:
    return Case(name, body(type_, fields), one(EVENT, **expected))


LEFT = MEMBER | {"data[action]": "unsub", "data[reason]": "manual"}
CLEANED = {
    "data[list_id]": "a6b5da1054",
    "data[campaign_id]": "4fjk2ma9xd",
    "data[email]": "ada@customer.example",
}

CASES = [
    case("subscribe", "subscribe", MEMBER, kind=EventKind.RESUBSCRIBED),
    case("unsubscribe", "unsubscribe", LEFT, kind=EventKind.UNSUBSCRIBED, detail="manual"),
    case(
        "unsubscribe from a campaign",
        "unsubscribe",
        LEFT | {"data[campaign_id]": "4fjk2ma9xd"},
        kind=EventKind.UNSUBSCRIBED,
        campaign_id="4fjk2ma9xd",
        detail="manual",
    ),
    case("unsubscribe without a reason", "unsubscribe", MEMBER, kind=EventKind.UNSUBSCRIBED),
    case(
        "unsubscribe for abuse",
        "unsubscribe",
        LEFT | {"data[reason]": "abuse"},
        kind=EventKind.COMPLAINED,
        detail="abuse",
    ),
    case(
        "unsubscribe by deletion",
        "unsubscribe",
        LEFT | {"data[action]": "delete"},
        detail="unsubscribe: delete",
    ),
    case(
        "cleaned, hard",
        "cleaned",
        CLEANED | {"data[reason]": "hard"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        campaign_id="4fjk2ma9xd",
        detail="hard",
    ),
    case(
        "cleaned, abuse",
        "cleaned",
        CLEANED | {"data[reason]": "abuse"},
        kind=EventKind.COMPLAINED,
        campaign_id="4fjk2ma9xd",
        detail="abuse",
    ),
    case(
        "cleaned for a reason of next year",
        "cleaned",
        CLEANED | {"data[reason]": "rusty"},
        campaign_id="4fjk2ma9xd",
        detail="cleaned",
    ),
    case("profile", "profile", MEMBER, detail="profile"),
    case(
        "upemail",
        "upemail",
        {
            "data[list_id]": "a6b5da1054",
            "data[new_id]": "51da8c3259",
            "data[new_email]": "ada.king@customer.example",
            "data[old_email]": "ada@customer.example",
        },
        detail="upemail",
    ),
    case(
        "campaign",
        "campaign",
        {
            "data[id]": "5aa2102003",
            "data[subject]": "Our news",
            "data[status]": "sent",
            "data[reason]": "",
            "data[list_id]": "a6b5da1054",
        },
        address=None,
        campaign_id="5aa2102003",
        subject="Our news",
        detail="campaign",
    ),
    case("event of next year", "teleported", MEMBER, detail="teleported"),
]
