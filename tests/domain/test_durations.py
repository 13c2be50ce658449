"""Quartiles from a histogram with widening classes."""

import pytest

from domain.durations import Quantile, bounds, durations
from domain.rates import rate


def test_each_class_is_a_fifth_wider_than_the_one_before() -> None:
    assert bounds(0) == (0.0, 2**0.25)
    assert bounds(40) == (1024.0, 1024.0 * 2**0.25)


def test_of_nobody_there_are_no_quartiles() -> None:
    found = durations({})
    assert (found.based_on, found.lower_quartile, found.median, found.upper_quartile) == (
        0, None, None, None,
    )  # fmt: skip


def test_quartiles_lie_in_the_class_that_holds_them() -> None:
    found = durations({40: 1, 44: 2, 48: 1})

    assert found.based_on == 4
    assert found.lower_quartile == Quantile(1024 * 2**0.25, 1024, 1024 * 2**0.25)
    assert found.median is not None
    assert (found.median.at_least, found.median.at_most) == bounds(44)
    assert found.median.seconds == pytest.approx((2048 + 2048 * 2**0.25) / 2)


def test_a_rate_never_exceeds_one() -> None:
    """Who clicked and then bounced is not among the delivered."""
    found = rate(3, 2)
    assert (found.value, found.high, found.has_enough_data) == (1.0, 1.0, False)
