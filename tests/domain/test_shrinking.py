"""Comparing groups: what is chance, and what is not."""

import random

import pytest

from domain.intervals import beta_below
from domain.shrinking import Prior, Standing, learn_prior, shrink


def test_of_fewer_than_three_groups_nothing_is_learned() -> None:
    assert learn_prior([(5, 50), (9, 60), (2, 19), (0, 0)]) is None
    assert learn_prior([(5, 50), (9, 60), (2, 20)]) is not None


def test_a_small_group_neither_tops_nor_bottoms_the_table() -> None:
    groups = [(300, 1_000), (200, 1_000), (250, 1_000), (1, 1), (0, 3)]
    prior = learn_prior(groups)
    assert prior is not None
    rates = [shrink(*group, prior).value for group in groups]

    assert max(rates) == rates[0]
    assert min(rates) == rates[1]
    assert rates[3] == pytest.approx(prior.mean, abs=0.01)


def test_groups_that_do_not_differ_are_all_like_the_others() -> None:
    chance = random.Random(1)
    groups = [(sum(chance.random() < 0.2 for _ in range(200)), 200) for _ in range(30)]
    prior = learn_prior(groups)
    assert prior is not None

    assert prior.strength > 300
    assert {shrink(*g, prior).standing for g in groups} == {Standing.LIKE_OTHERS}


def test_the_spread_of_true_rates_is_found_and_adjusted_rates_are_nearer_to_the_truth() -> None:
    chance = random.Random(2)
    truths = [chance.betavariate(8, 32) for _ in range(120)]
    sizes = [chance.choice((10, 40, 400)) for _ in truths]
    groups = [
        (sum(chance.random() < truth for _ in range(n)), n)
        for truth, n in zip(truths, sizes, strict=True)
    ]
    prior = learn_prior(groups)
    assert prior is not None

    assert prior.mean == pytest.approx(0.2, abs=0.02)
    assert 20 < prior.strength < 80
    shrunk = [shrink(*g, prior) for g in groups]
    raw_miss = sum((k / n - t) ** 2 for (k, n), t in zip(groups, truths, strict=True))
    miss = sum((s.value - t) ** 2 for s, t in zip(shrunk, truths, strict=True))
    assert miss < raw_miss / 2
    covered = sum(s.low <= t <= s.high for s, t in zip(shrunk, truths, strict=True))
    assert covered >= 0.9 * len(truths)


@pytest.mark.parametrize(
    ("part", "whole", "prior"),
    [
        (3, 20, Prior(0.2, 50)),
        (0, 20, Prior(0.004, 2)),
        (20, 20, Prior(0.9, 3)),
        (90_000, 100_000, Prior(0.3, 65_536)),
        (0, 1_000_000, Prior(0.001, 4)),
        (90, 300, Prior(0.3, 64)),
        (95, 100_000, Prior(0.01, 1_000)),
    ],
)
def test_the_interval_is_that_of_the_beta_distribution(part: int, whole: int, prior: Prior) -> None:
    a, b = prior.mean * prior.strength + part, (1 - prior.mean) * prior.strength + whole - part
    found = shrink(part, whole, prior)
    # Where the whole interval is a thousandth wide, its ends are read off to that.
    near = 1e-3
    for end, share in ((found.low, 0.025), (found.high, 0.975)):
        assert beta_below(a, b, end - near) <= share <= beta_below(a, b, end + near)


def test_a_group_that_surely_differs_says_so() -> None:
    prior = Prior(0.2, 50)

    assert shrink(400, 1_000, prior).standing is Standing.ABOVE
    assert shrink(100, 1_000, prior).standing is Standing.BELOW
    assert shrink(12, 10, prior).value == pytest.approx(20 / 60)
