"""Node ids: opaque, canonical, refused with a reason."""

from datetime import date

import pytest

from domain.errors import DomainError
from schema import ids


def test_an_id_tells_its_type_and_key() -> None:
    assert ids.decode(ids.encode("Customer", 12)) == ("Customer", "12")
    assert ids.number(ids.encode("Customer", 12), "Customer") == 12


def test_an_events_id_carries_its_day() -> None:
    key = bytes(range(16))
    name, found = ids.decode(ids.encode_event(date(2026, 11, 22), key))

    assert (name, ids.event_key(found)) == ("Event", (date(2026, 11, 22), key))


def test_a_payloads_id_carries_its_day() -> None:
    name, found = ids.decode(ids.encode_payload(date(2026, 11, 22), 5))

    assert (name, ids.payload_key(found)) == ("Payload", (date(2026, 11, 22), 5))


@pytest.mark.parametrize(
    "wrong",
    ["", "x", "é", "\ud800", "=", "Q3VzdG9tZXI6", "OjE", "Q3VzdG9tZXI6MQ==x", "A" * 10_000],
)
def test_what_is_no_id_is_refused(wrong: str) -> None:
    with pytest.raises(DomainError) as refused:
        ids.decode(wrong)

    assert refused.value.code == "INVALID_ID"
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("key", ["0", "-1", "01x", "9" * 19, "9" * 400, "١", "1.0"])
def test_a_key_that_no_table_can_hold_is_refused(key: str) -> None:
    with pytest.raises(DomainError):
        ids.number(ids.encode("Customer", key) if key.isascii() else key, "Customer")


def test_an_id_of_another_type_is_refused_by_name() -> None:
    with pytest.raises(DomainError) as refused:
        ids.number(ids.encode("Campaign", 1), "Customer")

    assert "is not the id of a Customer; it is that of a Campaign" in refused.value.message


@pytest.mark.parametrize("key", ["2026-11-22:00", "2026-13-01:" + "0" * 32, "x", "2026-11-22"])
def test_an_events_key_that_can_be_none_finds_none(key: str) -> None:
    assert ids.event_key(key) is None
