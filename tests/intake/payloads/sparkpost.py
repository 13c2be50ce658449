"""https://developers.sparkpost.com/api/webhooks/"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

BASE: dict[str, Any] = {
    "event_id": "92356927693813856",
    "timestamp": "1772359205",
    "transmission_id": "65832150921904138",
    "message_id": "000443ee14578172be22",
    "rcpt_to": "ada@customer.example",
    "raw_rcpt_to": "Ada@customer.example",
    "rcpt_meta": {"colour": "red"},
    "rcpt_tags": ["vip"],
    "campaign_id": "March news",
    "subject": "Our news",
    "friendly_from": "news@sender.example",
    "msg_from": "bounces@sender.example",
    "injection_time": "2026-03-01T10:00:00.000Z",
}
EVENT = ReportedEvent(
    provider="sparkpost",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="Ada@customer.example",
    provider_event_id="92356927693813856",
    message_reference="65832150921904138",
    campaign_id="March news",
    campaign_name="March news",
    tags=("vip",),
    subject="Our news",
    sender="news@sender.example",
    sent_at=at("2026-03-01 10:00:00"),
)
ACT = {
    "ip_address": "203.0.113.7",
    "user_agent": AGENT,
    "user_agent_parsed": {"agent_family": "Chrome", "is_proxy": False, "is_prefetched": False},
}
ACTED = {"ip": "203.0.113.7", "user_agent": AGENT}
CLICK = {"target_link_url": "https://example.com/news", "target_link_name": "News"}


def raw(class_: str, type_: str, more: dict[str, Any]) -> dict[str, Any]:
    return {"msys": {class_: BASE | {"type": type_} | more}}


def case(class_: str, type_: str, more: dict[str, Any], **expected: Any) -> Case:
    return Case(f"{class_} {type_} {more}"[:60], [raw(class_, type_, more)], one(EVENT, **expected))


def bounce(class_: str, kind: EventKind, bounce_: BounceClass | None) -> Case:
    more = {"bounce_class": class_, "raw_reason": "the server said no", "reason": "no"}
    return case(
        "message_event", "bounce", more, kind=kind, bounce=bounce_, detail="the server said no"
    )


CASES = [
    case("message_event", "injection", {}, kind=EventKind.ACCEPTED),
    case("message_event", "delivery", {"ip_address": "198.51.100.9"}, kind=EventKind.DELIVERED),
    case(
        "message_event",
        "delay",
        {"bounce_class": "21", "raw_reason": "454 4.4.4 [internal] no MX", "error_code": "454"},
        kind=EventKind.DEFERRED,
        detail="454 4.4.4 [internal] no MX",
    ),
    *(bounce(code, EventKind.BOUNCED, BounceClass.HARD) for code in ("10", "30")),
    *(
        bounce(code, EventKind.BOUNCED, BounceClass.SOFT)
        for code in ("20", "21", "22", "23", "24", "40", "50", "51", "52", "53", "54", "70")
    ),
    bounce("1", EventKind.BOUNCED, None),
    bounce("25", EventKind.REJECTED, None),
    bounce("60", EventKind.AUTO_REPLIED, None),
    bounce("100", EventKind.AUTO_REPLIED, None),
    bounce("90", EventKind.UNSUBSCRIBED, None),
    case(
        "message_event",
        "bounce",
        {"bounce_class": "80", "raw_reason": "subscribe"},
        detail="bounce",
    ),
    case(
        "message_event",
        "bounce",
        {"bounce_class": "1", "raw_reason": "550 5.1.1 unknown", "error_code": "550"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="550 5.1.1 unknown",
    ),
    case(
        "message_event",
        "out_of_band",
        {"bounce_class": "10", "raw_reason": "550 5.1.1 unknown"},
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="550 5.1.1 unknown",
    ),
    case(
        "message_event",
        "policy_rejection",
        {"raw_reason": "550 5.7.1 suppressed", "bounce_class": "25"},
        kind=EventKind.REJECTED,
        detail="550 5.7.1 suppressed",
    ),
    case(
        "message_event",
        "spam_complaint",
        {"fbtype": "abuse", "report_by": "server.email"},
        kind=EventKind.COMPLAINED,
        detail="abuse",
    ),
    case(
        "gen_event",
        "generation_failure",
        {"raw_reason": "missing substitution", "error_code": "554"},
        kind=EventKind.REJECTED,
        detail="missing substitution",
    ),
    case(
        "gen_event",
        "generation_rejection",
        {"reason": "550 5.7.1 recipient address suppressed"},
        kind=EventKind.REJECTED,
        detail="550 5.7.1 recipient address suppressed",
    ),
    case("track_event", "open", ACT, kind=EventKind.OPENED, **ACTED),
    case("track_event", "amp_open", ACT, kind=EventKind.OPENED, **ACTED),
    case(
        "track_event",
        "open",
        ACT | {"user_agent_parsed": {"is_proxy": True, "is_prefetched": True}},
        kind=EventKind.OPENED,
        is_machine=True,
        **ACTED,
    ),
    case(
        "track_event",
        "open",
        ACT | {"user_agent_parsed": {"is_proxy": True, "is_prefetched": False}},
        kind=EventKind.OPENED,
        **ACTED,
    ),
    case("track_event", "initial_open", ACT, detail="initial_open"),
    case("track_event", "amp_initial_open", ACT, detail="amp_initial_open"),
    case(
        "track_event",
        "click",
        ACT | CLICK,
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACTED,
    ),
    case(
        "track_event",
        "amp_click",
        ACT | CLICK,
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACTED,
    ),
    case("unsubscribe_event", "list_unsubscribe", {}, kind=EventKind.UNSUBSCRIBED),
    case(
        "unsubscribe_event",
        "link_unsubscribe",
        ACT | CLICK,
        kind=EventKind.UNSUBSCRIBED,
        **ACTED,
    ),
    case("message_event", "teleportation", {}, detail="teleportation"),
    Case(
        "a class without a type, a recipient or a campaign",
        [{"msys": {"ab_test_event": {"event_id": "7", "timestamp": "1772359205"}}}],
        one(
            ReportedEvent(
                provider="sparkpost",
                kind=EventKind.UNKNOWN,
                occurred_at=at("2026-03-01 10:00:05"),
                provider_event_id="7",
                detail="ab_test_event",
            )
        ),
    ),
    Case("the empty batch that tries a new webhook", [{"msys": {}}], ()),
    Case(
        "a batch",
        [raw("track_event", "open", {}), {"msys": {}}, raw("message_event", "delivery", {})],
        (*one(EVENT, kind=EventKind.OPENED), *one(EVENT, kind=EventKind.DELIVERED)),
    ),
]
