"""https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

BASE: dict[str, Any] = {
    "email": "ada@customer.example",
    "timestamp": 1772359205,
    "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
    "sg_event_id": "ZGVsaXZlcmVkLTAtMTIzNDU2Nzg",
    "sg_message_id": "kMs4gPgYTYqk5SKnmYzEIg.filterdrecv-5f5d-1-65A1-0.0",
}
EVENT = ReportedEvent(
    provider="sendgrid",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    message_reference="kMs4gPgYTYqk5SKnmYzEIg",
)
ACT = {"useragent": AGENT, "ip": "203.0.113.7"}
ACTED = {"user_agent": AGENT, "ip": "203.0.113.7"}


def case(name: str, raw: dict[str, Any], **expected: Any) -> Case:
    return Case(name, [BASE | raw], one(EVENT, **expected))


CASES = [
    case(
        "processed",
        {"event": "processed", "category": ["launch", "launch", "q1"], "send_at": 1772359000},
        kind=EventKind.ACCEPTED,
        tags=("launch", "q1"),
    ),
    case(
        "delivered, by the mail server at an address of its own",
        {"event": "delivered", "response": "250 OK", "ip": "198.51.100.9", "tls": 1},
        kind=EventKind.DELIVERED,
        detail="250 OK",
    ),
    case(
        "deferred",
        {"event": "deferred", "response": "451 4.7.1 greylisted", "attempt": "5"},
        kind=EventKind.DEFERRED,
        detail="451 4.7.1 greylisted",
    ),
    case(
        "hard bounce",
        {
            "event": "bounce",
            "type": "bounce",
            "status": "5.1.1",
            "reason": "550 5.1.1 no such user",
            "bounce_classification": "Invalid Address",
        },
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="550 5.1.1 no such user",
    ),
    case(
        "soft bounce by its status class",
        {"event": "bounce", "type": "bounce", "status": "4.2.2", "reason": "mailbox full"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="mailbox full",
    ),
    case(
        "blocked is soft, whatever the code",
        {"event": "bounce", "type": "blocked", "status": "5.7.1", "reason": "550 5.7.1 blocked"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="550 5.7.1 blocked",
    ),
    case(
        "blocked as an event of its own",
        {"event": "blocked", "reason": "550 5.7.1 policy"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="550 5.7.1 policy",
    ),
    case(
        "bounce without a status is hard",
        {"event": "bounce", "type": "bounce"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
    ),
    case(
        "dropped",
        {"event": "dropped", "reason": "Bounced Address", "status": "5.0.0"},
        kind=EventKind.REJECTED,
        detail="Bounced Address",
    ),
    case(
        "open",
        {"event": "open", "sg_machine_open": False, "sg_content_type": "html"} | ACT,
        kind=EventKind.OPENED,
        **ACTED,
    ),
    case(
        "open by Apple's privacy protection",
        {"event": "open", "sg_machine_open": True, "useragent": "Mozilla/5.0", "ip": "2001:DB8::1"},
        kind=EventKind.OPENED,
        user_agent="Mozilla/5.0",
        ip="2001:db8::1",
        is_machine=True,
    ),
    case(
        "open without a user agent",
        {"event": "open", "useragent": "", "ip": "not an ip"},
        kind=EventKind.OPENED,
        user_agent="",
    ),
    case(
        "click of a single send",
        {
            "event": "click",
            "url": "https://example.com/news?utm_source=mail",
            "url_offset": {"index": 0, "type": "html"},
            "singlesend_id": "74fe26a6-1a45-11eb-9a9a-3e8ed3e7a1e6",
            "singlesend_name": "March news",
            "mc_stats": "singlesend",
            "category": "news",
        }
        | ACT,
        kind=EventKind.CLICKED,
        url="https://example.com/news?utm_source=mail",
        campaign_id="74fe26a6-1a45-11eb-9a9a-3e8ed3e7a1e6",
        campaign_name="March news",
        tags=("news",),
        **ACTED,
    ),
    case(
        "click of an automation",
        {"event": "click", "url": "https://example.com/", "mc_auto_id": "auto-1"},
        kind=EventKind.CLICKED,
        url="https://example.com/",
        campaign_id="auto-1",
    ),
    case(
        "open of a legacy campaign",
        {"event": "open", "marketing_campaign_id": 12345, "marketing_campaign_name": "Old"} | ACT,
        kind=EventKind.OPENED,
        campaign_id="12345",
        campaign_name="Old",
        **ACTED,
    ),
    case(
        "open of a legacy newsletter",
        {"event": "open", "newsletter": {"newsletter_id": "1943530", "newsletter_send_id": "2"}},
        kind=EventKind.OPENED,
        campaign_id="1943530",
    ),
    case(
        "open with the campaign in unique arguments",
        {"event": "open", "campaign_id": "spring-26", "campaign_name": "Spring"} | ACT,
        kind=EventKind.OPENED,
        campaign_id="spring-26",
        campaign_name="Spring",
        **ACTED,
    ),
    case("spam report", {"event": "spamreport"}, kind=EventKind.COMPLAINED),
    case(
        "unsubscribe, which has no sg_event_id",
        {"event": "unsubscribe", "sg_event_id": None, "asm_group_id": 10},
        kind=EventKind.UNSUBSCRIBED,
    ),
    case(
        "group unsubscribe",
        {"event": "group_unsubscribe", "asm_group_id": 10, "url": "https://example.com/u"} | ACT,
        kind=EventKind.UNSUBSCRIBED,
        **ACTED,
    ),
    case("group resubscribe", {"event": "group_resubscribe"}, kind=EventKind.RESUBSCRIBED),
    case("event of next year", {"event": "teleported"}, detail="teleported"),
    case(
        "message id of older make",
        {"event": "open", "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0"},
        kind=EventKind.OPENED,
        message_reference="14c5d75ce93.dfd.64b469",
    ),
    case(
        "message id before a receiving server's name",
        {"event": "processed", "sg_message_id": "sendgrid_internal_message_id.recvd-5-1"},
        kind=EventKind.ACCEPTED,
        message_reference="sendgrid_internal_message_id",
    ),
    Case(
        "a batch",
        [BASE | {"event": "delivered"}, BASE | {"event": "open", "email": "bob@other.example"}],
        (
            *one(EVENT, kind=EventKind.DELIVERED),
            *one(EVENT, kind=EventKind.OPENED, address="bob@other.example"),
        ),
    ),
    Case("an empty batch", [], ()),
]
