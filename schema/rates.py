"""Rates with their denominators and how sure they are."""

from typing import Self

import strawberry

from domain import rates
from domain.rates import rate
from store.analysis import Counts


@strawberry.type(
    description="A share, of recipients where nothing else is said, with its 95 % Wilson interval."
)
class Rate:
    value: float | None = strawberry.field(
        description="numerator / denominator, 0 to 1; null when the denominator is 0."
    )
    numerator: int = strawberry.field(description="Those of whom it is true.")
    denominator: int = strawberry.field(description="Those of whom it could be.")
    low: float | None = strawberry.field(
        description="The true share is hardly lower; null when the denominator is 0."
    )
    high: float | None = strawberry.field(
        description="The true share is hardly higher; null when the denominator is 0."
    )
    enough_data: bool = strawberry.field(
        description="Whether the denominator is at least 20: fewer say little."
    )

    @classmethod
    def of(cls, found: rates.Rate) -> Self:
        """From the rules' rate."""
        return cls(
            value=found.value,
            numerator=found.numerator,
            denominator=found.denominator,
            low=found.low,
            high=found.high,
            enough_data=found.has_enough_data,
        )


def _rate(numerator: str, denominator: str, description: str) -> "Rate":
    def resolve(root: "Rates") -> Rate:
        counts = root.counts
        return Rate.of(rate(getattr(counts, numerator), getattr(counts, denominator)))

    found: Rate = strawberry.field(resolver=resolve, description=description)
    return found


@strawberry.type(description="What shares of recipients did what; acts are people's.")
class Rates:
    counts: strawberry.Private[Counts]
    delivery: Rate = _rate("delivered", "recipients", "Delivered / recipients.")
    bounce: Rate = _rate("bounced", "recipients", "Bounced, hard or soft / recipients.")
    open: Rate = _rate("openers_human", "delivered", "Human openers / delivered.")
    click: Rate = _rate("clickers_human", "delivered", "Human clickers / delivered.")
    click_to_open: Rate = _rate(
        "clickers_human", "openers_human", "Human clickers / human openers."
    )
    reply: Rate = _rate("repliers", "delivered", "Repliers / delivered.")
    forward: Rate = _rate("forwarders", "delivered", "Forwarders, where known / delivered.")
    unsubscribe: Rate = _rate("unsubscribers", "delivered", "Unsubscribers / delivered.")
    complaint: Rate = _rate("complained", "delivered", "Who marked it as spam / delivered.")
    engagement: Rate = _rate(
        "engaged", "delivered", "Who opened, clicked, replied or forwarded / delivered."
    )
    coverage: Rate = _rate(
        "matched", "external", "Matched to a customer / recipients not internal."
    )
