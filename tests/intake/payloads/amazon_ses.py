"""https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

MAIL: dict[str, Any] = {
    "timestamp": "2026-03-01T10:00:00.000Z",
    "source": "News <news@sender.example>",
    "messageId": "0100017c2e3d-7c1f-000000",
    "destination": ["ada@customer.example"],
    "headers": [{"name": "X-Tag", "value": "announcement"}],
    "commonHeaders": {"from": ["News <news@sender.example>"], "subject": "Our news"},
    "tags": {"ses:configuration-set": ["live"], "campaign": ["spring-26"]},
}
EVENT = ReportedEvent(
    provider="amazon-ses",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    provider_event_id="sns-1",
    message_reference="0100017c2e3d-7c1f-000000",
    campaign_id="spring-26",
    tags=("announcement",),
    subject="Our news",
    sender="News <news@sender.example>",
    sent_at=at("2026-03-01 10:00:00"),
)
TIME = {"timestamp": "2026-03-01T10:00:05.000Z"}
ACT = TIME | {"ipAddress": "203.0.113.7", "userAgent": AGENT}
ACTED = {"ip": "203.0.113.7", "user_agent": AGENT}
PUBLISHED = at("2026-03-02 12:00:00")
"""When SNS published it: the only time of an event that has none of its own."""


def case(type_: str, key: str, fact: dict[str, Any], **expected: Any) -> Case:
    body = {"eventType": type_, "mail": MAIL, key: fact}
    return Case(type_, body, one(EVENT, **expected))


def bounced(type_: str, recipient: dict[str, Any], sub_type: str = "General") -> dict[str, Any]:
    to = {"emailAddress": "ada@customer.example", "action": "failed"} | recipient
    fact = {"bounceType": type_, "bounceSubType": sub_type, "bouncedRecipients": [to]}
    return fact | TIME | {"feedbackId": "f-1", "reportingMTA": "dsn; a.example"}


def topics(*out: str, everything: bool = False) -> dict[str, Any]:
    return {
        "unsubscribeAll": everything,
        "topicSubscriptionStatus": [
            {"topicName": name, "subscriptionStatus": "OptOut" if name in out else "OptIn"}
            for name in ("news", "offers")
        ],
    }


CASES = [
    case("Send", "send", {}, kind=EventKind.ACCEPTED, occurred_at=at("2026-03-01 10:00:00")),
    case(
        "Delivery",
        "delivery",
        TIME | {"recipients": ["ada@customer.example"], "smtpResponse": "250 2.6.0 OK"},
        kind=EventKind.DELIVERED,
        detail="250 2.6.0 OK",
    ),
    case(
        "Bounce",
        "bounce",
        bounced("Permanent", {"status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 unknown"}),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="smtp; 550 5.1.1 unknown",
    ),
    case(
        "Bounce",
        "bounce",
        bounced("Transient", {"status": "4.2.2"}, "MailboxFull"),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="Transient: MailboxFull",
    ),
    case(
        "Bounce",
        "bounce",
        bounced(
            "Transient", {"status": "5.4.4", "diagnosticCode": "smtp; 550 5.4.4 Host not found"}
        ),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="smtp; 550 5.4.4 Host not found",
    ),
    case(
        "Bounce",
        "bounce",
        bounced("Undetermined", {}, "Undetermined"),
        kind=EventKind.BOUNCED,
        detail="Undetermined: Undetermined",
    ),
    case(
        "Bounce",
        "bounce",
        bounced("Undetermined", {"status": "5.0.0"}, "Undetermined"),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="Undetermined: Undetermined",
    ),
    Case(
        "a bounce of two recipients",
        {
            "eventType": "Bounce",
            "mail": MAIL | {"destination": ["ada@customer.example", "bob@other.example", "c@c.c"]},
            "bounce": {
                "bounceType": "Transient",
                "bounceSubType": "General",
                "bouncedRecipients": [
                    {"emailAddress": "ada@customer.example", "status": "4.2.2"},
                    {"emailAddress": "bob@other.example", "status": "5.4.4"},
                ],
                **TIME,
            },
        },
        (
            *one(
                EVENT,
                kind=EventKind.BOUNCED,
                bounce=BounceClass.SOFT,
                detail="Transient: General",
            ),
            *one(
                EVENT,
                kind=EventKind.BOUNCED,
                bounce=BounceClass.HARD,
                detail="Transient: General",
                address="bob@other.example",
            ),
        ),
    ),
    Case(
        "an older notification of an identity",
        {
            "notificationType": "Complaint",
            "mail": MAIL,
            "complaint": TIME
            | {
                "complainedRecipients": [{"emailAddress": "ada@customer.example"}],
                "complaintFeedbackType": "abuse",
                "userAgent": "Yahoo!-Mail-Feedback/2.0",
                "feedbackId": "f-2",
            },
        },
        one(
            EVENT,
            kind=EventKind.COMPLAINED,
            detail="abuse",
            user_agent="Yahoo!-Mail-Feedback/2.0",
        ),
    ),
    case(
        "Complaint",
        "complaint",
        TIME
        | {
            "complainedRecipients": [{"emailAddress": "ada@customer.example"}],
            "complaintFeedbackType": "not-spam",
        },
        detail="Complaint",
    ),
    case(
        "Reject",
        "reject",
        {"reason": "Bad content"},
        kind=EventKind.REJECTED,
        detail="Bad content",
        occurred_at=PUBLISHED,
    ),
    case(
        "Rendering Failure",
        "failure",
        {"templateName": "t", "errorMessage": "Attribute 'x' is missing"},
        kind=EventKind.REJECTED,
        detail="Attribute 'x' is missing",
        occurred_at=PUBLISHED,
    ),
    case("Open", "open", ACT, kind=EventKind.OPENED, **ACTED),
    case(
        "Click",
        "click",
        ACT | {"link": "https://example.com/news", "linkTags": None},
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACTED,
    ),
    Case(
        "an open of a mail to two is each one's",
        {
            "eventType": "Open",
            "mail": MAIL | {"destination": ["ada@customer.example", "bob@other.example"]},
            "open": ACT,
        },
        (
            *one(EVENT, kind=EventKind.OPENED, **ACTED),
            *one(EVENT, kind=EventKind.OPENED, address="bob@other.example", **ACTED),
        ),
    ),
    Case(
        "a delay names its own recipients",
        {
            "eventType": "DeliveryDelay",
            "mail": MAIL | {"destination": ["ada@customer.example", "bob@other.example"]},
            "deliveryDelay": TIME
            | {
                "delayType": "MailboxFull",
                "expirationTime": "2026-03-02T10:00:00.000Z",
                "delayedRecipients": [{"emailAddress": "bob@other.example", "status": "4.2.2"}],
            },
        },
        one(EVENT, kind=EventKind.DEFERRED, address="bob@other.example", detail="MailboxFull"),
    ),
    case(
        "Subscription",
        "subscription",
        TIME | {"newTopicPreferences": topics(everything=True), "oldTopicPreferences": topics()},
        kind=EventKind.UNSUBSCRIBED,
        detail="Unknown SES eventType 'Subscription'",
    ),
    case(
        "Subscription",
        "subscription",
        TIME | {"newTopicPreferences": topics("news"), "oldTopicPreferences": topics()},
        kind=EventKind.UNSUBSCRIBED,
        detail="Unknown SES eventType 'Subscription'",
    ),
    case(
        "Subscription",
        "subscription",
        TIME | {"newTopicPreferences": topics("news"), "oldTopicPreferences": topics("news")},
        detail="Subscription",
    ),
    case(
        "Subscription",
        "subscription",
        TIME | {"newTopicPreferences": topics(), "oldTopicPreferences": topics("news")},
        kind=EventKind.RESUBSCRIBED,
        detail="Unknown SES eventType 'Subscription'",
    ),
    case(
        "Subscription",
        "subscription",
        TIME | {"newTopicPreferences": topics(), "oldTopicPreferences": topics(everything=True)},
        kind=EventKind.RESUBSCRIBED,
        detail="Unknown SES eventType 'Subscription'",
    ),
    Case(
        "an event of next year, of no mail",
        {"eventType": "Teleport"},
        one(
            ReportedEvent(
                provider="amazon-ses",
                kind=EventKind.UNKNOWN,
                occurred_at=PUBLISHED,
                provider_event_id="sns-1",
                detail="Teleport",
            )
        ),
    ),
    Case(
        "what SES publishes when a topic is connected",
        b"Successfully validated SNS topic for Amazon SES event publishing.\n",
        (),
    ),
    Case("the same, of an identity", {"notificationType": "AMAZON_SES_SETUP_NOTIFICATION"}, ()),
]
