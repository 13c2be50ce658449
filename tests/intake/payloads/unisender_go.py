"""https://godocs.unisender.ru/web-api-ref#callback-format"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

FACT: dict[str, Any] = {
    "job_id": "1a3Q2V-0000OZ-S0",
    "metadata": {"campaign_id": "spring-26"},
    "email": "ada@customer.example",
    "event_time": "2026-03-01 10:00:05",
}
EVENT = ReportedEvent(
    provider="unisender-go",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    message_reference="1a3Q2V-0000OZ-S0",
    campaign_id="spring-26",
)
ACT = {"delivery_info": {"user_agent": AGENT, "ip": "203.0.113.7"}}
ACTED = {"ip": "203.0.113.7", "user_agent": AGENT}


def raw(status: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
    fact = FACT | {"status": status} | (more or {})
    return {"event_name": "transactional_email_status", "event_data": fact}


def batch(*events: dict[str, Any]) -> dict[str, Any]:
    user = {"user_id": 456, "project_id": "6432890213745872", "events": list(events)}
    return {"auth": "", "events_by_user": [user]}


def case(status: str, more: dict[str, Any], **expected: Any) -> Case:
    return Case(status, batch(raw(status, more)), one(EVENT, **expected))


def delivery(status: str, response: str) -> dict[str, Any]:
    return {"delivery_info": {"delivery_status": status, "destination_response": response}}


CASES = [
    case("sent", {}, kind=EventKind.ACCEPTED),
    case(
        "delivered", delivery("ok_delivered", "250 OK"), kind=EventKind.DELIVERED, detail="250 OK"
    ),
    case("opened", ACT, kind=EventKind.OPENED, **ACTED),
    case(
        "clicked",
        ACT | {"url": "https://example.com/news"},
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACTED,
    ),
    case("unsubscribed", {"comment": "too many"}, kind=EventKind.UNSUBSCRIBED, detail="too many"),
    case("spam", {}, kind=EventKind.COMPLAINED),
    case(
        "soft_bounced",
        delivery("err_will_retry", "451 later"),
        kind=EventKind.DEFERRED,
        detail="451 later",
    ),
    case(
        "soft_bounced",
        delivery("err_mailbox_full", "452 full"),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="452 full",
    ),
    case(
        "hard_bounced",
        delivery("err_user_unknown", ""),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="err_user_unknown",
    ),
    case("subscribed", {}, kind=EventKind.RESUBSCRIBED),
    case("teleported", {}, detail="teleported"),
    Case(
        "a domain is blocked",
        batch(
            {
                "event_name": "transactional_spam_block",
                "event_data": {
                    "block_time": "2026-03-01 10:00:05",
                    "block_type": "one_smtp",
                    "domain": "customer.example",
                    "SMTP_blocks_count": 8,
                    "domain_status": "blocked",
                },
            }
        ),
        one(
            ReportedEvent(
                provider="unisender-go",
                kind=EventKind.UNKNOWN,
                occurred_at=at("2026-03-01 10:00:05"),
                detail="transactional_spam_block",
            )
        ),
    ),
    Case(
        "a single event",
        FACT | {"auth": "", "event_name": "transactional_email_status", "status": "opened"},
        one(EVENT, kind=EventKind.OPENED),
    ),
    Case(
        "a batch",
        batch(raw("sent"), raw("opened")),
        (*one(EVENT, kind=EventKind.ACCEPTED), *one(EVENT, kind=EventKind.OPENED)),
    ),
]
