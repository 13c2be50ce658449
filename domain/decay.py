"""Forward decay: weights grow with the time of an act, from a fixed day, instead of fading.

A sum of grown weights fades by the same factor for everyone as time passes, so that an order by
the stored sum is the order by today's value, and no row is touched to keep it so (Cormode et al.,
"Forward Decay", ICDE 2009).
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""From here weights grow; a float holds a thousand half-lives on either side."""

DAY = timedelta(days=1)


def grown(at: datetime, half_life_days: float) -> float:
    """The weight of an act at a time, as it is summed and stored."""
    return float(2.0 ** ((at - EPOCH) / DAY / half_life_days))


def faded(mass: float, now: datetime, half_life_days: float) -> float:
    """What a stored sum is worth now, an act of this moment being worth 1."""
    return mass / grown(now, half_life_days)
