"""A probable forward: another program in another network, after the first human open."""

from typing import Any

import orjson
import pytest

from domain.balance import Balance
from domain.engagement import Fact, fold
from domain.events import Actor, EventKind
from tests.domain.facts import SCANNER, at, fact, folded

K = EventKind


def act(minute: float, family: str | None, network: bytes | None, **changes: Any) -> Fact:
    kind = changes.pop("kind", K.OPENED)
    return fact(kind, minute, agent_family=family, network_hash=network, **changes)


FIRST = act(0, "Outlook, Windows", b"\x01")


def test_another_program_in_another_network_is_a_probable_forward() -> None:
    e = folded(FIRST, act(60, "Chrome, Mac OS X", b"\x02"), act(90, "Firefox, Linux", b"\x03"))
    assert e.forward_probable_at == at(60)
    assert e.forwarded_at is None


def test_a_click_tells_as_an_open_does() -> None:
    e = folded(FIRST, act(60, "Chrome, Mac OS X", b"\x02", kind=K.CLICKED))
    assert e.forward_probable_at == at(60)


@pytest.mark.parametrize(
    "later",
    [
        act(60, "Outlook, Windows", b"\x02"),
        act(60, "Chrome, Mac OS X", b"\x01"),
        act(60, "Chrome, Mac OS X", None),
        act(60, None, b"\x02"),
        act(60, "GmailImageProxy, Windows", b"\x02"),
        act(60, "YahooMailProxy", b"\x02"),
        act(60, "Chrome, Mac OS X", b"\x02", user_agent=SCANNER),
        act(60, "Chrome, Mac OS X", b"\x02", kind=K.DELIVERED),
    ],
)
def test_neither_alone_nor_a_proxy_nor_a_machine_tells_of_a_forward(later: Fact) -> None:
    assert folded(FIRST, later).forward_probable_at is None


def test_whoever_travels_and_comes_back_passed_nothing_on() -> None:
    """Their telephone on the way, at home once with each, then the telephone elsewhere."""
    e = folded(
        FIRST,
        act(10, "Mail, iOS", b"\x01"),
        act(20, "Outlook, Windows", b"\x02"),
        act(30, "Mail, iOS", b"\x03"),
    )
    assert e.forward_probable_at is None


def test_a_proxy_is_no_first_hand_to_compare_with() -> None:
    e = folded(
        act(0, "GmailImageProxy, Windows", b"\x01"),
        act(5, "Chrome, Windows", b"\x02", kind=K.CLICKED),
    )
    assert e.forward_probable_at is None


def test_hands_are_kept_when_the_facts_are_not() -> None:
    opening = Balance()
    opening.add([FIRST], [Actor.HUMAN])
    opening = Balance.load(orjson.loads(orjson.dumps(opening.dump())))
    e = fold([act(60, "Chrome, Mac OS X", b"\x02")], [Actor.HUMAN], opening)
    assert e.forward_probable_at == at(60)
