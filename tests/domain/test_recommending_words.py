"""How recommendations are said, weighed, acted upon and held out."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import DomainError
from domain.follow_ups import Outcome, State, complete, dismiss, snooze, start
from domain.holdout import is_held_out
from domain.priorities import parts, renewal, role
from domain.recommending import Kind, Part, Status
from domain.wording import link_name, listed, number, on_day, quoted, times

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_counts_are_said_as_people_say_them() -> None:
    assert [times(n) for n in (1, 2, 3, 7)] == ["once", "twice", "three times", "7 times"]
    assert [number(n) for n in (0, 2, 10, 11)] == ["no", "two", "ten", "11"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["Ann"], "Ann"),
        (["Ann", "Bob"], "Ann and Bob"),
        (["Ann", "Bob", "Carla"], "Ann, Bob and Carla"),
    ],
)
def test_names_are_listed(names: list[str], said: str) -> None:
    assert listed(names) == said


def test_days_are_those_of_the_persons_own_calendar() -> None:
    late = datetime(2026, 11, 3, 23, tzinfo=UTC)
    assert on_day(late, "UTC") == "on Tuesday, 3 November"
    assert on_day(late, "Asia/Tokyo") == "on Wednesday, 4 November"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.us.example/guides/security?utm_source=x#y", "us.example/guides/security"),
        ("https://us.example/", "us.example"),
        ("https://us.example/a%20b", "us.example/a b"),
        ("https://us.example/" + "x" * 80, "us.example/" + "x" * 48 + "…"),
        ("", ""),
    ],
)
def test_a_link_is_said_without_what_tracks(url: str, name: str) -> None:
    assert link_name(url) == name


def test_titles_are_quoted_once() -> None:
    assert quoted(" “Spring” ") == "“Spring”"


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("Chief Technology Officer", 15),
        ("CTO", 15),
        ("VP of Sales", 15),
        ("Head of IT", 15),
        ("Product Manager", 8),
        ("Team lead", 8),
        ("Engineer", 0),
        ("Director's assistant", 15),
        (None, 0),
    ],
)
def test_a_role_has_its_weight(title: str | None, points: int) -> None:
    assert role(title).points == points


@pytest.mark.parametrize(
    ("days", "points"), [(-1, 0), (0, 15), (30, 15), (31, 10), (90, 10), (180, 5), (181, 0)]
)
def test_a_renewal_weighs_more_the_nearer_it_is(days: int, points: int) -> None:
    today = date(2026, 11, 22)
    assert renewal(today + timedelta(days=days), today).points == points


def test_parts_sum_to_100_at_most() -> None:
    found = parts(Kind.REPLY_WAITING, [Part("a", 40), Part("b", 0), Part("c", 40)])
    assert found == (Part("urgency of its kind", 55), Part("a", 40), Part("c", 5))


STATE = State(Status.OPEN, NOW + 10 * DAY)


def test_a_follow_up_goes_from_start_to_outcome() -> None:
    started = start(STATE, NOW)
    assert (started.status, started.expires_at) == (Status.STARTED, NOW + 30 * DAY)
    assert start(started, NOW + DAY) == started
    done = complete(started, Outcome.MEETING, NOW + DAY)
    assert (done.status, done.closed_at) == (Status.COMPLETED, NOW + DAY)
    assert complete(done, Outcome.MEETING, NOW + 2 * DAY) == done


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.WITHDRAWN, Status.EXPIRED])
def test_what_is_closed_takes_no_step(status: Status) -> None:
    closed = State(status, NOW, outcome=Outcome.MEETING)
    with pytest.raises(DomainError, match="you cannot start it"):
        start(closed, NOW)
    with pytest.raises(DomainError, match="you cannot snooze it"):
        snooze(closed, NOW + DAY, NOW)
    with pytest.raises(DomainError, match="you cannot dismiss it"):
        dismiss(closed, "no", NOW)


def test_a_snooze_ends_before_the_recommendation_does() -> None:
    assert snooze(STATE, NOW + DAY, NOW).snoozed_until == NOW + DAY
    for until in (NOW, NOW + 10 * DAY, NOW + 400 * DAY):
        with pytest.raises(DomainError):
            snooze(STATE, until, NOW)


def test_the_holdout_is_stable_nested_and_of_its_size() -> None:
    ids = range(1, 20_001)
    tenth = {i for i in ids if is_held_out(i, 10)}
    assert abs(len(tenth) / len(ids) - 0.1) < 0.01
    assert tenth < {i for i in ids if is_held_out(i, 20)}
    assert not any(is_held_out(i, 0) for i in ids)
    assert tenth == {i for i in ids if is_held_out(i, 10)}
