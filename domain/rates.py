"""Rates: a share of people, its denominator, and how sure it is."""

from dataclasses import dataclass

from domain.intervals import wilson

LEAST_DENOMINATOR = 20
"""People below which a rate says more of chance than of them: its 95 % interval is about 40 points
wide at the least certain."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`value` is `numerator` / `denominator`, with its 95 % Wilson interval; None of nobody."""

    numerator: int
    denominator: int
    value: float | None
    low: float | None
    high: float | None

    @property
    def has_enough_data(self) -> bool:
        """Whether there are enough people to say something."""
        return self.denominator >= LEAST_DENOMINATOR


def rate(numerator: int, denominator: int) -> Rate:
    """The share that `numerator` of `denominator` people are.

    Somebody may act without counting in the denominator (who clicked and then bounced): the share
    stays within 1.
    """
    part = min(numerator, denominator)
    interval = wilson(part, denominator)
    if interval is None:
        return Rate(numerator, denominator, None, None, None)
    return Rate(numerator, denominator, part / denominator, *interval)


COUNTED = {
    "delivery": ("delivered", "recipients"),
    "bounce": ("bounced", "recipients"),
    "open": ("openers_human", "delivered"),
    "click": ("clickers_human", "delivered"),
    "click_to_open": ("clickers_human", "openers_human"),
    "reply": ("repliers", "delivered"),
    "forward": ("forwarders", "delivered"),
    "unsubscribe": ("unsubscribers", "delivered"),
    "complaint": ("complained", "delivered"),
    "engagement": ("engaged", "delivered"),
    "coverage": ("matched", "external"),
}
"""A campaign's rates: which of its counts is the numerator, and which the denominator."""


def counted(counts: object, name: str) -> tuple[int, int]:
    """Numerator and denominator of one of COUNTED; `counts` has them as attributes."""
    numerator, denominator = COUNTED[name]
    return getattr(counts, numerator), getattr(counts, denominator)


def rate_of(counts: object, name: str) -> Rate:
    """One of COUNTED."""
    return rate(*counted(counts, name))
