"""What became of a campaign, in figures that can each be followed to their recipients."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import strawberry

from domain import durations as domain_durations
from domain.rates import rate, rate_of
from resolvers import analysis as resolve
from resolvers import csms, cursors
from schema.csms import Csm
from schema.filters import HOURS_OF_WEEK
from schema.funnels import Funnel, funnel_of
from schema.groups import Comparable
from schema.rates import Rate, Rates
from schema.scalars import Info, Most
from schema.selections import Selected
from store import analysis
from store.analysis import Counts
from store.figures import Figure


@strawberry.type(description="A duration, and how exactly it is known.")
class Duration:
    seconds: float = strawberry.field(description="In seconds; the best guess within the bounds.")
    at_least: float = strawberry.field(description="It is not shorter than this, in seconds.")
    at_most: float = strawberry.field(description="It is not longer than this, in seconds.")


@strawberry.type(
    description="How long people took from the delivery to their first act. Durations are kept in "
    "classes, each a fifth wider than the one before, so quartiles are exact within their bounds."
)
class Durations:
    based_on: int = strawberry.field(
        description="People it was measured for: those whose delivery was reported before they "
        "acted."
    )
    lower_quartile: Duration | None = strawberry.field(
        description="A quarter was faster; null of nobody."
    )
    median: Duration | None = strawberry.field(description="Half were faster; null of nobody.")
    upper_quartile: Duration | None = strawberry.field(
        description="Three quarters were faster; null of nobody."
    )

    @classmethod
    def of(cls, found: domain_durations.Durations) -> Self:
        """From the rules' quartiles."""
        return cls(
            based_on=found.based_on,
            lower_quartile=_duration(found.lower_quartile),
            median=_duration(found.median),
            upper_quartile=_duration(found.upper_quartile),
        )


def _duration(found: domain_durations.Quantile | None) -> Duration | None:
    if found is None:
        return None
    return Duration(seconds=found.seconds, at_least=found.at_least, at_most=found.at_most)


@strawberry.type(description="What people and machines did with one link.")
class LinkPerformance:
    url: str = strawberry.field(description="Where it leads.")
    clickers_human: int = strawberry.field(description="Recipients who followed it.")
    clickers_machine: int = strawberry.field(description="Recipients for whom a machine did.")
    clicks_human: int = strawberry.field(description="How often people followed it.")
    clicks_machine: int = strawberry.field(description="How often machines did.")
    share: Rate = strawberry.field(
        description="Recipients who followed it among those who followed any link."
    )


@strawberry.type(description="An hour of the recipients' own week.")
class HourOfWeek:
    weekday: int = strawberry.field(description="1 (Monday) to 7 (Sunday).")
    hour: int = strawberry.field(description="0 to 23, in the recipient's own time zone.")
    openers: int = strawberry.field(description="People who first opened in it.")
    clickers: int = strawberry.field(description="People who first followed a link in it.")


@strawberry.type(
    description="When people acted, by hour of their own week. Who acted, but whose time zone "
    "nobody told, is in no hour."
)
class Hours:
    hours: list[HourOfWeek] = strawberry.field(
        description="Hours in which somebody acted, from Monday 0:00."
    )
    openers_without_zone: int = strawberry.field(description="People who opened who knows when.")
    clickers_without_zone: int = strawberry.field(description="People who clicked who knows when.")


@strawberry.type(description="What customers of one segment did.")
class SegmentPerformance(Comparable):
    @strawberry.field(description="The segment; null: customers without one.")
    def segment(self) -> str | None:
        return None if self.row.key[0] is None else str(self.row.key[0])


@strawberry.type(description="What one CSM's customers did.")
class CsmPerformance(Comparable):
    @strawberry.field(description="The CSM; null: customers without one.")
    async def csm(self, info: Info) -> Csm | None:
        csm_id = self.row.key[0]
        row = None if csm_id is None else await csms.csm(info.context, int(csm_id))
        return None if row is None else Csm.of(row)


FIGURES: Mapping[str, tuple[Figure[Any], ...]] = {
    "funnel": (analysis.totals,),
    "rates": (analysis.totals,),
    "acts": (analysis.totals,),
    "timeToOpen": (analysis.bins_of_campaigns,),
    "timeToClick": (analysis.bins_of_campaigns,),
    "links": (analysis.links_of_campaigns, analysis.totals),
    "segments": (analysis.segments_of_campaigns,),
    "average": (analysis.everybodys,),
    "byHour": (analysis.bins_of_campaigns, analysis.totals),
    "__typename": (),
}
"""What the fields of an analysis are told of, where figures answer them: CSMs have names too."""


def figures_of(fields: Selected) -> Sequence[Figure[Any]] | None:
    """The figures that answer what is selected of an analysis; None where that takes more."""
    if not FIGURES.keys() >= fields.keys():
        return None
    return list(dict.fromkeys(figure for name in fields for figure in FIGURES[name]))


