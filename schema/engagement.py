"""How engaged people and customers are, and what it rests on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from domain import best_time as timing
from domain import interests as caring
from domain import likelihood as chances
from domain.habits import by_type, pace, shifts
from resolvers import engagement as resolve
from schema import recipients as recipient_types
from schema import scores, seen
from schema.enums import Basis, CampaignType, Persona
from schema.references import Campaign, LinkClicks, Score, Stakeholder
from schema.scalars import Info, Most, TypeOfNext
from schema.topics import Topic
from store.customers import CustomerRow
from store.people import InsightRow


@strawberry.type(
    description="The probability that a person clicks or replies within 14 days of the next "
    "campaign, with its 90 % interval. Null without enough data."
)
class Likelihood:
    mean: float | None = strawberry.field(description="The probability, 0 to 1.")
    low: float | None = strawberry.field(description="The interval's lower end.")
    high: float | None = strawberry.field(description="The interval's upper end.")
    enough_data: bool = strawberry.field(
        description="Whether at least three sends with a known end are behind it."
    )
    based_on: int = strawberry.field(description="Sends with a known end behind it.")

    @classmethod
    def of(cls, found: chances.Likelihood) -> Self:
        """From the rule's value."""
        return cls(
            mean=found.mean,
            low=found.low,
            high=found.high,
            enough_data=found.has_enough_data,
            based_on=found.based_on,
        )


@strawberry.type(description="Hours of the week in which somebody can be reached.")
class TimeWindow:
    weekday: int = strawberry.field(description="0 is Monday, 6 Sunday.")
    start_hour: int = strawberry.field(description="Its first hour, 0 to 23, by their own clock.")
    end_hour: int = strawberry.field(description="The hour it ends before, 1 to 24.")
    lift: float = strawberry.field(
        description="How often they act in it beside an average hour of their week."
    )
    evidence: int = strawberry.field(description="Acts that lie in it, of those it rests on.")


@strawberry.type(description="When somebody can be reached.")
class BestTime:
    rhythm: strawberry.Private[timing.Rhythm]
    windows: list[TimeWindow] = strawberry.field(description="The best windows, best first.")
    timezone: str = strawberry.field(description="The time zone of the windows, by IANA name.")
    basis: Basis = strawberry.field(description="Whose acts they rest on.")
    acts: int = strawberry.field(description="How many acts that are.")
    enough_data: bool = strawberry.field(
        description="Whether they are the person's own, or the customer's own, acts."
    )

    @classmethod
    def of(cls, found: timing.BestTime) -> Self:
        """From the rule's value."""
        own = (timing.Basis.STAKEHOLDER, timing.Basis.CUSTOMER)
        return cls(
            rhythm=found.rhythm,
            windows=[
                TimeWindow(
                    weekday=w.weekday,
                    start_hour=w.start_hour,
                    end_hour=w.end_hour,
                    lift=w.lift,
                    evidence=w.evidence,
                )
                for w in found.windows
            ],
            timezone=found.timezone,
            basis=Basis(found.basis),
            acts=found.acts,
            enough_data=found.basis in own,
        )

    @strawberry.field(
        description="How often they act in each hour of the week beside an average one: 168 "
        "figures from Monday 0:00 on, by their own clock; empty where nobody's acts are known."
    )
    def hours(self) -> list[float]:
        return self.rhythm.week()


@strawberry.type(description="A topic somebody clicks more than everybody does on the same mails.")
class Interest:
    topic: Topic = strawberry.field(description="The topic.")
    weight: float = strawberry.field(
        description="The logarithm of how much more they are drawn by it than everybody; 0.7 is "
        "twice as much."
    )
    links: list[LinkClicks] = strawberry.field(description="The links behind it, the latest first.")

    @classmethod
    def of(cls, found: caring.Interest) -> Self:
        """From the rule's value."""
        links = [
            recipient_types.LinkClicks(
                campaign_id=campaign_id,
                url=link.url,
                human=link.clicks,
                machine=link.machine,
                first_at=link.first_at,
                last_at=link.last_at,
            )
            for campaign_id, link in found.links
        ]
        return cls(topic=Topic(name=found.topic), weight=found.weight, links=links)


@strawberry.type(description="How a type of campaign does with somebody.")
class TypePattern:
    type: CampaignType | None = strawberry.field(description="The type; null where unknown.")
    delivered: int = strawberry.field(description="Mails of it delivered.")
    engaged: int = strawberry.field(description="Those of them that a person did something with.")


