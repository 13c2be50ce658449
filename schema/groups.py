"""Groups of recipients side by side, compared so that small ones do not top or bottom the table."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Self

import strawberry

from domain.rates import counted, rate
from domain.shrinking import Prior, Standing, learn_prior, shrink
from schema.enums import describe
from schema.funnels import Funnel, funnel_of
from schema.rates import Rate, Rates
from store.analysis import Counts, GroupRow

describe(
    Standing,
    "Where a group stands among the others, beyond what chance explains.",
    {
        Standing.ABOVE: "Surely above what is usual.",
        Standing.LIKE_OTHERS: "No different from the others, as far as its size can tell.",
        Standing.BELOW: "Surely below what is usual.",
        Standing.UNKNOWN: "Not enough data.",
    },
)

Learn = Callable[[str], Prior | None]
"""The name of a rate → how groups differ in it."""


@strawberry.type(
    description="A group's rate beside that of the others. The adjusted rate is drawn towards what "
    "is usual, the more the smaller the group is (beta-binomial, its prior learned from all)."
)
class Comparison:
    rate: Rate = strawberry.field(description="The group's own.")
    adjusted: float | None = strawberry.field(
        description="The most plausible true rate; null when fewer than three groups have 20 "
        "recipients who could have acted."
    )
    low: float | None = strawberry.field(
        description="It is hardly lower (95 %); null without an adjusted rate."
    )
    high: float | None = strawberry.field(
        description="It is hardly higher (95 %); null without an adjusted rate."
    )
    usual: float | None = strawberry.field(
        description="What groups have on average; null without an adjusted rate."
    )
    standing: Standing = strawberry.field(description="Where the group stands.")
    enough_data: bool = strawberry.field(
        description="Whether there is an adjusted rate and the group has 20 recipients who could "
        "have acted."
    )


@strawberry.type(description="A group beside the others of its table.")
class Compared:
    counts: strawberry.Private[Counts]
    learn: strawberry.Private[Learn]

    @strawberry.field(description="By human openers / delivered.")
    def open(self) -> Comparison:
        return self._comparison("open")

    @strawberry.field(description="By human clickers / delivered.")
    def click(self) -> Comparison:
        return self._comparison("click")

    @strawberry.field(description="By repliers / delivered.")
    def reply(self) -> Comparison:
        return self._comparison("reply")

    @strawberry.field(description="By unsubscribers / delivered.")
    def unsubscribe(self) -> Comparison:
        return self._comparison("unsubscribe")

    def _comparison(self, metric: str) -> Comparison:
        return comparison(self.counts, self.learn, metric)


def comparison(counts: Counts, learn: Learn, metric: str) -> Comparison:
    """A group's rate of that name beside the others'."""
    own, prior = counted(counts, metric), learn(metric)
    found = None if prior is None else shrink(*own, prior)
    known = rate(*own)
    has_enough = found is not None and known.has_enough_data
    return Comparison(
        rate=Rate.of(known),
        adjusted=None if found is None else found.value,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
        usual=None if found is None else found.usual,
        standing=found.standing if found is not None and has_enough else Standing.UNKNOWN,
        enough_data=has_enough,
    )


def learner(groups: Sequence[Counts]) -> Learn:
    """Learns how groups differ, in each metric once and when first asked."""

    @cache
    def learn(metric: str) -> Prior | None:
        return learn_prior([counted(counts, metric) for counts in groups])

    return learn


def adjusted(counts: Counts, learn: Learn, metric: str = "click") -> float:
    """What a group is ordered by: its adjusted rate, its own where there is none."""
    own, prior = counted(counts, metric), learn(metric)
    if prior is not None:
        return shrink(*own, prior).value
    return rate(*own).value or 0.0


@strawberry.type(description="What a group of recipients did.")
class Comparable:
    row: strawberry.Private[GroupRow]
    learn: strawberry.Private[Learn]

    @strawberry.field(description="Of how many campaigns this is.")
    def campaigns(self) -> int:
        return self.row.campaigns

    @strawberry.field(description="How far they got; recipients count once for each campaign.")
    def funnel(self) -> Funnel:
        return funnel_of(self.row.counts)

    @strawberry.field(description="The same as rates.")
    def rates(self) -> Rates:
        return Rates(counts=self.row.counts)

    @strawberry.field(description="The group beside the others.")
    def compared(self) -> Compared:
        return Compared(counts=self.row.counts, learn=self.learn)

    @classmethod
    def all_of(cls, rows: Sequence[GroupRow], others: Sequence[Counts] | None = None) -> list[Self]:
        """From rows, in their order; compared with each other, or with `others` where given."""
        learn = learner([row.counts for row in rows] if others is None else others)
        return [cls(row=row, learn=learn) for row in rows]
