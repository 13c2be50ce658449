"""A customer from its people."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from domain.customers import Member, Together, together
from domain.decay import grown
from domain.scoring import HALF_LIFE_DAYS, shown

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def member(mass: float, sent: float, engaged: float | None = None) -> Member:
    """Somebody with so many points of now, mailed and engaged so many days ago."""
    grown_mass = mass * grown(NOW, HALF_LIFE_DAYS)
    at = None if engaged is None else NOW - engaged * DAY
    return Member(grown_mass, grown_mass / 2, 3, NOW - sent * DAY, at)


@pytest.mark.parametrize(
    ("people", "points"),
    [
        ([member(8, 1)], 8),
        ([member(8, 1)] * 4, 32),
        ([member(8, 1)] + [member(0, 1)] * 7, 4),
        ([member(8, 1)] + [member(0, 90)] * 7, 8),
        ([member(8, 91)] * 8, 64),
    ],
)
def test_a_customer_is_not_engaged_because_it_is_large(people: list[Member], points: float) -> None:
    found = together(people, NOW)
    assert found.mass == pytest.approx(points * grown(NOW, HALF_LIFE_DAYS), rel=1e-12)
    assert found.mass_before == pytest.approx(found.mass / 2, rel=1e-12)
    assert found.delivered == 3 * len(people)


def test_the_last_engagement_of_anybody_tells_when_a_customer_goes_dark() -> None:
    found = together([member(1, 2, 40), member(1, 1, 30), member(0, 100)], NOW)
    assert (found.last_engaged_at, found.dark_at) == (NOW - 30 * DAY, NOW + 30 * DAY)


def test_without_engagement_silence_begins_with_whoever_was_left_alone_longest() -> None:
    found = together([member(0, 2), member(0, 100)], NOW)
    assert (found.last_engaged_at, found.dark_at) == (None, NOW - 40 * DAY)


def test_a_customer_without_people_is_neither_engaged_nor_dark() -> None:
    assert together([], NOW) == Together(0.0, 0.0, 0, None, None)


def test_the_order_of_people_plays_no_part() -> None:
    chance = random.Random(5)
    people = [member(chance.uniform(-20, 20), chance.uniform(0, 200)) for _ in range(50)]
    found = together(people, NOW)
    for _ in range(20):
        chance.shuffle(people)
        assert together(people, NOW) == found
    assert 0 <= shown(found.mass, NOW) <= 100
