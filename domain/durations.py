"""How long people took, told from a histogram whose classes widen with the duration."""

from collections.abc import Mapping
from dataclasses import dataclass

CLASSES_PER_DOUBLING = 4
"""Four classes between a duration and its double: each is 19 % wider than the one before."""

CLASSES = 96
"""From a second to about 190 days; what took longer is in the last."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """A duration in seconds, and the bounds of the class it was read from.

    It lies between `at_least` and `at_most` for certain; `seconds` is where it would be if those
    of its class were spread evenly.
    """

    seconds: float
    at_least: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Durations:
    """The quartiles of `based_on` durations; None of none."""

    based_on: int
    lower_quartile: Quantile | None
    median: Quantile | None
    upper_quartile: Quantile | None


def bounds(class_: int) -> tuple[float, float]:
    """Where a class of durations begins and ends, in seconds; the first begins at 0."""
    low = 0.0 if class_ == 0 else 2.0 ** (class_ / CLASSES_PER_DOUBLING)
    return low, 2.0 ** ((class_ + 1) / CLASSES_PER_DOUBLING)


def durations(histogram: Mapping[int, int]) -> Durations:
    """What a histogram, class → how many, tells of the durations in it."""
    based_on = sum(histogram.values())
    if based_on <= 0:
        return Durations(0, None, None, None)
    quarters = [_quantile(histogram, based_on * quarter / 4) for quarter in (1, 2, 3)]
    return Durations(based_on, *quarters)


def _quantile(histogram: Mapping[int, int], rank: float) -> Quantile:
    """The duration that `rank` of the durations do not exceed."""
    before = 0
    for class_, n in sorted(histogram.items()):
        if n > 0 and before + n >= rank:
            low, high = bounds(class_)
            return Quantile(low + (high - low) * (rank - before) / n, low, high)
        before += n
    raise ValueError(f"rank {rank} lies beyond the {before} durations")
