"""Subjects of a mail merge: the reader's name is taken out, nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.salutations import without_any_name, without_name, without_person


@pytest.mark.parametrize(
    ("subject", "address", "expected"),
    [
        ("Anna, our new prices", "Anna Schmidt <a.s@acme.com>", "…, our new prices"),
        ("Hi Anna! Spring news", "anna.schmidt@acme.com", "Hi …! Spring news"),
        ("Sehr geehrte Frau Schmidt, Neues", "anna.schmidt@acme.de",
         "Sehr geehrte Frau …, Neues"),
        ("Anna Schmidt: your invitation", "anna_schmidt@acme.com", "…: your invitation"),
        ("A question, Anna?", "anna@acme.com", "A question, …?"),
        ("A seat for Anna", "Anna <x1@acme.com>", "A seat for …"),
        ("Sales update", "sales@acme.com", "Sales update"),
        ("News for sales people", "sales@acme.com", "News for sales people"),
        ("Anna, our new prices", "bob@acme.com", "Anna, our new prices"),
        ("Anna, our new prices", None, "Anna, our new prices"),
        ("", "anna@acme.com", ""),
    ],
)  # fmt: skip
def test_the_recipients_own_name_is_taken_out_where_they_are_spoken_to(
    subject: str, address: str | None, expected: str
) -> None:
    assert without_name(subject, address) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Ann, our new prices", "…, our new prices"),
        ("Good news, Ann, at last", "Good news, …, at last"),
        ("A seat for Ann", "A seat for …"),
        ("What Ann  Zuckerbrot thinks", "What … thinks"),
        ("ANN ZUCKERBROT: your invitation", "…: your invitation"),
        ("Ann's handbook", "Ann's handbook"),
        ("Annual report", "Annual report"),
        ("Azu, our new prices", "…, our new prices"),
        ("Bob, our new prices", "Bob, our new prices"),
    ],
)
def test_a_person_who_is_erased_is_neither_spoken_to_nor_named(subject: str, expected: str) -> None:
    assert without_person(subject, ["Ann Zuckerbrot"], ["azu@acme.com"]) == expected
    assert without_person(subject, [], []) == subject


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Anna, our new prices", "…, our new prices"),
        ("dear anna, our new prices", "dear …, our new prices"),
        ("…, our new prices", "…, our new prices"),
        ("Update: our new prices", "Update: our new prices"),
        ("our prices, your choice", "our prices, your choice"),
    ],
)
def test_for_comparing_any_name_at_the_beginning_is_taken_out(subject: str, expected: str) -> None:
    assert without_any_name(subject) == expected


@given(st.text(max_size=600), st.text(max_size=80))
def test_any_subject_is_read(subject: str, address: str) -> None:
    once = without_name(subject, address)
    assert without_name(once, address) == once
    without_any_name(subject)


@pytest.mark.parametrize("piece", ["for dr ", ", ", "a.", "Anna ", "… ", "dear dear "])
def test_long_subjects_take_no_time(piece: str) -> None:
    subject = piece * 20_000
    began = time.process_time()
    without_name(subject[:500], "anna@acme.com")
    without_person(subject[:500], ["Anna A Dr"], ["anna@acme.com"])
    without_any_name(subject)
    assert time.process_time() - began < 0.2
