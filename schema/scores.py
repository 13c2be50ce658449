"""How engaged somebody is, and what that rests on."""

from datetime import datetime
from typing import Self

import strawberry

from domain import scoring
from resolvers import engagement as resolve
from schema import events as event_types
from schema import seen
from schema.enums import Level, ScoreAct
from schema.references import Campaign, Event
from schema.scalars import Info
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
        return await seen.campaign(info, self.reason.campaign_id)

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

    @strawberry.field(
        description="The score of each of the last 90 days at this time of day, oldest first, and "
        "of now: 91 values. Null before three mails were delivered; empty without enough data now."
    )
    async def daily(self, info: Info) -> list[float | None]:
        if self.value is None:
            return []
        if self.person is not None:
            found = await resolve.daily_of_person(info.context, self.person, self.value)
        elif self.account is not None:
            found = await resolve.daily_of_customer(info.context, self.account.id, self.value)
        else:
            found = ()
        return [*found]

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


def shown(
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


def of_person(row: InsightRow | None, now: datetime) -> Score:
    """A person's score as the contract shows it."""
    return shown(resolve.score_of_person(row, now), person=row)
