"""What a measurement says, and the arithmetic they share."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table: ours beside the ceiling measured in the same run.

    `ratio` is how close we come: 1 means as good as the ceiling, below 1 worse; None where there is
    nothing to compare with.
    """

    what: str
    ours: str
    ceiling: str
    ratio: float | None = None


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(values: Sequence[float]) -> str:
    """Median and 99th percentile of seconds, in milliseconds."""
    return (
        f"p50 {1e3 * percentile(values, 0.5):.1f} ms, p99 {1e3 * percentile(values, 0.99):.1f} ms"
    )


def median(values: Sequence[float]) -> float:
    """The middle of the rounds."""
    return statistics.median(values)


def per_second(rate: float, unit: str) -> str:
    """A rate with thousands separated."""
    return f"{rate:,.0f} {unit}/s"


def growth(points: Sequence[tuple[float, float]]) -> float:
    """By how much y grows with x, on the straight line of least squares; 0 where x stands still."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if len(set(xs)) < 2:
        return 0.0
    return statistics.linear_regression(xs, ys).slope
