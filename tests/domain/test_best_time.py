from datetime import UTC, datetime

import pytest

from domain.best_time import (
    FLAT,
    OFFICE_HOURS,
    WINDOW_HOURS,
    Basis,
    Moment,
    Together,
    best_time,
    moments,
    rhythm,
)
from domain.history import Sent
from tests.domain.histories import NOW, sent

TUESDAY_NINE = Moment(9.5, 1, 1.0)
EVENING = Moment(19.5, 3, 1.0)


def test_acts_are_told_by_the_persons_own_clock_in_summer_and_winter() -> None:
    summer = datetime(2026, 7, 6, 14, 30, tzinfo=UTC)
    winter = datetime(2026, 11, 2, 14, 30, tzinfo=UTC)
    found = moments([_clicked(summer), _clicked(winter)], "Europe/Berlin", NOW)
    assert [(m.weekday, m.hour) for m in found] == [(0, 16.5), (0, 15.5)]
    (tokyo,) = moments([_clicked(winter)], "Asia/Tokyo", NOW)
    assert (tokyo.weekday, tokyo.hour) == (0, 23.5)


def _clicked(at: datetime) -> Sent:
    return sent(200, clicks=1, first_click_at=at, last_click_at=at)


def test_replies_weigh_more_than_clicks_and_clicks_more_than_opens_and_old_acts_less() -> None:
    history = [sent(1, 1, opened=0), sent(1, 2, clicked=0), sent(1, 3, replied=0)]
    assert [m.weight for m in moments(history, "UTC", NOW)] == [1.0, 2.0, 3.0]
    (old,) = moments([sent(121, 4, opened=120)], "UTC", NOW)
    assert old.weight == pytest.approx(0.5)


def test_the_best_window_holds_the_hours_somebody_acts_in() -> None:
    found = best_time([TUESDAY_NINE] * 6 + [EVENING], Together([], FLAT), "UTC")
    first = found.windows[0]
    assert (first.weekday, first.end_hour - first.start_hour) == (1, WINDOW_HOURS)
    assert first.start_hour <= 9 < first.end_hour
    assert (first.evidence, found.basis, found.acts) == (6, Basis.STAKEHOLDER, 7)
    assert first.lift > found.windows[1].lift > 1.0
    assert len({w.weekday for w in found.windows}) == len(found.windows)


def test_midnight_is_no_edge() -> None:
    late = rhythm([Moment(23.9, 0, 1.0)] * 20, FLAT)
    assert late.hours[0] > 2
    assert late.hours[23] > 2
    assert late.hours[12] < 0.5


@pytest.mark.parametrize(
    ("own", "customer", "everybody", "basis", "acts"),
    [
        (3, 3, 3, Basis.STAKEHOLDER, 3),
        (2, 5, 9, Basis.CUSTOMER, 5),
        (2, 2, 9, Basis.EVERYONE, 9),
        (2, 2, 2, Basis.DEFAULT, 0),
    ],
)
def test_whoever_has_enough_acts_speaks(
    own: int, customer: int, everybody: int, basis: Basis, acts: int
) -> None:
    everyone = rhythm([EVENING] * everybody, FLAT)
    together = Together([TUESDAY_NINE] * customer, everyone)
    found = best_time([TUESDAY_NINE] * own, together, "UTC")
    assert (found.basis, found.acts) == (basis, acts)


def test_without_any_evidence_office_hours_in_the_middle_of_the_week_are_offered() -> None:
    found = best_time([], Together([], FLAT), "Asia/Tokyo")
    assert [w.weekday for w in found.windows] == [1, 2, 3]
    assert all(w.start_hour in OFFICE_HOURS and w.lift == 1.0 for w in found.windows)
    assert (found.timezone, found.basis) == ("Asia/Tokyo", Basis.DEFAULT)


def test_few_acts_move_the_customers_rhythm_and_many_replace_it() -> None:
    customer = Together([EVENING] * 60, FLAT)
    few = best_time([TUESDAY_NINE] * 3, customer, "UTC").windows[0]
    many = best_time([TUESDAY_NINE] * 60, customer, "UTC").windows[0]
    assert few.start_hour <= 19 < few.end_hour
    assert (many.weekday, many.start_hour <= 9 < many.end_hour) == (1, True)


def test_a_rhythm_averages_to_one() -> None:
    found = rhythm([TUESDAY_NINE, EVENING, EVENING], FLAT)
    assert sum(found.hours) / 24 == pytest.approx(1.0)
    assert sum(found.days) / 7 == pytest.approx(1.0)


def test_nobody_is_to_be_called_at_night() -> None:
    found = best_time([Moment(3.0, 1, 1.0)] * 9, Together([], FLAT), "UTC")
    assert all(w.start_hour >= 6 and w.end_hour <= 22 for w in found.windows)


def test_where_the_customer_speaks_the_persons_few_acts_say_nothing() -> None:
    customer = Together([TUESDAY_NINE] * 4, FLAT)
    assert best_time([EVENING] * 2, customer, "UTC") == best_time([], customer, "UTC")
    assert best_time([], customer, "UTC").windows[0].evidence == 4
