"""Comparing groups of different size: small ones are drawn towards what is usual.

The rate of a small group is mostly chance, so that small groups top and bottom every table of raw
rates. How much groups truly differ is learned from all of them: their rates are taken to be spread
by a beta distribution, and what fits well, each as much as it does, is the prior of each group
(empirical Bayes). Few groups leave much open, and intervals say so.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from statistics import NormalDist

from domain.intervals import beta_below
from domain.rates import LEAST_DENOMINATOR

LEAST_GROUPS = 3
"""Groups with enough people below which nothing is learned of how groups differ."""

STRENGTHS = tuple(2.0 ** (n / 2) for n in range(2, 33))
"""How many people's worth of evidence a prior may be: from 2 (groups differ wildly) to 65,000
(groups hardly differ), evenly in ratio."""

TAILS = (0.025, 0.975)
"""The interval of a shrunk rate holds 95 %."""

PLENTY = 100.0
"""People for and against above which an interval is read off the normal distribution: it is then
off by less than a tenth of a percentage point."""

_NORMAL = NormalDist()
_CLOSE = 1e-7
_LOG_NEGLIGIBLE = math.log(0.005)
_STEPS = 60


class Standing(StrEnum):
    """Where a group stands among the others, beyond what chance explains."""

    ABOVE = "ABOVE"
    LIKE_OTHERS = "LIKE_OTHERS"
    BELOW = "BELOW"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Fit:
    """One spread of true rates that explains the groups: Beta(mean · strength, (1 − mean) ·
    strength).

    `weight` is how likely it is among all fits, `evidence` how many people tell its mean.
    """

    mean: float
    strength: float
    weight: float = 1.0
    evidence: float = math.inf


@dataclass(frozen=True, slots=True)
class Prior:
    """How the true rates of groups may be spread: fits whose weights sum to 1, likeliest first."""

    fits: tuple[Fit, ...]

    @property
    def mean(self) -> float:
        """What is usual."""
        return math.fsum(fit.weight * fit.mean for fit in self.fits)


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A group's rate with what is usual taken into account, and its 95 % interval."""

    value: float
    low: float
    high: float
    usual: float

    @property
    def standing(self) -> Standing:
        """Where the group stands against the mean of all groups."""
        if self.low > self.usual:
            return Standing.ABOVE
        return Standing.BELOW if self.high < self.usual else Standing.LIKE_OTHERS


Counts = tuple[int, int]
"""How many of how many."""


def learn_prior(groups: Sequence[Counts]) -> Prior | None:
    """The spread of rates under which what the groups did is most likely; None of too few."""
    known = [(min(part, whole), whole) for part, whole in groups if whole > 0]
    if sum(whole >= LEAST_DENOMINATOR for _, whole in known) < LEAST_GROUPS:
        return None
    # Before anything is known, each standard deviation of rates is as likely as any other: the
    # usual choice for such a spread (Gelman et al., Bayesian Data Analysis, 3rd ed., §5.3).
    found = []
    for strength in STRENGTHS:
        mean, evidence = _mean(known, strength)
        log_weight = _log_likelihood(known, mean, strength) - math.log(strength) / 2
        found.append((log_weight, Fit(mean, strength, 1.0, evidence)))
    return _weighed(found)


def _weighed(found: Sequence[tuple[float, Fit]]) -> Prior:
    """Fits by the logarithm of their weight; what is far less likely than the best is left out."""
    best = max(log for log, _ in found)
    kept = [(math.exp(log - best), fit) for log, fit in found if log - best > _LOG_NEGLIGIBLE]
    whole = math.fsum(weight for weight, _ in kept)
    fits = [replace(fit, weight=weight / whole) for weight, fit in kept]
    return Prior(tuple(sorted(fits, key=lambda fit: -fit.weight)))


def _mean(groups: Sequence[Counts], strength: float) -> tuple[float, float]:
    """The groups' mean rate, each weighing as much as it tells at that strength, and the sum of
    these weights."""
    weights = [whole * (strength + 1) / (strength + whole) for _, whole in groups]
    rates = (w * part / whole for w, (part, whole) in zip(weights, groups, strict=True))
    least = 0.5 / sum(whole for _, whole in groups)
    evidence = math.fsum(weights)
    return min(max(math.fsum(rates) / evidence, least), 1 - least), evidence


def _log_likelihood(groups: Sequence[Counts], mean: float, strength: float) -> float:
    a, b = mean * strength, (1 - mean) * strength
    return math.fsum(
        _log_beta(a + part, b + whole - part) - _log_beta(a, b) for part, whole in groups
    )


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


@lru_cache(maxsize=2_048)
def shrink(part: int, whole: int, prior: Prior) -> Shrunk:
    """The rate that is most plausible for `part` of `whole`, given how groups are spread.

    What is not known of that spread makes the interval wider: over all fits, and by how sure each
    fit's mean is (to first order, as in Kass and Steffey, 1989).
    """
    part = min(part, whole)
    mean, variance = _moments(part, whole, prior)
    people = mean * (1 - mean) / variance - 1
    a, b = mean * people, (1 - mean) * people
    find = _nearly if min(a, b) > PLENTY else _quantile
    low, high = (find(a, b, tail) for tail in TAILS)
    return Shrunk(mean, low, high, prior.mean)


def _moments(part: int, whole: int, prior: Prior) -> tuple[float, float]:
    """Mean and variance of a group's true rate, over all fits."""
    means, squares = [], []
    for fit in prior.fits:
        people = fit.strength + whole
        mean = (fit.mean * fit.strength + part) / people
        doubt = (fit.strength / people) ** 2 * fit.mean * (1 - fit.mean) / fit.evidence
        means.append(fit.weight * mean)
        squares.append(fit.weight * (mean * (1 - mean) / (people + 1) + doubt + mean * mean))
    mean = math.fsum(means)
    return mean, math.fsum(squares) - mean * mean


def _nearly(a: float, b: float, share: float) -> float:
    """The same where both are large: the logarithm of the odds is as good as normal there."""
    middle = math.log((a - 0.5) / (b - 0.5))
    score = _NORMAL.inv_cdf(share) * math.sqrt(1 / a + 1 / b)
    return 1 / (1 + math.exp(-(middle + score)))


def _quantile(a: float, b: float, share: float) -> float:
    """The value below which `share` of a Beta(a, b) distribution lies, to seven digits.

    Newton's steps, halved intervals where they lead astray: a table has hundreds.
    """
    low, high, x = 0.0, 1.0, _nearly(a, b, share) if min(a, b) > 1 else a / (a + b)
    log_scale = _log_beta(a, b)
    for _ in range(_STEPS):
        miss = beta_below(a, b, x) - share
        low, high = (low, x) if miss > 0 else (x, high)
        density = math.exp((a - 1) * math.log(x) + (b - 1) * math.log1p(-x) - log_scale)
        after = x - miss / density if density > 0 else low
        if not low < after < high:
            after = (low + high) / 2
        if abs(after - x) < _CLOSE:
            return after
        x = after
    return x
