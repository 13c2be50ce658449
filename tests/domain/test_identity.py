"""One fact, once: what makes two reports the same, and what does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import EventKind, ReportedEvent
from domain.identity import CLOCK_SKEW, KEY_BYTES, clamp, event_key

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADDRESS = "ann@acme.com"


def report(**changes: Any) -> ReportedEvent:
    values: dict[str, Any] = {
        "provider": "sendgrid",
        "kind": EventKind.CLICKED,
        "occurred_at": NOW,
        "address": ADDRESS,
        "message_reference": "m1",
        "url": "https://a.example",
    }
    return ReportedEvent(**(values | changes))


KEY = event_key(report(), ADDRESS)


def test_a_key_has_its_length_and_is_the_same_every_time() -> None:
    assert len(KEY) == KEY_BYTES
    assert event_key(report(), ADDRESS) == KEY


@pytest.mark.parametrize(
    "changes",
    [
        {"provider": "mailgun"},
        {"kind": EventKind.OPENED},
        {"occurred_at": NOW + timedelta(seconds=1)},
        {"occurred_at": NOW + timedelta(microseconds=1)},
        {"message_reference": "m2"},
        {"url": "https://b.example"},
        {"url": None},
        {"provider_event_id": "e1"},
    ],
)
def test_whatever_tells_two_facts_apart_changes_the_key(changes: dict[str, Any]) -> None:
    assert event_key(report(**changes), ADDRESS) != KEY


def test_two_addresses_of_one_notification_are_two_facts() -> None:
    for one in (report(), report(provider_event_id="e1")):
        assert event_key(one, "bob@acme.com") != event_key(one, ADDRESS)


@pytest.mark.parametrize(
    "changes",
    [
        {"user_agent": "other"},
        {"ip": "192.0.2.1"},
        {"detail": "other"},
        {"campaign_id": "known by another report"},
        {"campaign_name": "Spring"},
        {"subject": "News"},
        {"occurred_at": NOW.astimezone().replace(tzinfo=None).astimezone()},
    ],
)
def test_what_a_repetition_may_say_otherwise_does_not(changes: dict[str, Any]) -> None:
    assert event_key(report(**changes), ADDRESS) == KEY


def test_a_stable_id_stands_for_the_fact_whatever_else_a_retry_says() -> None:
    one = report(provider_event_id="e1")
    for again in (
        one._replace(occurred_at=NOW + timedelta(hours=1)),
        one._replace(url="https://b.example", message_reference="m2"),
    ):
        assert event_key(again, ADDRESS) == event_key(one, ADDRESS)
    assert event_key(one._replace(kind=EventKind.OPENED), ADDRESS) != event_key(one, ADDRESS)
    assert event_key(one._replace(provider="mailgun"), ADDRESS) != event_key(one, ADDRESS)


def test_without_a_message_the_campaign_tells_facts_apart() -> None:
    one, other = (report(message_reference=None, campaign_id=c) for c in ("a", "b"))
    assert event_key(one, ADDRESS) != event_key(other, ADDRESS)


def test_an_unusable_address_is_told_apart_as_it_was_reported() -> None:
    one, other = (report(address=a) for a in ("not an address", "nor this"))
    assert event_key(one, None) != event_key(other, None)


@given(st.text(), st.text(), st.text())
def test_any_text_has_a_key(address: str, url: str, reference: str) -> None:
    event = report(address=address, url=url, message_reference=reference)
    assert len(event_key(event, None)) == KEY_BYTES


@pytest.mark.parametrize(
    ("ahead", "is_clamped"),
    [
        (timedelta(days=-900), False),
        (timedelta(0), False),
        (CLOCK_SKEW, False),
        (CLOCK_SKEW + timedelta(microseconds=1), True),
        (timedelta(days=365), True),
    ],
)
def test_only_a_time_well_in_the_future_is_clamped(ahead: timedelta, is_clamped: bool) -> None:
    assert clamp(NOW + ahead, NOW) == (NOW if is_clamped else NOW + ahead)
