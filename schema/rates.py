"""Rates with their denominators and how sure they are."""

from typing import Self

import strawberry

from domain import rates
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


def _rate(name: str, description: str) -> "Rate":
    def resolve(root: "Rates") -> Rate:
        return Rate.of(rates.rate_of(root.counts, name))

    found: Rate = strawberry.field(resolver=resolve, description=description)
    return found


@strawberry.type(description="What shares of recipients did what; acts are people's.")
class Rates:
    counts: strawberry.Private[Counts]
    delivery: Rate = _rate("delivery", "Delivered / recipients.")
    bounce: Rate = _rate("bounce", "Bounced, hard or soft / recipients.")
    open: Rate = _rate("open", "Human openers / delivered.")
    click: Rate = _rate("click", "Human clickers / delivered.")
    click_to_open: Rate = _rate("click_to_open", "Human clickers / human openers.")
    reply: Rate = _rate("reply", "Repliers / delivered.")
    forward: Rate = _rate("forward", "Forwarders, where known / delivered.")
    unsubscribe: Rate = _rate("unsubscribe", "Unsubscribers / delivered.")
    complaint: Rate = _rate("complaint", "Who marked it as spam / delivered.")
    engagement: Rate = _rate("engagement", "Who opened, clicked, replied or forwarded / delivered.")
    coverage: Rate = _rate("coverage", "Matched to a customer / recipients not internal.")
