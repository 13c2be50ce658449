"""A state of engagement becomes events, the same ones whenever it is told again."""

from hashlib import sha256
from typing import Any

import pytest

from domain.errors import DomainError
from domain.identity import event_key
from domain.prd import MAX_OPENS, reports_of_state
from domain.reports import Report, reported_event

SPRING = sha256(b"spring").hexdigest()[:16]
SENT, OPENED = "2026-11-20T08:00:00Z", "2026-11-20T10:00:00Z"

ALL = {
    "delivered": True,
    "openCount": 2,
    "clickedLinks": ["https://x.example"],
    "replied": True,
    "unsubscribed": True,
    "bounced": True,
}


def state(email: object = "a@acme.example", **engagement: Any) -> dict[str, Any]:
    return {"customerId": "acme", "stakeholderId": None, "email": email, "engagement": engagement}


def bulk(*states: object, **fields: Any) -> dict[str, Any]:
    return {
        "id": "x",
        "campaignId": "spring",
        "campaignName": "Spring",
        "campaignType": "product-update",
        "sentAt": SENT,
        "customerEngagements": list(states),
    } | fields


def told(body: dict[str, Any]) -> list[tuple[str, str, str, str | None]]:
    """Kind, id, time and link of each event."""
    found = []
    for report in reports_of_state(body):
        assert isinstance(report, Report), report
        event = reported_event(report)
        at = event.occurred_at.isoformat().replace("+00:00", "Z")
        told_by = str(event.provider_event_id).replace(SPRING, "CAMPAIGN")
        found.append((event.kind.value, told_by, at, event.url))
    return found


@pytest.mark.parametrize(
    ("engagement", "events"),
    [
        ({}, []),
        ({"delivered": True}, [("DELIVERED", "state:CAMPAIGN:delivered", SENT, None)]),
        ({"opened": True, "openedAt": OPENED}, [("OPENED", "state:CAMPAIGN:open:1", OPENED, None)]),
        (
            {"opened": True, "openCount": 2, "openedAt": OPENED},
            [
                ("OPENED", "state:CAMPAIGN:open:1", OPENED, None),
                ("OPENED", "state:CAMPAIGN:open:2", OPENED, None),
            ],
        ),
        ({"openCount": 1}, [("OPENED", "state:CAMPAIGN:open:1", SENT, None)]),
        (
            {"clicked": True, "clickedLinks": ["https://x.example/b", "https://x.example/b"]},
            [("CLICKED", "state:CAMPAIGN:click:16ea55bac7731234", SENT, "https://x.example/b")],
        ),
        ({"clicked": True, "clickedLinks": []}, [("CLICKED", "state:CAMPAIGN:click", SENT, None)]),
        ({"replied": True}, [("REPLIED", "state:CAMPAIGN:reply", SENT, None)]),
        ({"unsubscribed": True}, [("UNSUBSCRIBED", "state:CAMPAIGN:unsubscribe", SENT, None)]),
        ({"bounced": True, "openedAt": OPENED}, [("BOUNCED", "state:CAMPAIGN:bounce", SENT, None)]),
        ({"opened": False, "clicked": None, "openCount": 0}, []),
    ],
)
def test_each_member_of_the_state_becomes_its_events(
    engagement: dict[str, Any], events: list[tuple[str, str, str, str | None]]
) -> None:
    assert told(bulk(state(**engagement))) == events


def test_the_same_state_told_again_is_the_same_events() -> None:
    body = bulk(state(delivered=True, opened=True, openCount=3, clickedLinks=["https://x.example"]))

    assert reports_of_state(body) == reports_of_state(body)


def test_the_same_act_on_another_campaign_is_another_fact() -> None:
    one, other = (
        {
            event_key(reported_event(report), "a@acme.example")
            for report in reports_of_state(bulk(state(**ALL), campaignId=campaign))
            if isinstance(report, Report)
        }
        for campaign in ("spring", "summer")
    )

    assert len(one) == len(other) == 7
    assert one.isdisjoint(other)


def test_a_runaway_count_of_opens_is_cut() -> None:
    assert len(told(bulk(state(openCount=10**9)))) == MAX_OPENS


def test_the_campaign_is_told_with_every_event() -> None:
    (report,) = reports_of_state(bulk(state(delivered=True)))

    assert isinstance(report, Report)
    assert (report.provider, report.campaign_id, report.campaign_name, report.campaign_type) == (
        "api",
        "spring",
        "Spring",
        "PRODUCT_UPDATE",
    )


def test_one_recipient_may_be_told_alone_with_their_campaign() -> None:
    body = {"campaignId": "spring", "sentAt": SENT, **state(replied=True)}

    assert told(body) == [("REPLIED", "state:CAMPAIGN:reply", SENT, None)]


def test_what_is_wrong_with_one_recipient_costs_only_that_one() -> None:
    items = reports_of_state(
        bulk(
            state("not an address", delivered=True),
            7,
            state(delivered="yes"),
            state(openCount=-1),
            state(clickedLinks="https://x.example"),
            state(opened=True, openedAt="noon"),
            {"email": "a@acme.example"},
            state(delivered=True),
        )
    )

    errors = [(e.field, e.code) for e in items if isinstance(e, DomainError)]
    assert errors == [
        (("customerEngagements", "0", "email"), "INVALID_ADDRESS"),
        (("customerEngagements", "1"), "INVALID_TYPE"),
        (("customerEngagements", "2", "engagement", "delivered"), "INVALID_TYPE"),
        (("customerEngagements", "3", "engagement", "openCount"), "INVALID_TYPE"),
        (("customerEngagements", "4", "engagement", "clickedLinks"), "INVALID_TYPE"),
        (("customerEngagements", "5", "engagement", "openedAt"), "INVALID_TIME"),
        (("customerEngagements", "6", "engagement"), "MISSING"),
    ]
    assert isinstance(items[7], Report)


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"campaignId": None}, ("campaignId",), "MISSING"),
        ({"campaignId": 7}, ("campaignId",), "INVALID_TYPE"),
        ({"campaignType": "spam"}, ("campaignType",), "INVALID_TYPE"),
        ({"sentAt": "noon"}, ("sentAt",), "INVALID_TIME"),
        ({"sentAt": None}, ("sentAt",), "MISSING"),
        ({"provider": ""}, ("provider",), "MISSING"),
        ({"customerEngagements": {}}, ("customerEngagements",), "INVALID_TYPE"),
        ({"customerEngagements": [{}] * 1001}, ("customerEngagements",), "TOO_MANY"),
    ],
)
def test_what_is_wrong_with_the_campaign_refuses_the_whole(
    fields: dict[str, Any], field: tuple[str, ...], code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        reports_of_state(bulk(state(delivered=True)) | fields)

    assert (refused.value.field, refused.value.code) == (field, code)
