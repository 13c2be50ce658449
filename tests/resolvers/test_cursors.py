"""Cursors of pages."""

from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from domain.errors import DomainError
from resolvers import cursors
from store import customers, events
from store.paging import Page


def raw(*values: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(values)).decode()


def test_a_cursor_names_its_rows_place_to_the_microsecond() -> None:
    at = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
    row = events.EventRow(
        date(2026, 11, 22), bytes(16), 1, "p", "OPENED", at, at, None, None, None, []
    )

    cursor = cursors.encode(events.NEWEST, row)

    assert cursors.decode(events.NEWEST, cursor) == (at, date(2026, 11, 22), bytes(16))
    assert "=" not in cursor


def test_a_page_has_twenty_rows_unless_told_otherwise() -> None:
    order = customers.ORDERS["NAME"]

    assert cursors.page(order, None, None) == Page(20)
    assert cursors.page(order, 0, None) == Page(0)
    assert cursors.page(order, 100, raw("NAME", "Acme", 7)) == Page(100, ("Acme", 7))


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "é", raw(), raw("NAME"), raw("NAME", "a"), raw("NAME", 1, 1),
        raw("NAME", "a", "1"), raw("NAME", "a", True), raw("NAME", "a", 1.5), raw("NAME", None, 1),
        raw("NAME_DESC", "a", 1), raw("NAME", "a\0", 1), "W" * 10_000,
        urlsafe_b64encode(b'["NAME","a",' + b"9" * 30 + b"]").decode(),
        urlsafe_b64encode(b"7").decode(), urlsafe_b64encode(b"{}").decode(),
    ],
)  # fmt: skip
def test_what_is_no_cursor_of_the_order_is_refused(cursor: str) -> None:
    with pytest.raises(DomainError) as refused:
        cursors.page(customers.ORDERS["NAME"], 1, cursor)

    assert (refused.value.code, refused.value.field) == ("INVALID_CURSOR", ("after",))


@pytest.mark.parametrize(
    "values",
    [
        ("2026-11-22T12:00:00", "2026-11-22", "00" * 16),
        ("noon", "2026-11-22", "00" * 16),
        ("9999-12-31T23:59:59-14:00", "2026-11-22", "00" * 16),
        ("2026-11-22T12:00:00Z", "2026-11-32", "00" * 16),
        ("2026-11-22T12:00:00Z", "2026-11-22", "zz"),
        ("2026-11-22T12:00:00Z", 7, "00"),
    ],
)
def test_a_place_in_time_that_cannot_be_is_refused(values: tuple[Any, ...]) -> None:
    with pytest.raises(DomainError):
        cursors.decode(events.NEWEST, raw("NEWEST", *values))
