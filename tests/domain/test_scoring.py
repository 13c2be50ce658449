import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.history import Sent
from domain.scoring import (
    Act,
    Level,
    Score,
    contributions,
    daily,
    level_of,
    mass_at,
    score,
    shown,
)
from tests.domain.histories import NOW, ago, sent

QUIET = [sent(80, 1), sent(81, 2), sent(82, 3)]
"""Three sends long ago that nothing came of: enough data."""


def scored(*history: Sent) -> Score:
    delivered = sum(s.delivered_at is not None for s in history)
    return score(contributions(history), delivered, NOW)


def value_of(points: float) -> float:
    return round(100 * (1 - math.exp(-points / 20)), 2)


def summed(found: Score) -> float:
    return sum(round(100 * r.points) for r in found.reasons) / 100


@pytest.mark.parametrize(
    ("did", "points"),
    [
        ({"opened": 0}, 1.0),
        ({"clicked": 0}, 4.0),
        ({"replied": 0}, 8.0),
        ({"forwarded_at": NOW}, 6.0),
        ({"opened": 30}, 0.5),
        ({"clicked": 60}, 1.0),
        ({"opens": 9, "first_open_at": NOW, "last_open_at": NOW}, 2.0),
        ({"opens": 9, "first_open_at": ago(30), "last_open_at": NOW}, 1.5),
        ({"clicks": 9, "first_click_at": NOW, "last_click_at": NOW}, 8.0),
        ({"opened": 0, "clicked": 0, "replied": 0}, 13.0),
        ({"unsubscribed_at": NOW, "replied": 0, "forwarded_at": NOW}, 4.0),
        ({}, 0.0),
    ],
)
def test_acts_have_their_points_fade_and_are_capped_by_campaign(
    did: dict[str, object], points: float
) -> None:
    found = scored(*QUIET, sent(61, 9, **did))
    assert found.value == pytest.approx(value_of(points))


def test_who_is_mailed_often_gets_less_for_each_act() -> None:
    often = [sent(day, day) for day in range(1, 8)]
    found = scored(*often, sent(0, 99, clicked=0))
    assert found.value == pytest.approx(value_of(4.0 * 4 / 8))


def test_only_sends_of_the_thirty_days_before_an_act_make_it_count_less() -> None:
    before = [sent(day, day) for day in range(31, 50)]
    after = scored(*before, sent(0, 99, clicked=0))
    assert after.value == pytest.approx(value_of(4.0))


@pytest.mark.parametrize("delivered", [0, 2])
def test_before_three_delivered_sends_there_is_not_enough_data(delivered: int) -> None:
    lost = [sent(9, 8, delivered_at=None), sent(9, 9, delivered_at=None)]
    found = scored(*lost, *QUIET[:delivered])
    assert (found.value, found.level) == (None, Level.NONE)
    assert (found.trend, found.reasons) == (None, ())


def test_levels_begin_at_sixty_thirty_and_five() -> None:
    levels = [level_of(v) for v in (100, 60, 59.9, 30, 29.9, 5, 4.9, 0)]
    assert levels == ["HIGH", "HIGH", "MEDIUM", "MEDIUM", "LOW", "LOW", "NONE", "NONE"]


def test_reasons_name_act_and_campaign_and_sum_to_the_score_exactly() -> None:
    found = scored(*QUIET, sent(10, 5, opened=9, clicked=8), sent(2, 6, replied=1))
    assert found.value is not None
    assert summed(found) == found.value
    assert [(r.act, r.campaign_id) for r in found.reasons] == [
        (Act.REPLY, 6), (Act.CLICK, 5), (Act.OPEN, 5),
    ]  # fmt: skip


def test_where_more_speaks_against_the_score_is_zero_and_both_sides_are_shown() -> None:
    found = scored(*QUIET, sent(1, 7, clicked=0, unsubscribed_at=NOW))
    assert found.value == 0.0
    assert summed(found) == 0.0
    assert {r.act: r.points > 0 for r in found.reasons} == {Act.CLICK: True, Act.UNSUBSCRIBE: False}


def test_the_trend_is_the_difference_to_thirty_days_ago() -> None:
    rising = scored(*QUIET, sent(5, 9, replied=0))
    assert rising.trend == pytest.approx(value_of(8.0))
    falling = scored(*QUIET, sent(31, 9, replied=30))
    assert falling.trend == pytest.approx(value_of(4.0) - value_of(8.0), abs=0.011)


def test_the_score_is_told_for_each_of_ninety_days_and_now() -> None:
    history = [*QUIET, sent(41, 9, replied=40), sent(11, 10, clicked=10)]
    found = scored(*history)
    assert found.value is not None
    arrived = [s.delivered_at for s in history if s.delivered_at is not None]
    told = daily(contributions(history), arrived, found.value, NOW)

    assert len(told) == 91
    assert told[-1] == found.value
    assert found.value - (told[90 - 30] or 0.0) == pytest.approx(found.trend, abs=0.011)
    assert told[90 - 41] == 0.0
    assert told[90 - 40] == value_of(8.0)
    assert told[90 - 10] == pytest.approx(value_of(4.0 + 8.0 / 2))


def test_days_before_the_third_delivered_send_have_no_score() -> None:
    history = [sent(50, 1, clicked=49), sent(30, 2), sent(20, 3)]
    arrived = [s.delivered_at for s in history if s.delivered_at is not None]
    told = daily(contributions(history), arrived, 7.0, NOW)

    assert [day for day, value in enumerate(reversed(told)) if value is not None] == list(range(21))


@given(
    st.lists(
        st.builds(
            lambda days, opened, clicked, replied: (days, opened, clicked, replied),
            st.integers(0, 200), st.booleans(), st.booleans(), st.booleans(),
        ),
        min_size=3, max_size=12,
    ),
    st.integers(0, 2**16),
)  # fmt: skip
def test_the_order_of_a_history_plays_no_part(
    rows: list[tuple[int, bool, bool, bool]], seed: int
) -> None:
    names = ("opened", "clicked", "replied")
    history = [
        sent(days + 1, number, **{name: days for name, did in zip(names, acts, strict=True) if did})
        for number, (days, *acts) in enumerate(rows, start=1)
    ]
    shuffled = list(history)
    random.Random(seed).shuffle(shuffled)
    assert scored(*shuffled) == scored(*history)
    value = scored(*history).value
    assert value is not None
    assert 0 <= value <= 100
    assert summed(scored(*history)) == value


def test_ranking_by_the_stored_sum_is_ranking_by_the_score_of_any_day() -> None:
    masses = [scored(*QUIET, sent(61, 9, clicked=day)).mass for day in (1, 20, 60)]
    assert masses == sorted(masses, reverse=True)
    assert shown(masses[0], NOW) > shown(masses[1], NOW) > shown(masses[2], NOW)
    assert shown(mass_at(30.0, NOW), NOW) == 30.0
