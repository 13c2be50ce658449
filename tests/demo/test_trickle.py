"""Life while you watch: a function of the clock, without gaps or repeats."""

from datetime import UTC, date, datetime, timedelta

from demo.portfolio import make_portfolio
from demo.trickle import EVERY, Stage

START = datetime(2026, 11, 22, 14, tzinfo=UTC)
PORTFOLIO = make_portfolio(7, date(2026, 11, 22))


def test_windows_of_any_size_hold_the_same_acts() -> None:
    end = START + timedelta(minutes=20)
    whole = Stage(PORTFOLIO, START).acts(START, end)
    stage, parts = Stage(PORTFOLIO, START), []
    for minute in range(20):
        since = START + timedelta(minutes=minute)
        parts += stage.acts(since, since + timedelta(minutes=1))
    assert sorted(parts, key=repr) == sorted(whole, key=repr)


def test_something_happens_in_the_first_minute() -> None:
    assert len(Stage(PORTFOLIO, START).acts(START, START + timedelta(minutes=1))) >= 20


def test_a_new_campaign_begins_every_forty_minutes() -> None:
    stage = Stage(PORTFOLIO, START)
    first = stage.begun(START - timedelta(seconds=1), START)
    later = stage.begun(START, START + 2 * EVERY)
    assert [campaign.sent_at for campaign in (*first, *later)] == [
        START, START + EVERY, START + 2 * EVERY,
    ]  # fmt: skip
    assert len({campaign.external_id for campaign in (*first, *later)}) == 3


def test_readers_react_within_minutes() -> None:
    acts = Stage(PORTFOLIO, START).acts(START, START + timedelta(minutes=10))
    assert {act.kind for act in acts} >= {"accepted", "delivered", "opened", "clicked"}
