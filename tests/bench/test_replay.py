"""What a replay tells of in one go, and how growth is read off what was seen."""

from datetime import UTC, date, datetime

import pytest

from bench.measure import growth
from bench.replay import gathered, is_told
from demo.day import chapters, merged
from demo.portfolio import make_portfolio
from demo.traffic import Act

ENDS_AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def acts() -> list[Act]:
    portfolio = make_portfolio(7, date(2026, 11, 23))
    return list(merged(chapters(portfolio, 6_000, ENDS_AT, 24)))


def door(act: Act) -> str:
    return "reply" if act.kind == "replied" else act.campaign.provider


def test_everything_that_can_be_told_is_told_once_in_the_order_of_each_door(
    acts: list[Act],
) -> None:
    told = [act for act in acts if is_told(act)]
    given = [act for group in gathered(acts) for act in group]
    assert len(told) < len(acts)
    for name in sorted({door(act) for act in told}):
        assert [a for a in given if door(a) == name] == [a for a in told if door(a) == name]


def test_only_providers_that_batch_are_given_several_events_a_request(acts: list[Act]) -> None:
    sizes: dict[str, set[int]] = {}
    for group in gathered(acts):
        assert len({door(act) for act in group}) == 1
        sizes.setdefault(door(group[0]), set()).add(len(group))
    assert sizes["mailgun"] == sizes["postmark"] == sizes["brevo"] == {1}
    assert max(sizes["sendgrid"]) == 500
    assert min(sizes["reply"]) > 1


def test_growth_is_the_slope_of_the_straight_line() -> None:
    assert growth([(0, 100), (10, 120), (20, 140)]) == pytest.approx(2.0)
    assert growth([(0, 100), (10, 100), (20, 100)]) == 0.0
    assert growth([(5, 100), (5, 900)]) == 0.0
    assert growth([]) == 0.0
