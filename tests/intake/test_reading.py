"""Loosely typed values: what is made of each, and what of values that are none."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from domain.events import BounceClass
from intake import reading

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1772366400, NOON),
        (1772366400.0, NOON),
        ("1772366400", NOON),
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01T13:00:00+01:00", NOON),
        (" 2026-03-01 12:00:00 ", NOON),
        (NOON.astimezone(timezone(timedelta(hours=5))), NOON),
        (NOON.replace(tzinfo=None), NOON),
        (None, None),
        ("", None),
    ],
)
def test_times_of_every_spelling_become_utc(value: Any, expected: datetime | None) -> None:
    assert reading.instant(value) == expected


@pytest.mark.parametrize(
    "value", [True, [], {}, "soon", 1e300, float("inf"), float("nan"), "1e400", -(10**18)]
)
def test_what_is_no_time_raises_value_error(value: Any) -> None:
    with pytest.raises(ValueError, match=r"time|NaN|year"):
        reading.instant(value)


def test_a_time_beyond_the_calendar_raises_value_error() -> None:
    with pytest.raises(ValueError, match="beyond the calendar"):
        reading.instant("0001-01-01T00:00:00+14:00")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("203.0.113.700", None),
        ("fe80::1%eth0", None),
        ("1.2.3.4\0", None),
        ("localhost", None),
        ("", None),
        (7, None),
        (None, None),
    ],
)
def test_addresses_of_the_internet_are_checked_and_canonical(
    value: Any, expected: str | None
) -> None:
    assert reading.ip(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ada@customer.example", "ada@customer.example"),
        ("Ada <ada@customer.example>", "ada@customer.example"),
        ('"Lovelace, Ada" <ada@customer.example>', "ada@customer.example"),
        ("", None),
        ("<>", None),
        ("ada@customer.example (Ada <3)", "ada@customer.example"),
        ([], None),
    ],
)
def test_the_address_is_found_beside_its_name(value: Any, expected: str | None) -> None:
    assert reading.address(value) == expected


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        (("550 5.1.1 no such user",), BounceClass.HARD),
        (("smtp; 452 4.2.2 full",), BounceClass.SOFT),
        (("5.1.1",), BounceClass.HARD),
        ((421,), BounceClass.SOFT),
        ((None, "", "554"), BounceClass.HARD),
        (("250 2.0.0 OK",), None),
        (("connection to 5.6.7.8 refused",), None),
        (("no reply",), None),
        ((), None),
    ],
)
def test_status_class_5_is_hard_and_4_soft(
    replies: tuple[Any, ...], expected: BounceClass | None
) -> None:
    assert reading.bounce_class(*replies) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", "x"),
        (" x ", "x"),
        ("", None),
        (7, "7"),
        (True, None),
        (None, None),
        ({}, None),
        ("x" * 2_000, "x" * 1_000),
    ],
)
def test_text_is_short_and_not_empty(value: Any, expected: str | None) -> None:
    assert reading.text(value) == expected


@pytest.mark.parametrize(("value", "expected"), [("A", "A"), ("", ""), (None, None), (7, None)])
def test_an_empty_user_agent_is_not_the_same_as_none(value: Any, expected: str | None) -> None:
    assert reading.agent(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", ("a",)),
        (["a", "b", "a", "", None, 7], ("a", "b", "7")),
        (None, ()),
        ({"a": 1}, ()),
    ],
)
def test_tags_are_words_without_repeats(value: Any, expected: tuple[str, ...]) -> None:
    assert reading.words(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("<a@b>", "a@b"), ("a@b", "a@b"), (" <a> ", "a"), ("<>", None), (12, "12"), (None, None)],
)
def test_a_reference_stands_without_its_brackets(value: Any, expected: str | None) -> None:
    assert reading.reference(value) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"NaN", b"[1e999"])
def test_what_is_no_json_raises_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"line 1|utf-8|too deeply"):
        reading.read_json(body)
