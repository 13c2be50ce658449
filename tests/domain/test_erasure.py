"""What stands for an erased address, and how one may be written in what was received."""

import json
from urllib.parse import quote_plus

import pytest

from domain.addresses import normalise
from domain.balance import Balance
from domain.erasure import is_pseudonym, pseudonym, tombstone
from domain.events import Actor, EventKind
from domain.forwards import probable_forward, without_names
from domain.needles import needles
from domain.policy import Policy
from tests.domain.facts import at, fact

POLICY = Policy(hash_key=b"k" * 32)
K = EventKind


def test_all_aliases_of_a_mailbox_have_one_tombstone() -> None:
    assert tombstone("ann+news@acme.com", POLICY) == tombstone("ann@acme.com", POLICY)
    assert tombstone("a.n.n@gmail.com", POLICY) == tombstone("ann@googlemail.com", POLICY)
    assert tombstone("bob@acme.com", POLICY) != tombstone("ann@acme.com", POLICY)


def test_a_tombstone_means_nothing_without_the_key() -> None:
    other = Policy(hash_key=b"o" * 32)
    assert tombstone("ann@acme.com", POLICY) != tombstone("ann@acme.com", other)
    assert len(tombstone("ann@acme.com", POLICY)) == 16


def test_each_address_has_a_pseudonym_of_its_own_that_is_no_address() -> None:
    one, other = pseudonym("ann@acme.com", POLICY), pseudonym("ann+news@acme.com", POLICY)
    assert one != other
    assert is_pseudonym(one)
    assert bytes.fromhex(one.removeprefix("erased-")) != tombstone("ann@acme.com", POLICY)


@pytest.mark.parametrize("address", ["erased-1@acme.com", "ann@erased-1.com", "ann@acme.com"])
def test_an_address_is_no_pseudonym(address: str) -> None:
    assert not is_pseudonym(address)


def escaped(raw: bytes) -> str:
    """As PostgreSQL's `lower(encode(…, 'escape'))` writes bytes."""
    return "".join(
        "\\\\" if b == 92 else chr(b) if 0 < b < 128 else f"\\{b:03o}" for b in raw
    ).lower()


@pytest.mark.parametrize("address", ["Ann@acme.com", "ann+a.b@acme.com", "jörg@müller.example"])
@pytest.mark.parametrize(
    "write",
    [
        lambda text: f"To: <{text}>\r\n".encode(),
        lambda text: json.dumps({"email": text}).encode(),
        lambda text: json.dumps({"email": text}, ensure_ascii=False).encode(),
        lambda text: json.dumps({"email": text}).replace("@", "\\u0040").encode(),
        lambda text: b"recipient=" + quote_plus(text).encode(),
        lambda text: f"<a href=3Dhttps://x/?m=3D{text.replace('@', '=40')}>".encode(),
    ],
    ids=["mail", "json", "json in UTF-8", "json escaped", "form", "quoted-printable"],
)
def test_an_address_is_found_however_it_is_written(address: str, write: object) -> None:
    said = escaped(write(address))  # type: ignore[operator]
    assert any(needle in said for needle in needles(normalise(address)))


def test_another_address_is_not_found() -> None:
    said = escaped(b"bob@acme.com, ann@acme.example")
    assert not any(needle in said for needle in needles("ann@acme.com"))


def test_hands_without_names_tell_of_the_same_forward() -> None:
    hands = {"ab12 Firefox": at(1), "cd34 Firefox": at(2), "ef56 Safari": at(3)}
    numbered = without_names(hands)
    assert numbered == {"0 0": at(1), "1 0": at(2), "2 1": at(3)}
    assert probable_forward(numbered, at(1)) == probable_forward(hands, at(1)) == at(3)
    assert without_names(numbered) == numbered


def test_a_balance_without_what_names_somebody_keeps_its_numbers() -> None:
    clicks = [
        fact(K.CLICKED, 1, url="https://x.example/a?who=ann"),
        fact(K.CLICKED, 2, url="https://x.example/a#ann"),
        fact(K.CLICKED, 3, url="https://x.example/b"),
    ]
    opened = fact(K.OPENED, 5, agent_family="Firefox", network_hash=b"12345678")
    bounce = fact(K.BOUNCED, 4, detail="<ann@acme.com> is unknown")
    balance = Balance()
    actors = [Actor.HUMAN, Actor.MACHINE, Actor.HUMAN, None, Actor.HUMAN]
    balance.add([*clicks, bounce, opened], actors)
    assert list(balance.hands) == [f"{b'12345678'.hex()} Firefox"]
    balance.anonymise()
    assert balance.clicks == {
        "https://x.example/a": {"sendgrid": [1, 1]},
        "https://x.example/b": {"sendgrid": [1, 0]},
    }
    assert balance.clicked["https://x.example/a"] == (at(1), at(2))
    assert [r.detail for r in balance.returned] == [None]
    assert balance.hands == {"0 0": at(5)}
    assert "ann" not in json.dumps(balance.dump())
