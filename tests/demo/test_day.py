"""The day that is replayed: the same for the same seed, with every kind, in the order of time."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from demo.day import CURVE, chapters, make_readers, merged
from demo.history import Chapter
from demo.portfolio import Portfolio, make_portfolio
from demo.requests import is_reported

ENDS_AT = datetime(2026, 11, 23, tzinfo=UTC)
MAILS = 4_000


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return make_portfolio(7, date(2026, 11, 23))


@pytest.fixture(scope="module")
def day(portfolio: Portfolio) -> list[Chapter]:
    return list(chapters(portfolio, MAILS, ENDS_AT, 24))


def test_the_same_seed_makes_the_same_day(portfolio: Portfolio, day: list[Chapter]) -> None:
    assert list(chapters(portfolio, MAILS, ENDS_AT, 24)) == day


def test_sends_go_out_as_the_curve_says_and_reach_as_many_as_are_wanted(
    day: list[Chapter],
) -> None:
    sends = Counter(chapter.campaign.sent_at.hour for chapter in day)
    assert all(abs(sends[hour] - 144 * share / sum(CURVE)) <= 1 for hour, share in enumerate(CURVE))
    assert sum(len(chapter.campaign.readers) for chapter in day) == pytest.approx(MAILS, rel=0.03)
    assert len({chapter.campaign.external_id for chapter in day}) == len(day) == 144


def test_every_kind_happens_through_every_provider(day: list[Chapter]) -> None:
    acts = [act for chapter in day for act in chapter.acts]
    assert {act.kind for act in acts} >= {
        "accepted", "deferred", "delivered", "soft bounce", "hard bounce", "opened", "clicked",
        "replied",
    }  # fmt: skip
    providers = {act.campaign.provider for act in acts if is_reported(act)}
    assert providers == {"sendgrid", "sparkpost", "postmark", "mailgun", "brevo"}
    assert all(ENDS_AT - timedelta(days=1) <= act.at <= ENDS_AT for act in acts)


def test_merging_loses_and_repeats_nothing_and_keeps_each_sends_order(day: list[Chapter]) -> None:
    told = list(merged(day))
    for chapter in day[:20]:
        own = tuple(act for act in told if act.campaign is chapter.campaign)
        assert own == chapter.acts
    assert len(told) == sum(len(chapter.acts) for chapter in day)


def test_sends_are_imagined_one_after_the_other_as_the_day_goes_on(day: list[Chapter]) -> None:
    asked: list[Chapter] = []

    def noted() -> Iterator[Chapter]:
        for chapter in day:
            asked.append(chapter)
            yield chapter

    for act in merged(noted()):
        assert act.at >= asked[0].campaign.sent_at
        if len(asked) == 30:
            break
    assert asked == day[:30]


def test_mailboxes_stand_at_customers_domains_and_are_all_different(portfolio: Portfolio) -> None:
    readers = make_readers(portfolio, 500)
    domains = {customer.mail_domain for customer in portfolio.customers}
    assert len({reader.address for reader in readers}) == 500
    assert {reader.address.split("@")[1] for reader in readers} == domains
