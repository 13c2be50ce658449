"""How engaged people and customers are, and what it rests on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from domain import best_time as timing
from domain import interests as caring
from domain import likelihood as chances
from domain import scoring
from domain.habits import by_type, pace, shifts
from resolvers import campaigns, stakeholders
from resolvers import engagement as resolve
from schema import campaigns as campaign_types
from schema import events as event_types
from schema import recipients as recipient_types
from schema import stakeholders as stakeholder_types
from schema.enums import Basis, CampaignType, Level, Persona, ScoreAct
from schema.references import Campaign, Event, LinkClicks, Stakeholder
from schema.scalars import Info, Most, TypeOfNext
from schema.topics import Topic
from store.customers import CustomerRow
from store.people import InsightRow


@strawberry.type(description="What a part of a score rests on: one kind of act on one campaign.")
class ScoreReason:
    reason: strawberry.Private[scoring.Reason]
    act: ScoreAct = strawberry.field(description="What was done.")
    label: str = strawberry.field(description="The same in words, e.g. “2 clicks”.")
    points: float = strawberry.field(
        description="What it adds to the shown score, or takes from it; the reasons of a score sum "
        "to it exactly, in hundredths."
    )

    @classmethod
    def of(cls, reason: scoring.Reason) -> Self:
        """From the rule's value."""
        one, many = WORDS[reason.act]
        label = f"{reason.count} {one if reason.count == 1 else many}"
        return cls(reason=reason, act=ScoreAct(reason.act), label=label, points=reason.points)

    @strawberry.field(
        description="On which campaign; null when the viewer may not see it any more."
    )
    async def campaign(self, info: Info) -> Campaign | None:
        row = await campaigns.campaign(info.context, self.reason.campaign_id)
        return None if row is None else campaign_types.Campaign.of(row)

    @strawberry.field(
        description="The events behind it, newest first; none for an open that follows from a "
        "click, and for what retention has dropped."
    )
    async def events(self, info: Info) -> list[Event]:
        rows = await resolve.evidence(info.context, self.reason)
        return [event_types.Event.of(row) for row in rows]


WORDS = {
    scoring.Act.REPLY: ("reply", "replies"),
    scoring.Act.FORWARD: ("forward", "forwards"),
    scoring.Act.CLICK: ("click", "clicks"),
    scoring.Act.OPEN: ("open", "opens"),
    scoring.Act.UNSUBSCRIBE: ("unsubscribe", "unsubscribes"),
    scoring.Act.COMPLAINT: ("spam complaint", "spam complaints"),
}
"""An act in words: one, and several."""


@strawberry.type(
    description="How engaged somebody is, 0 to 100: a sum of what people did that fades by half in "
    "30 days. 60 is HIGH, 30 MEDIUM, 5 LOW."
)
class Score:
    person: strawberry.Private[InsightRow | None]
    account: strawberry.Private[CustomerRow | None]
    value: float | None = strawberry.field(
        description="The score; null before three mails were delivered."
    )
    level: Level = strawberry.field(description="The score in a word; NONE without enough data.")
    enough_data: bool = strawberry.field(description="Whether three mails were delivered.")
    trend: float | None = strawberry.field(
        description="How many points it moved in 30 days; null without enough data."
    )

    @strawberry.field(description="What it rests on, the weightiest first.")
    async def reasons(self, info: Info) -> list[ScoreReason]:
        if self.value is None:
            return []
        if self.person is not None:
            found = await resolve.reasons_of_person(info.context, self.person, self.value)
        elif self.account is not None:
            found = await resolve.reasons_of_customer(info.context, self.account.id, self.value)
        else:
            found = ()
        return [ScoreReason.of(reason) for reason in found]


def score(
    found: tuple[float, float] | None,
    *,
    person: InsightRow | None = None,
    account: CustomerRow | None = None,
) -> Score:
    """A score and its trend as the contract shows them."""
    value, trend = found if found is not None else (None, None)
    level = Level.NONE if value is None else Level(scoring.level_of(value))
    return Score(
        person=person,
        account=account,
        value=value,
        level=level,
        enough_data=value is not None,
        trend=trend,
    )


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
        row = await stakeholders.stakeholder(info.context, self.stakeholder_id)
        return None if row is None else stakeholder_types.Stakeholder.of(row)


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
        row = await campaigns.campaign(info.context, self.campaign_id)
        return None if row is None else campaign_types.Campaign.of(row)


@strawberry.type(description="How engaged a customer is, over all its people.")
class CustomerEngagement:
    row: strawberry.Private[CustomerRow]

    @strawberry.field(description="The score of its people together.")
    async def score(self, info: Info) -> Score:
        found = resolve.score_of_customer(self.row, info.context.now)
        return score(found, account=self.row)

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
        return BestTime.of(await resolve.best_time_of_customer(info.context, self.row))

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


def person_score(row: InsightRow | None, now: datetime) -> Score:
    """A person's score as the contract shows it."""
    return score(resolve.score_of_person(row, now), person=row)


def persona_of(row: InsightRow | None) -> Persona | None:
    """A person's persona as the contract shows it."""
    return None if row is None or row.persona is None else Persona(row.persona)