@strawberry.type(description="A person whose share of their customer's engagement moved.")
class EngagementShift:
    stakeholder_id: strawberry.Private[int]
    share_before: float = strawberry.field(description="Their share thirty days ago, 0 to 1.")
    share_now: float = strawberry.field(description="Their share now, 0 to 1.")

    @strawberry.field(description="Who; null when the person is gone.")
    async def stakeholder(self, info: Info) -> Stakeholder | None:
        return await seen.stakeholder(info, self.stakeholder_id)


@strawberry.type(description="How bulk mail is read.")
class Patterns:
    rows: strawberry.Private[Sequence[InsightRow]]

    @strawberry.field(description="By type of campaign, the one most engaged with first.")
    def types(self) -> list[TypePattern]:
        return [
            TypePattern(
                type=CampaignType(p.type) if p.type else None,
                delivered=p.delivered,
                engaged=p.engaged,
            )
            for p in by_type(row.types for row in self.rows)
        ]

    @strawberry.field(
        description="The median hours from a send to the first act; null without any act."
    )
    def pace_hours(self) -> float | None:
        return pace(hours for row in self.rows for hours in row.pace_hours)

    @strawberry.field(
        description="People whose share of the customer's engagement moved by a tenth or more in "
        "30 days, the largest move first; empty for a single person."
    )
    def shifts(self) -> list[EngagementShift]:
        masses = {row.stakeholder_id: (row.mass_before, row.mass) for row in self.rows}
        return [
            EngagementShift(stakeholder_id=s.person, share_before=s.before, share_now=s.now)
            for s in shifts(masses)
        ]


@strawberry.type(description="How far one campaign got at one customer.")
class CampaignReach:
    campaign_id: strawberry.Private[int]
    sent_at: datetime = strawberry.field(description="When the first of its people was sent it.")
    recipients: int = strawberry.field(description="The customer's people who were sent it.")
    delivered: int = strawberry.field(description="Those it was delivered to.")
    engaged: int = strawberry.field(description="Those who did something with it themselves.")

    @strawberry.field(description="The campaign; null when it is no longer one.")
    async def campaign(self, info: Info) -> Campaign | None:
        return await seen.campaign(info, self.campaign_id)


@strawberry.type(description="How engaged a customer is, over all its people.")
class CustomerEngagement:
    row: strawberry.Private[CustomerRow]

    @strawberry.field(description="The score of its people together.")
    async def score(self, info: Info) -> Score:
        found = resolve.score_of_customer(self.row, info.context.now)
        return scores.shown(found, account=self.row)

    @strawberry.field(description="The latest campaigns its people were sent, newest first.")
    async def recent_campaigns(self, info: Info, last: Most = 5) -> list[CampaignReach]:
        rows = await resolve.recent_campaigns(info.context, self.row.id, last)
        return [
            CampaignReach(
                campaign_id=row.campaign_id,
                sent_at=row.sent_at,
                recipients=row.recipients,
                delivered=row.delivered,
                engaged=row.engaged,
            )
            for row in rows
        ]

    @strawberry.field(description="How its people read bulk mail.")
    async def patterns(self, info: Info) -> Patterns:
        return Patterns(rows=await resolve.people(info.context, self.row.id))

    @strawberry.field(description="What its people care about together, the strongest first.")
    async def interests(self, info: Info, first: Most = 5) -> list[Interest]:
        found = await resolve.interests_of_customer(info.context, self.row.id)
        return [Interest.of(one) for one in found[: resolve.at_most(first)]]

    @strawberry.field(
        description="How likely one of its people, whoever it is, responds to the next campaign."
    )
    async def response_likelihood(self, info: Info, type: TypeOfNext = None) -> Likelihood:
        found = await resolve.likelihood_of_customer(info.context, self.row, type)
        return Likelihood.of(found)

    @strawberry.field(description="When its people can be reached, each by their own clock.")
    async def best_time(self, info: Info) -> BestTime:
        row = self.row
        return BestTime.of(await resolve.best_time_of_customer(info.context, row.id, row.timezone))

    @strawberry.field(description="Stakeholders who were sent something within 90 days.")
    async def stakeholders_reached(self, info: Info) -> int:
        return (await resolve.counts(info.context, self.row.id))[0]

    @strawberry.field(description="Those of them who did something with it within 90 days.")
    async def stakeholders_engaged(self, info: Info) -> int:
        return (await resolve.counts(info.context, self.row.id))[1]

    @strawberry.field(
        description="Stakeholders of whom nothing came over five delivered mails or 60 days."
    )
    async def stakeholders_dark(self, info: Info) -> int:
        return (await resolve.counts(info.context, self.row.id))[2]


def persona_of(row: InsightRow | None) -> Persona | None:
    """A person's persona as the contract shows it."""
    return None if row is None or row.persona is None else Persona(row.persona)
