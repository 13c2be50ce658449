"""Whether it helps: recommended customers beside those who were held out (rules: outcomes).

A customer's group is drawn by a hash (domain/holdout.py), so that chance alone decides it: what the
groups do differently afterwards, beyond chance, is the recommendations' doing.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import NormalDist

from domain.intervals import WILSON_Z, wilson
from domain.rates import LEAST_DENOMINATOR, Rate, rate
from domain.recommending import Kind

HIGH_ENGAGEMENT = (Kind.REPLY_WAITING, Kind.START_CONVERSATION, Kind.SHARE_CONTENT)
"""Kinds that call for contact with somebody because they are engaged."""

CONVERSION_WITHIN = timedelta(days=30)
"""From the first recommendation on, what a customer does so long counts: as long as a
recommendation to talk lasts (rules: recommendations)."""

RELEVANT_LIFT = 0.05
"""The smallest difference worth knowing of: five more conversations in a hundred customers. A
choice of ours; a smaller one takes more customers, by the square."""

POWER = 0.8
"""How surely a difference of RELEVANT_LIFT is to be found (Cohen 1988, §2.4)."""

_POWER_Z = NormalDist().inv_cdf(POWER)


class Verdict(StrEnum):
    """What a comparison with held-out customers says."""

    NO_HOLDOUT = "NO_HOLDOUT"
    UNDERPOWERED = "UNDERPOWERED"
    HELPS = "HELPS"
    HARMS = "HARMS"
    NO_RELEVANT_LIFT = "NO_RELEVANT_LIFT"


@dataclass(frozen=True, slots=True)
class Converted:
    """Customers of one group, and how many of them converted."""

    customers: int
    converted: int

    @property
    def rate(self) -> Rate:
        """The share that converted."""
        return rate(self.converted, self.customers)


@dataclass(frozen=True, slots=True)
class Lift:
    """Treated beside held-out customers.

    `difference` is the treated share minus the held-out one, -1 to 1, with its 95 % interval; None
    where a group is empty. `customers_needed` more, held out at the present share, would find
    RELEVANT_LIFT in four of five cases; 0 when there are enough, None when none are held out.
    """

    treated: Converted
    held_out: Converted
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    customers_needed: int | None


def difference(
    treated: Converted, held_out: Converted
) -> tuple[float | None, float | None, float | None]:
    """The difference of two shares and its 95 % interval; None of an empty group.

    Newcombe's hybrid score interval (Statistics in Medicine 1998, method 10): right also for small
    groups and for shares near 0 or 1.
    """
    one = wilson(treated.converted, treated.customers)
    other = wilson(held_out.converted, held_out.customers)
    if one is None or other is None:
        return None, None, None
    p, q = treated.converted / treated.customers, held_out.converted / held_out.customers
    low = p - q - math.hypot(p - one[0], other[1] - q)
    high = p - q + math.hypot(one[1] - p, q - other[0])
    return p - q, max(-1.0, low), min(1.0, high)


def lift(treated: Converted, held_out: Converted, *, holdout_percent: float = 0.0) -> Lift:
    """What recommendations changed. `holdout_percent` is the share to come; where it is 0, the
    share there was."""
    found = difference(treated, held_out)
    needed = customers_needed(treated, held_out, holdout_percent=holdout_percent)
    verdict = _verdict(treated, held_out, found[1], found[2], needed)
    return Lift(treated, held_out, *found, verdict, needed)


def _verdict(
    treated: Converted,
    held_out: Converted,
    low: float | None,
    high: float | None,
    needed: int | None,
) -> Verdict:
    if held_out.customers == 0:
        return Verdict.NO_HOLDOUT
    is_small = min(treated.customers, held_out.customers) < LEAST_DENOMINATOR
    if low is None or high is None or is_small:
        return Verdict.UNDERPOWERED
    if low > 0:
        return Verdict.HELPS
    if high < 0:
        return Verdict.HARMS
    return Verdict.UNDERPOWERED if needed else Verdict.NO_RELEVANT_LIFT


def customers_needed(
    treated: Converted, held_out: Converted, *, holdout_percent: float = 0.0
) -> int | None:
    """How many more customers it takes to find RELEVANT_LIFT with POWER; None without a holdout.

    At the base rate of those held out, drawn to the middle by half a customer each way, since of
    few customers none or all convert by chance.
    """
    everybody = treated.customers + held_out.customers
    if held_out.customers == 0:
        return None
    share = holdout_percent / 100 or held_out.customers / everybody
    if share >= 1:
        return None
    base = (held_out.converted + 0.5) / (held_out.customers + 1)
    held_needed = max(_held_out_needed(base, share), float(LEAST_DENOMINATOR))
    treated_needed = max(held_needed * (1 - share) / share, float(LEAST_DENOMINATOR))
    # Groups grow by their shares, so that the one that lags decides.
    more = max(
        (held_needed - held_out.customers) / share,
        (treated_needed - treated.customers) / (1 - share),
    )
    return max(0, math.ceil(more))


def _held_out_needed(base: float, share: float) -> float:
    """Held-out customers it takes, where they are that share of all: two proportions in unequal
    groups (Fleiss, Levin and Paik 2003, §4.2, without the correction for continuity)."""
    base = min(base, 1 - RELEVANT_LIFT)
    risen = base + RELEVANT_LIFT
    ratio = (1 - share) / share
    pooled = share * base + (1 - share) * risen
    spread = WILSON_Z * math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled))
    spread += _POWER_Z * math.sqrt(base * (1 - base) + risen * (1 - risen) / ratio)
    return (spread / RELEVANT_LIFT) ** 2


def statement(found: Lift) -> str:
    """The comparison in words."""
    treated, held_out = found.treated, found.held_out
    seen = f"{treated.converted} of {treated.customers} recommended customers converted"
    if found.verdict is Verdict.NO_HOLDOUT:
        return (
            f"{seen}. Nobody was held out, so that this shows an association of engagement and "
            "conversation, and no lift: HOLDOUT_PERCENT holds customers out."
        )
    seen = f"{seen}, and {held_out.converted} of {held_out.customers} held out"
    return f"{seen}: {_conclusion(found)}"


def _conclusion(found: Lift) -> str:
    if found.difference is None or found.low is None or found.high is None:
        return f"underpowered. {found.customers_needed} more customers are needed."
    points = f"{found.difference * 100:+.1f} points ({found.low * 100:+.1f} to "
    points += f"{found.high * 100:+.1f})"
    return {
        Verdict.UNDERPOWERED: f"underpowered, {points}. {found.customers_needed} more customers "
        f"are needed to find {RELEVANT_LIFT * 100:.0f} points.",
        Verdict.HELPS: f"a lift of {points}.",
        Verdict.HARMS: f"fewer with recommendations, {points}.",
        Verdict.NO_RELEVANT_LIFT: f"no lift to be seen, {points}, although there were enough "
        f"customers to find {RELEVANT_LIFT * 100:.0f} points.",
    }[found.verdict]
