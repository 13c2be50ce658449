"""Comparing groups: what is chance, and what is not."""

import random

import pytest

from domain.intervals import beta_below
from domain.shrinking import Fit, Prior, Standing, learn_prior, shrink


def known(mean: float, strength: float) -> Prior:
    return Prior((Fit(mean, strength),))


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
    assert rates[3] == pytest.approx(prior.mean, abs=0.03)


def test_groups_that_do_not_differ_are_all_like_the_others() -> None:
    chance = random.Random(1)
    groups = [(sum(chance.random() < 0.2 for _ in range(200)), 200) for _ in range(30)]
    prior = learn_prior(groups)
    assert prior is not None

    assert prior.fits[0].strength > 300
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
    assert 20 < prior.fits[0].strength < 80
    shrunk = [shrink(*g, prior) for g in groups]
    raw_miss = sum((k / n - t) ** 2 for (k, n), t in zip(groups, truths, strict=True))
    miss = sum((s.value - t) ** 2 for s, t in zip(shrunk, truths, strict=True))
    assert miss < raw_miss / 2
    covered = sum(s.low <= t <= s.high for s, t in zip(shrunk, truths, strict=True))
    assert covered >= 0.9 * len(truths)


@pytest.mark.parametrize(
    ("part", "whole", "prior"),
    [
        (3, 20, known(0.2, 50)),
        (0, 20, known(0.004, 2)),
        (20, 20, known(0.9, 3)),
        (90_000, 100_000, known(0.3, 65_536)),
        (0, 1_000_000, known(0.001, 4)),
        (90, 300, known(0.3, 64)),
        (95, 100_000, known(0.01, 1_000)),
    ],
)
def test_the_interval_is_that_of_the_beta_distribution(part: int, whole: int, prior: Prior) -> None:
    (fit,) = prior.fits
    a, b = fit.mean * fit.strength + part, (1 - fit.mean) * fit.strength + whole - part
    found = shrink(part, whole, prior)
    # Where the whole interval is a thousandth wide, its ends are read off to that.
    near = 1e-3
    for end, share in ((found.low, 0.025), (found.high, 0.975)):
        assert beta_below(a, b, end - near) <= share <= beta_below(a, b, end + near)


def test_a_group_that_surely_differs_says_so() -> None:
    prior = known(0.2, 50)

    assert shrink(400, 1_000, prior).standing is Standing.ABOVE
    assert shrink(100, 1_000, prior).standing is Standing.BELOW
    assert shrink(12, 10, prior).value == pytest.approx(20 / 60)


def test_what_few_groups_leave_open_makes_their_intervals_wider() -> None:
    alike = [(31, 380), (12, 150), (40, 480), (25, 300), (21, 250), (13, 157), (36, 440)]
    prior = learn_prior(alike)
    assert prior is not None
    part, whole = (sum(column) for column in zip(*alike, strict=True))
    together = shrink(part, whole, known(part / whole, 2))

    widths = [found.high - found.low for found in (shrink(*group, prior) for group in alike)]
    assert min(widths) > together.high - together.low


def test_intervals_of_a_few_small_groups_hold_the_truth_as_often_as_they_say() -> None:
    chance = random.Random(3)
    held = asked = 0
    for _ in range(150):
        truths = [chance.betavariate(16, 184) for _ in range(7)]
        groups = [(sum(chance.random() < truth for _ in range(150)), 150) for truth in truths]
        prior = learn_prior(groups)
        assert prior is not None
        found = [shrink(*group, prior) for group in groups]
        held += sum(one.low <= truth <= one.high for one, truth in zip(found, truths, strict=True))
        asked += len(truths)
    assert held / asked == pytest.approx(0.95, abs=0.02)
