"""What recommendations changed, on simulated customers whose truth is known."""

import random

import pytest

from domain.outcomes import (
    RELEVANT_LIFT,
    Converted,
    Lift,
    Verdict,
    customers_needed,
    difference,
    lift,
    statement,
)

RUNS = 400


def simulate(customers: int, base: float, rise: float, seed: int, share: float = 0.2) -> Lift:
    """A portfolio of that many, of whom `share` are held out."""
    chance = random.Random(seed)
    held = round(customers * share)
    treated = sum(chance.random() < base + rise for _ in range(customers - held))
    held_out = sum(chance.random() < base for _ in range(held))
    return lift(Converted(customers - held, treated), Converted(held, held_out))


def test_the_interval_is_newcombes_published_example() -> None:
    found = difference(Converted(70, 56), Converted(80, 48))

    assert [round(x or 0, 4) for x in found] == [0.2, 0.0524, 0.3339]


def test_the_interval_stays_within_what_is_possible_where_all_or_none_convert() -> None:
    found = difference(Converted(10, 10), Converted(20, 0))

    assert [round(x or 0, 4) for x in found] == [1.0, 0.6791, 1.0]


def test_a_group_of_nobody_has_no_difference() -> None:
    assert difference(Converted(10, 3), Converted(0, 0)) == (None, None, None)


@pytest.mark.parametrize(("base", "rise", "customers"), [(0.3, 0.2, 1_000), (0.3, 0.06, 12_000)])
def test_a_true_lift_of_twenty_percent_is_covered_and_nothing_is_not(
    base: float, rise: float, customers: int
) -> None:
    runs = [simulate(customers, base, rise, seed) for seed in range(RUNS)]

    covered = sum((r.low or 0) <= rise <= (r.high or 0) for r in runs) / RUNS
    helps = sum(r.verdict is Verdict.HELPS for r in runs) / RUNS

    assert 0.93 <= covered <= 0.97
    assert helps > 0.99


def test_without_a_lift_the_interval_covers_nothing_in_95_of_100_runs() -> None:
    runs = [simulate(2_000, 0.3, 0.0, seed) for seed in range(1_000)]

    covered = sum((r.low or 0) <= 0 <= (r.high or 0) for r in runs) / 1_000

    assert 0.935 <= covered <= 0.965


def test_with_few_customers_it_is_underpowered_and_says_by_how_many() -> None:
    found = lift(Converted(80, 26), Converted(20, 6))

    assert found.verdict is Verdict.UNDERPOWERED
    assert found.customers_needed == 4300
    assert statement(found) == (
        "26 of 80 recommended customers converted, and 6 of 20 held out: underpowered, +2.5 points "
        "(-21.3 to +21.4). 4300 more customers are needed to find 5 points."
    )


def test_a_handful_is_underpowered_whatever_it_did() -> None:
    assert lift(Converted(6, 6), Converted(6, 0)).verdict is Verdict.UNDERPOWERED


def test_as_many_more_as_it_says_find_the_relevant_lift_in_four_of_five_runs() -> None:
    few = lift(Converted(80, 24), Converted(20, 6))
    customers = 100 + (few.customers_needed or 0)

    runs = [simulate(customers, 0.3, RELEVANT_LIFT, seed) for seed in range(RUNS)]

    assert 0.75 <= sum(r.verdict is Verdict.HELPS for r in runs) / RUNS <= 0.85


def test_enough_customers_without_a_difference_need_no_more() -> None:
    found = lift(Converted(8_000, 2_400), Converted(2_000, 600))

    assert (found.verdict, found.customers_needed) == (Verdict.NO_RELEVANT_LIFT, 0)


def test_fewer_conversations_with_recommendations_are_said_to_harm() -> None:
    assert lift(Converted(800, 200), Converted(200, 100)).verdict is Verdict.HARMS


def test_without_a_holdout_it_shows_an_association_and_no_lift() -> None:
    found = lift(Converted(50, 20), Converted(0, 0))

    assert (found.verdict, found.difference, found.customers_needed) == (
        Verdict.NO_HOLDOUT,
        None,
        None,
    )
    assert "an association of engagement and conversation, and no lift" in statement(found)


def test_a_smaller_holdout_takes_more_customers() -> None:
    groups = Converted(80, 24), Converted(20, 6)

    needed = [customers_needed(*groups, holdout_percent=p) or 0 for p in (50, 20, 10, 5)]

    assert needed == sorted(needed)
    assert needed[0] < needed[-1] / 4