@strawberry.type(
    description="What became of a campaign: of all recipients for managers and admins, of their "
    "own customers' for a CSM. Figures follow within seconds of what happens."
)
class CampaignAnalysis:
    campaign_id: strawberry.Private[int]

    @strawberry.field(description="How far it got.")
    async def funnel(self, info: Info) -> Funnel:
        return funnel_of(await resolve.totals(info.context, self.campaign_id))

    @strawberry.field(description="The same as rates.")
    async def rates(self, info: Info) -> Rates:
        return Rates(counts=await resolve.totals(info.context, self.campaign_id))

    @strawberry.field(description="How often people opened, and followed links, in all.")
    async def acts(self, info: Info) -> "ActCounts":
        counts = await resolve.totals(info.context, self.campaign_id)
        return ActCounts(
            opens_human=counts.opens_human,
            opens_machine=counts.opens_machine,
            clicks_human=counts.clicks_human,
            clicks_machine=counts.clicks_machine,
        )

    @strawberry.field(description="How long people took to open it.")
    async def time_to_open(self, info: Info) -> Durations:
        return await self._durations(info, "OPEN_DELAY")

    @strawberry.field(description="How long people took to follow a link.")
    async def time_to_click(self, info: Info) -> Durations:
        return await self._durations(info, "CLICK_DELAY")

    async def _durations(self, info: Info, kind: str) -> Durations:
        bins = await resolve.bins(info.context, self.campaign_id)
        return Durations.of(domain_durations.durations(bins.get(kind, {})))

    @strawberry.field(description="Links that were followed, those most people followed first.")
    async def links(
        self,
        info: Info,
        first: Most = 20,
    ) -> list[LinkPerformance]:
        found = await resolve.links(info.context, self.campaign_id, cursors.most(first))
        whole = (await resolve.totals(info.context, self.campaign_id)).clickers_human
        return [
            LinkPerformance(
                url=link.url,
                clickers_human=link.clickers_human,
                clickers_machine=link.clickers_machine,
                clicks_human=link.clicks_human,
                clicks_machine=link.clicks_machine,
                share=Rate.of(rate(link.clickers_human, whole)),
            )
            for link in found
        ]

    @strawberry.field(description="By segment of the customers reached, by name.")
    async def segments(self, info: Info) -> list[SegmentPerformance]:
        rows = await resolve.segments(info.context, self.campaign_id)
        return SegmentPerformance.all_of(rows)

    @strawberry.field(
        description="By CSM of the customers reached: all for managers and admins; a CSM sees "
        "their own alone, beside `average`."
    )
    async def csms(self, info: Info) -> list[CsmPerformance]:
        rows = await resolve.csms_of_campaign(info.context, self.campaign_id)
        return CsmPerformance.all_of(rows, await self._others(info))

    async def _others(self, info: Info) -> Sequence[Counts] | None:
        if info.context.viewer.may_read_all:
            return None
        return await resolve.everybodys(info.context, self.campaign_id)

    @strawberry.field(
        description="What all CSMs' customers did together, to compare a portfolio with; null to a "
        "CSM where it was sent to fewer than three portfolios."
    )
    async def average(self, info: Info) -> "AverageRates | None":
        found = await resolve.everybodys(info.context, self.campaign_id)
        return AverageRates.of(resolve.added(found)) if found else None

    @strawberry.field(description="When people acted, by hour of their own week.")
    async def by_hour(self, info: Info) -> Hours:
        bins = await resolve.bins(info.context, self.campaign_id)
        counts = await resolve.totals(info.context, self.campaign_id)
        opened, clicked = bins.get("OPEN_HOUR", {}), bins.get("CLICK_HOUR", {})
        return Hours(
            hours=[
                HourOfWeek(
                    weekday=hour // 24 + 1,
                    hour=hour % 24,
                    openers=opened.get(hour, 0),
                    clickers=clicked.get(hour, 0),
                )
                for hour in range(HOURS_OF_WEEK)
                if hour in opened or hour in clicked
            ],
            openers_without_zone=counts.openers_human - sum(opened.values()),
            clickers_without_zone=counts.clickers_human - sum(clicked.values()),
        )


@strawberry.type(description="How often something was done, repeats counted.")
class ActCounts:
    opens_human: int = strawberry.field(description="Openings by people.")
    opens_machine: int = strawberry.field(description="Openings by machines.")
    clicks_human: int = strawberry.field(description="Links followed by people.")
    clicks_machine: int = strawberry.field(description="Links followed by machines.")


@strawberry.type(description="Rates of all portfolios together; null where nobody could act.")
class AverageRates:
    open: float | None = strawberry.field(description="Human openers / delivered.")
    click: float | None = strawberry.field(description="Human clickers / delivered.")
    click_to_open: float | None = strawberry.field(description="Human clickers / human openers.")
    reply: float | None = strawberry.field(description="Repliers / delivered.")
    unsubscribe: float | None = strawberry.field(description="Unsubscribers / delivered.")

    @classmethod
    def of(cls, counts: Counts) -> Self:
        """From everybody's counts."""
        return cls(
            open=rate_of(counts, "open").value,
            click=rate_of(counts, "click").value,
            click_to_open=rate_of(counts, "click_to_open").value,
            reply=rate_of(counts, "reply").value,
            unsubscribe=rate_of(counts, "unsubscribe").value,
        )
