import pytest

from domain.history import LinkClicked, Sent
from domain.interests import Interest, interests
from tests.domain.histories import NOW, ago, sent

SHARES = {n: {"/ai": 0.5, "/security": 0.1, "/footer": 0.4} for n in range(1, 9)}
TOPICS = {
    (n, url): (topic,)
    for n in range(1, 9)
    for url, topic in (("/ai", "ai"), ("/security", "security"), ("/footer", "company"))
}


def clicked(number: int, *urls: str, days: float = 1) -> Sent:
    at = ago(days - 0.5)
    return sent(days, number, links=tuple(LinkClicked(url, 1, 0, at, at) for url in urls))


def found(*history: Sent) -> list[Interest]:
    return interests(history, SHARES, TOPICS, NOW)


def test_what_everybody_clicks_is_nobodys_interest() -> None:
    places = ["/ai"] * 4 + ["/footer"] * 3 + ["/security"]
    assert found(*(clicked(n, url) for n, url in enumerate(places, start=1))) == []


def test_what_few_click_is_an_interest_of_who_does() -> None:
    first = found(*(clicked(n, "/security") for n in range(1, 4)), clicked(4, "/ai"))[0]
    assert first.topic == "security"
    assert first.weight > 0.5


def test_an_interest_cites_its_links_the_latest_first() -> None:
    (first, *_) = found(clicked(1, "/security", days=9), clicked(2, "/security", days=2))
    assert [(campaign, link.url) for campaign, link in first.links] == [
        (2, "/security"),
        (1, "/security"),
    ]


def test_a_click_long_ago_says_less() -> None:
    (late,) = found(*(clicked(n, "/security", days=2) for n in (1, 2)))
    (early,) = found(*(clicked(n, "/security", days=300) for n in (1, 2)))
    assert early.weight < late.weight


@pytest.mark.parametrize("history", [(), (sent(1, 1),), (clicked(99, "/unknown"),)])
def test_without_clicks_on_known_links_there_are_no_interests(history: tuple[Sent, ...]) -> None:
    assert found(*history) == []
