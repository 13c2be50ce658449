"""How sure a share is: intervals of proportions, with the standard library alone."""

import math

WILSON_Z = 1.959963984540054
"""The normal quantile of a 95 % interval."""

_STEPS = 200
_TINY = 1e-300
_CLOSE = 1e-12


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """The 95 % Wilson interval of a proportion; None of nothing (Wilson, JASA 1927)."""
    if whole <= 0:
        return None
    share, z2 = part / whole, WILSON_Z * WILSON_Z
    middle = share + z2 / (2 * whole)
    spread = WILSON_Z * math.sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole))
    scale = 1 + z2 / whole
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def beta_below(a: float, b: float, x: float) -> float:
    """The share of a Beta(a, b) distribution below x: the regularised incomplete beta function."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    # The fraction converges fast only on this side of the mean.
    if x < (a + 1) / (a + b + 2):
        return math.exp(log_front) * _fraction(a, b, x) / a
    return 1.0 - math.exp(log_front) * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method."""
    c, d = 1.0, _away(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / _away(1 + term * d), _away(1 + term / c)
            step = d * c
            value *= step
        if abs(step - 1) < _CLOSE:
            break
    return value


def _away(x: float) -> float:
    """Never quite zero, so that it can be divided by."""
    return x if abs(x) > _TINY else _TINY
