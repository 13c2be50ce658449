"""https://mailchimp.com/developer/transactional/docs/webhooks/"""

from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from tests.intake.cases import AGENT, Case, at, one

MESSAGE: dict[str, Any] = {
    "_id": "7fc9f2a7b1c04a5d8f1e",
    "ts": 1772359200,
    "email": "ada@customer.example",
    "sender": "news@sender.example",
    "subject": "Our news",
    "tags": ["announcement"],
    "metadata": {"campaign_id": "spring-26"},
    "opens": [],
    "clicks": [],
    "state": "sent",
}
EVENT = ReportedEvent(
    provider="mandrill",
    kind=EventKind.UNKNOWN,
    occurred_at=at("2026-03-01 10:00:05"),
    address="ada@customer.example",
    message_reference="7fc9f2a7b1c04a5d8f1e",
    campaign_id="spring-26",
    tags=("announcement",),
    subject="Our news",
    sender="news@sender.example",
    sent_at=at("2026-03-01 10:00:00"),
)
ACT: dict[str, Any] = {
    "ip": "203.0.113.7",
    "user_agent": AGENT,
    "user_agent_parsed": {"type": "Browser", "mobile": False},
    "location": {"country_short": "US"},
}
ACTED = {"ip": "203.0.113.7", "user_agent": AGENT}


def raw(event: str, message: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    base = {"event": event, "_id": MESSAGE["_id"], "ts": 1772359205}
    return base | {"msg": MESSAGE | (message or {})} | more


def case(event: str, body: dict[str, Any], **expected: Any) -> Case:
    return Case(event, [body], one(EVENT, **expected))


CASES = [
    case("send", raw("send"), kind=EventKind.ACCEPTED),
    case(
        "deferral",
        raw("deferral", {"state": "deferred", "diag": "451 4.3.5 try again later"}),
        kind=EventKind.DEFERRED,
        detail="451 4.3.5 try again later",
    ),
    case("delivered", raw("delivered"), kind=EventKind.DELIVERED),
    case(
        "hard bounce",
        raw(
            "hard_bounce",
            {"state": "bounced", "bounce_description": "bad_mailbox", "diag": "smtp;550 5.1.1 no"},
        ),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.HARD,
        detail="smtp;550 5.1.1 no",
    ),
    case(
        "soft bounce",
        raw("soft_bounce", {"state": "soft-bounced", "bounce_description": "mailbox_full"}),
        kind=EventKind.BOUNCED,
        bounce=BounceClass.SOFT,
        detail="mailbox_full",
    ),
    case(
        "reject",
        raw("reject", {"state": "rejected"}, reject={"reason": "hard-bounce", "last_event_at": ""}),
        kind=EventKind.REJECTED,
        detail="hard-bounce",
    ),
    case("open", raw("open", **ACT), kind=EventKind.OPENED, **ACTED),
    case(
        "click",
        raw("click", url="https://example.com/news", **ACT),
        kind=EventKind.CLICKED,
        url="https://example.com/news",
        **ACTED,
    ),
    case("spam", raw("spam"), kind=EventKind.COMPLAINED),
    case("unsubscribe", raw("unsub"), kind=EventKind.UNSUBSCRIBED),
    case("event of next year", raw("teleport"), detail="teleport"),
    Case(
        "a suppression list changed",
        [
            {
                "type": "blacklist",
                "action": "add",
                "reject": {"email": "bob@other.example", "reason": "hard-bounce"},
                "ts": 1772359205,
            }
        ],
        one(
            ReportedEvent(
                provider="mandrill",
                kind=EventKind.UNKNOWN,
                occurred_at=at("2026-03-01 10:00:05"),
                address="bob@other.example",
                detail="blacklist",
            )
        ),
    ),
    Case(
        "a batch",
        [raw("send"), raw("open")],
        (*one(EVENT, kind=EventKind.ACCEPTED), *one(EVENT, kind=EventKind.OPENED)),
    ),
    Case("the empty batch that tries a new webhook", [], ()),
]
