import math
import random

import pytest

from domain.events import CampaignType
from domain.history import Sent
from domain.likelihood import (
    FACTORS,
    Kind,
    Likelihood,
    Persona,
    Rates,
    Response,
    Tally,
    Trial,
    belief,
    gather,
    learn,
    persona,
    posterior,
    predict,
    predict_customer,
    tally,
    trials,
    without,
)
from tests.domain.histories import NOW, sent

NEWS: Kind = ("startup", CampaignType.NEWSLETTER)
RATES = Rates(0.1, {NEWS: 0.1})


def some(yes: int, no: int, kind: Kind = NEWS) -> list[Trial]:
    return [Trial(kind, 1.0, True)] * yes + [Trial(kind, 1.0, False)] * no


def said(found: list[Trial], rates: Rates = RATES) -> Likelihood:
    return predict(belief(found, rates), len(found), gather((), rates), NEWS, rates)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (sent(20), [False]),
        (sent(20, clicked=19), [True]),
        (sent(20, replied=7), [True]),
        (sent(20, clicked=5), [False]),
        (sent(20, opened=19), [False]),
        (sent(5), []),
        (sent(5, clicked=4), [True]),
        (sent(20, delivered_at=None), []),
    ],
)
def test_a_send_counts_once_its_end_is_known(history: Sent, expected: list[bool]) -> None:
    assert [t.is_success for t in trials([history], "startup", NOW)] == expected


def test_opens_are_predicted_of_opens_clicks_and_replies() -> None:
    history = [sent(20, 1, opened=19), sent(21, 2, clicked=20), sent(22, 3)]
    found = trials(history, None, NOW, Response.OPEN)
    assert [t.is_success for t in found] == [True, True, False]


def test_a_send_of_ninety_days_ago_counts_half() -> None:
    (found,) = trials([sent(90)], "startup", NOW)
    assert (found.kind, found.is_success) == (NEWS, False)
    assert found.weight == pytest.approx(0.5)


@pytest.mark.parametrize("sends", [0, 2])
def test_before_three_known_sends_nothing_is_said_of_a_person(sends: int) -> None:
    found = said(some(0, sends))
    assert (found.mean, found.low, found.high, found.based_on) == (None, None, None, sends)
    assert not found.has_enough_data


def test_who_responds_more_is_likelier_to_and_the_interval_narrows() -> None:
    rare, usual, often = said(some(0, 20)), said(some(2, 18)), said(some(15, 5))
    assert rare.mean is not None and usual.mean is not None and often.mean is not None  # noqa: PT018
    assert rare.mean < usual.mean < often.mean
    few, many = said(some(1, 4)), said(some(20, 80))
    for found in (few, many):
        assert found.low is not None
        assert found.high is not None
        assert found.mean is not None
        assert found.low < found.mean < found.high
    assert few.high is not None and few.low is not None  # noqa: PT018
    assert many.high is not None and many.low is not None  # noqa: PT018
    assert many.high - many.low < few.high - few.low


def test_a_person_of_whom_little_is_known_is_taken_for_their_colleagues() -> None:
    mine = belief(some(0, 3), RATES)
    lively = gather([belief(some(12, 8), RATES)] * 9, RATES)
    quiet = gather([belief(some(0, 30), RATES)] * 9, RATES)
    at_lively = predict(mine, 3, lively, NEWS, RATES).mean
    at_quiet = predict(mine, 3, quiet, NEWS, RATES).mean
    assert at_lively is not None
    assert at_quiet is not None
    assert at_quiet < at_lively


def test_nobody_is_their_own_colleague() -> None:
    one, other = belief(some(5, 5), RATES), belief(some(0, 9), RATES)
    rest = without(gather([one, other], RATES), one, RATES)
    assert rest.people == 1
    assert rest.summed == pytest.approx(posterior(other, RATES.spread))


def test_a_customer_speaks_for_whoever_is_there() -> None:
    customer = gather([belief(some(12, 8), RATES)] * 9, RATES)
    found = predict_customer(customer, 180, NEWS, RATES)
    assert found.mean is not None
    assert found.mean > 0.1


def test_the_spread_learned_from_people_is_theirs() -> None:
    chance = random.Random(3)
    true = [0.02] * 300 + [0.5] * 100
    rates = learn([[Trial(NEWS, 1.0, chance.random() < p) for _ in range(30)] for p in true])
    assert rates.of(NEWS) == pytest.approx(0.14, abs=0.02)
    assert math.fsum(rates.spread) == pytest.approx(1.0)
    chances = rates.at(NEWS)
    lively = math.fsum(w for w, p in zip(rates.spread, chances, strict=True) if p > 0.3)
    assert lively == pytest.approx(0.25, abs=0.05)
    found = predict(belief(some(0, 30), rates), 30, gather((), rates), NEWS, rates)
    assert found.mean is not None
    assert found.mean < 0.05


def test_without_anybody_everything_is_possible() -> None:
    rates = learn([])
    assert rates.of(NEWS) == pytest.approx(0.1)
    assert len(rates.spread) == len(FACTORS)


@pytest.mark.parametrize(
    ("opens", "actions", "expected"),
    [
        (Tally(5, 2, 9), Tally(3, 1, 9), Persona.LOYALIST),
        (Tally(5, 2, 9), Tally(0, 1, 9), Persona.WINDOW_SHOPPER),
        (Tally(1, 2, 9), Tally(3, 1, 9), Persona.SELECTIVE),
        (Tally(0, 2, 9), Tally(0, 1, 9), Persona.DORMANT),
        (Tally(2, 0, 2), Tally(2, 0, 2), None),
    ],
)
def test_personas_compare_with_what_was_expected(
    opens: Tally, actions: Tally, expected: Persona | None
) -> None:
    assert persona(opens, actions) is expected


def test_a_tally_holds_what_was_seen_and_what_was_expected() -> None:
    found = tally(some(1, 3), RATES)
    assert (found.seen, found.sends) == (1.0, 4)
    assert found.expected == pytest.approx(0.4)
