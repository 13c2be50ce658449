"""Addresses: one spelling for one mailbox, its aliases, its domain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.addresses import MAX_LENGTH, alias_key, domain_of, normalise, normalise_or_none
from domain.errors import DomainError
from domain.registrable import is_freemail, is_public_suffix


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("ann@acme.com", "ann@acme.com"),
        ("  Ann@ACME.Com ", "ann@acme.com"),
        ("Ann Lee <ann@acme.com>", "ann@acme.com"),
        ('"Lee, Ann" <ann@acme.com>', "ann@acme.com"),
        ("ann@acme.com.", "ann@acme.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
        ("Zoe\u0308@acme.com", "zo\u00eb@acme.com"),
        ("a.b+c_d-e@mail.acme.co.uk", "a.b+c_d-e@mail.acme.co.uk"),
        ("o'neil@acme.com", "o'neil@acme.com"),
    ],
)
def test_spellings_of_one_mailbox_are_one(given_: str, expected: str) -> None:
    assert normalise(given_) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        "", "ann", "@acme.com", "ann@", "ann@acme", "ann@@acme.com", "a b@acme.com",
        "ann@acme..com", "ann@-acme.com", "ann@acme.com, bob@acme.com", "ann@[192.0.2.1]",
        "ann\x00@acme.com", "ann\n@acme.com", "ann@acme.c", "x" * 65 + "@acme.com",
        "ann@" + "a" * 64 + ".com", "\ud83d@acme.com\ud83d",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(DomainError, match="is not an email address: give it as name@domain"):
        normalise(wrong)
    assert normalise_or_none(wrong) is None


def test_a_refusal_shows_no_more_than_a_line() -> None:
    with pytest.raises(DomainError) as refused:
        normalise("x" * 10_000)
    assert len(refused.value.message) < 150


@given(st.text() | st.emails() | st.builds("{}@{}".format, st.text(), st.text()))
def test_any_text_is_an_address_or_none_and_normalising_ends(text: str) -> None:
    found = normalise_or_none(text)
    if found is not None:
        assert normalise(found) == found
        assert len(found) <= MAX_LENGTH
        assert "@" in alias_key(found)
        assert domain_of(found)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("ann@acme.com", "ann@acme.com"),
        ("ann+news@acme.com", "ann@acme.com"),
        ("ann+a+b@acme.com", "ann@acme.com"),
        ("a.nn@acme.com", "a.nn@acme.com"),
        ("a.n.n+x@gmail.com", "ann@gmail.com"),
        ("a.nn@googlemail.com", "ann@gmail.com"),
        ("+news@acme.com", "+news@acme.com"),
        (".@gmail.com", ".@gmail.com"),
    ],
)
def test_aliases_share_a_key(address: str, key: str) -> None:
    assert alias_key(address) == key


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ann@acme.com", "acme.com"),
        ("ann@mail.eu.acme.co.uk", "acme.co.uk"),
        ("ann@acme.co.uk", "acme.co.uk"),
        ("ann@shop.github.io", "shop.github.io"),
        ("ann@co.uk", "co.uk"),
    ],
)
def test_the_registrable_domain_stands_under_the_public_suffix(address: str, domain: str) -> None:
    assert domain_of(address) == domain


def test_lists_tell_free_mail_and_public_suffixes() -> None:
    assert is_freemail("gmail.com")
    assert not is_freemail("acme.com")
    assert is_public_suffix("co.uk")
    assert not is_public_suffix("acme.co.uk")
