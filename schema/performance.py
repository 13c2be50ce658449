"""What became of many campaigns, and of portfolios side by side."""

from collections.abc import Sequence
from typing import Annotated, Self, TypeVar

import strawberry

from resolvers import analysis as resolve
from resolvers.analysis import PortfolioRow
from schema import seen
from schema.analysis import SegmentPerformance
from schema.csms import Csm
from schema.enums import CampaignType
from schema.groups import Comparable, adjusted, learner
from schema.scalars import Info
from schema.topics import Topic
from store.analysis import NOTHING, Counts, GroupRow
from store.campaigns import CampaignFilter


@strawberry.type(description="What campaigns of one type did.")
class TypePerformance(Comparable):
    @strawberry.field(description="The type; null: campaigns of none.")
    def type(self) -> CampaignType | None:
        return None if self.row.key[0] is None else CampaignType(str(self.row.key[0]))


@strawberry.type(description="What campaigns about one topic did; one may be about several.")
class TopicPerformance(Comparable):
    @strawberry.field(description="The topic, as it was declared.")
    def topic(self) -> Topic:
        return Topic(name=str(self.row.key[0]))


@strawberry.type(description="What campaigns did that went out in one hour of the week.")
class SendTimePerformance(Comparable):
    @strawberry.field(description="1 (Monday) to 7 (Sunday).")
    def weekday(self) -> int:
        return int(self.row.key[0] or 0)

    @strawberry.field(description="0 to 23.")
    def hour(self) -> int:
        return int(self.row.key[1] or 0)


@strawberry.type(description="What became of all campaigns chosen.")
class TotalPerformance(Comparable):
    pass


@strawberry.type(
    description="What the customers of one CSM did, or all the viewer sees, on the campaigns "
    "chosen; compared with the other portfolios on the same campaigns."
)
class Portfolio(Comparable):
    owner: strawberry.Private[PortfolioRow]

    @strawberry.field(description="Whose it is; null: all customers, or those without a CSM.")
    async def csm(self, info: Info) -> Csm | None:
        csm_id = self.owner.csm_id
        return await seen.csm(info, csm_id)

    @strawberry.field(description="Customers in it; null where it is no CSM's.")
    def customers(self) -> int | None:
        return self.owner.customers

    @classmethod
    def compared_with(cls, owner: PortfolioRow, everybody: Sequence[Counts]) -> Self:
        """One portfolio beside all."""
        return cls(owner=owner, row=owner.group, learn=learner(everybody))


T = TypeVar("T", bound=Comparable)

Zone = Annotated[
    str,
    strawberry.argument(description="The IANA time zone in which campaigns went out at an hour."),
]


@strawberry.type(
    description="What became of campaigns, by what they have in common: of all recipients for "
    "managers and admins, of their own customers' for a CSM. Figures follow within seconds."
)
class Performance:
    chosen: strawberry.Private[CampaignFilter]

    @strawberry.field(description="All of them together.")
    async def total(self, info: Info) -> TotalPerformance:
        rows = await resolve.performance(info.context, self.chosen, "ALL")
        return TotalPerformance.all_of(rows or [GroupRow((None,), 0, NOTHING)])[0]

    @strawberry.field(description="By segment of the customers reached, by name.")
    async def segments(self, info: Info) -> list[SegmentPerformance]:
        rows = await resolve.performance_of_segments(info.context, self.chosen)
        return SegmentPerformance.all_of(rows)

    @strawberry.field(description="By type of campaign.")
    async def types(self, info: Info) -> list[TypePerformance]:
        return TypePerformance.all_of(await resolve.performance(info.context, self.chosen, "TYPE"))

    @strawberry.field(
        description="By topic declared for the campaign, the best adjusted click rate first."
    )
    async def topics(self, info: Info) -> list[TopicPerformance]:
        rows = await resolve.performance(info.context, self.chosen, "TOPIC")
        return _best_first(TopicPerformance.all_of(rows))

    @strawberry.field(description="By hour of the week in which it went out, from Monday 0:00.")
    async def send_times(self, info: Info, timezone: Zone = "UTC") -> list[SendTimePerformance]:
        rows = await resolve.performance(info.context, self.chosen, "SEND_TIME", timezone)
        return SendTimePerformance.all_of(rows)

    @strawberry.field(
        description="By portfolio, the best adjusted click rate first, so that small ones neither "
        "top nor bottom the table. A CSM sees their own alone; what is usual comes from all where "
        "there are three at least."
    )
    async def portfolios(self, info: Info) -> list[Portfolio]:
        found = await resolve.portfolios(info.context, self.chosen)
        learn = learner(found.everybody)
        rows = [Portfolio(owner=row, row=row.group, learn=learn) for row in found.told]
        return _best_first(rows)


def _best_first(rows: list[T]) -> list[T]:
    return sorted(rows, key=lambda g: -adjusted(g.row.counts, g.learn))
