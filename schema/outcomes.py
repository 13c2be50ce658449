"""Whether it works: coverage, follow-ups, and what recommendations changed."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain import outcomes as rules
from domain import rates
from domain.outcomes import Verdict
from resolvers import capture, cursors, recommendations
from resolvers import outcomes as resolve
from schema import recommendations as recommendation_types
from schema import seen
from schema.connections import Connection, connection
from schema.enums import FollowUpOutcome, RecommendationKind, describe
from schema.rates import Rate
from schema.references import Customer, Event, Recommendation
from schema.scalars import After, First, Info, instant
from store import outcomes as stored
from store.outcomes import OutcomeGroup, OutcomeRow, Period

describe(
    Verdict,
    "What the comparison of recommended with held-out customers says.",
    {
        Verdict.NO_HOLDOUT: "Nobody was held out: figures show an association and no lift.",
        Verdict.UNDERPOWERED: "Too few customers to tell: `customersNeeded` says how many more.",
        Verdict.HELPS: "Recommended customers converted more often, beyond chance.",
        Verdict.HARMS: "Recommended customers converted less often, beyond chance.",
        Verdict.NO_RELEVANT_LIFT: "No difference beyond chance, although there were enough "
        "customers to find a relevant one.",
    },
    name="LiftVerdict",
)
describe(
    OutcomeGroup,
    "What an outcome counts for.",
    {
        OutcomeGroup.HIGH_ENGAGERS: "Recommendations of the follow-up rate.",
        OutcomeGroup.TREATED: "Customers whose recommendations were shown, each by the first one.",
        OutcomeGroup.HELD_OUT: "Customers held out, each by the first recommendation kept back.",
    },
)


@strawberry.type(
    description="What became of recommendations about the highly engaged (REPLY_WAITING, "
    "START_CONVERSATION, SHARE_CONTENT) that appeared in the period. Those withdrawn do not count."
)
class FollowUps:
    rate: Rate = strawberry.field(
        description="Completed with contact (CONVERSATION, MEETING, NO_ANSWER) / shown."
    )
    waiting: int = strawberry.field(
        description="Those among the denominator that may still be followed up."
    )


@strawberry.type(
    description="Customers whose recommendations were shown beside those held out by lot. A "
    "customer counts once, by the first recommendation of the period about high engagement, and "
    "converts within 30 days of it."
)
class ConversionLift:
    treated: Rate = strawberry.field(description="Converted / shown recommendations.")
    held_out: Rate = strawberry.field(description="Converted / held out.")
    difference: float | None = strawberry.field(
        description="The treated share minus the held-out one, -1 to 1; null without both."
    )
    low: float | None = strawberry.field(
        description="The true difference is hardly lower: the 95 % interval (Newcombe's hybrid "
        "score); null without both groups."
    )
    high: float | None = strawberry.field(
        description="The true difference is hardly higher; null without both groups."
    )
    verdict: Verdict = strawberry.field(description="What that says.")
    customers_needed: int | None = strawberry.field(
        description="How many more customers would find a difference of 5 points in four of five "
        "cases, at the rate of those held out; 0 when there are enough, null without a holdout."
    )
    enough_data: bool = strawberry.field(
        description="Whether it says something: there is a holdout, and it is not underpowered."
    )
    statement: str = strawberry.field(description="All of it in a sentence.")

    @classmethod
    def of(cls, found: rules.Lift) -> Self:
        """From the rules' comparison."""
        return cls(
            treated=Rate.of(found.treated.rate),
            held_out=Rate.of(found.held_out.rate),
            difference=found.difference,
            low=found.low,
            high=found.high,
            verdict=found.verdict,
            customers_needed=found.customers_needed,
            enough_data=found.verdict not in (Verdict.NO_HOLDOUT, Verdict.UNDERPOWERED),
            statement=rules.statement(found),
        )


@strawberry.type(description="One recommendation that was counted, and what came of it.")
class OutcomeCase:
    row: strawberry.Private[OutcomeRow]
    kind: RecommendationKind = strawberry.field(description="What was recommended.")
    recommended_at: datetime = strawberry.field(
        description="When it appeared, or was kept back from a customer held out."
    )
    held_out: bool = strawberry.field(description="Whether it was kept back.")
    outcome: FollowUpOutcome | None = strawberry.field(
        description="What came of its own follow-up; null when none was completed."
    )
    success: bool = strawberry.field(
        description="Whether it counts in the numerator: contact was made, or the customer "
        "converted."
    )
    conversation_at: datetime | None = strawberry.field(
        description="When a follow-up with the customer first led to a conversation or meeting; "
        "null when none did in time, and for HIGH_ENGAGERS."
    )

    @classmethod
    def of(cls, row: OutcomeRow) -> Self:
        """From its row."""
        return cls(
            row=row,
            kind=RecommendationKind(row.kind),
            recommended_at=row.created_at,
            held_out=row.is_held_out,
            outcome=None if row.outcome is None else FollowUpOutcome(row.outcome),
            success=row.is_success,
            conversation_at=row.conversed_at,
        )

    @strawberry.field(description="About which customer; null when it is out of sight by now.")
    async def customer(self, info: Info) -> Customer | None:
        return await seen.customer(info, self.row.customer_id)

    @strawberry.field(description="The recommendation itself; null when it was kept back.")
    async def recommendation(self, info: Info) -> Recommendation | None:
        row = await recommendations.recommendation(info.context, self.row.id)
        return None if row is None else recommendation_types.Recommendation.of(row)

    @strawberry.field(
        description="The customer's first reply after it; null when there was none in time, and "
        "for HIGH_ENGAGERS."
    )
    async def reply(self, info: Info) -> Event | None:
        if self.row.reply_on is None or self.row.reply_key is None:
            return None
        return await seen.event(info, (self.row.reply_on, self.row.reply_key))


@strawberry.type(
    description="Whether it works: how many recipients are known, whether the highly engaged are "
    "followed up, and what that changes."
)
class Outcomes:
    period: strawberry.Private[Period]

    @strawberry.field(description="The period's beginning.")
    def since(self) -> datetime:
        return self.period.since

    @strawberry.field(description="The period's end, which is not in it.")
    def until(self) -> datetime:
        return self.period.until

    @strawberry.field(
        description="Matched to a customer / recipients not internal: of all campaigns, whatever "
        "the period. `capture.coverage` has the reasons."
    )
    async def coverage(self, info: Info) -> Rate:
        found = await capture.coverage(info.context)
        return Rate.of(rates.rate(found.matched, found.recipients - found.internal))

    @strawberry.field(description="Whether the highly engaged are followed up.")
    async def follow_ups(self, info: Info) -> FollowUps:
        found = await resolve.follow_ups(info.context, self.period)
        rate = rates.rate(found.contacted, found.shown)
        return FollowUps(rate=Rate.of(rate), waiting=found.waiting)

    @strawberry.field(
        description="From engagement to conversation: converted is who had a follow-up with the "
        "outcome CONVERSATION or MEETING, or replied to a campaign. Follow-ups can be written down "
        "for shown recommendations alone, so that this flatters; `replyLift` does not."
    )
    async def conversion_lift(self, info: Info) -> ConversionLift:
        treated, held_out = await resolve.groups(info.context, self.period)
        return _lift(info, treated.conversions, held_out.conversions)

    @strawberry.field(description="The same by replies alone, which are seen of both groups alike.")
    async def reply_lift(self, info: Info) -> ConversionLift:
        treated, held_out = await resolve.groups(info.context, self.period)
        return _lift(info, treated.replies, held_out.replies)

    @strawberry.field(description="What the figures are made of, the newest first.")
    async def cases(
        self,
        info: Info,
        group: Annotated[
            OutcomeGroup, strawberry.argument(description="Which denominator.")
        ] = OutcomeGroup.HIGH_ENGAGERS,
        success: Annotated[
            bool | None,
            strawberry.argument(
                description="True: the numerator alone; false: the others; null: all of them."
            ),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[OutcomeCase]:
        page = cursors.page(stored.NEWEST, first, after)
        return connection(
            await resolve.behind(info.context, self.period, group, success, page),
            order=stored.NEWEST,
            after=after,
            node=OutcomeCase.of,
            count=lambda: resolve.count_behind(info.context, self.period, group, success),
        )


def _lift(info: Info, treated: rules.Converted, held_out: rules.Converted) -> ConversionLift:
    percent = info.context.services.policy.holdout_percent
    return ConversionLift.of(rules.lift(treated, held_out, holdout_percent=percent))


@strawberry.type
class OutcomesQuery:
    @strawberry.field(
        description="Whether it works, for managers and admins; refused as FORBIDDEN to others."
    )
    def outcomes(
        self,
        info: Info,
        since: Annotated[
            datetime | None,
            strawberry.argument(description="The beginning; null: 90 days before the end."),
        ] = None,
        until: Annotated[
            datetime | None, strawberry.argument(description="The end; null: now.")
        ] = None,
    ) -> Outcomes:
        start = None if since is None else instant(since, "since")
        end = None if until is None else instant(until, "until")
        return Outcomes(period=resolve.period(info.context, start, end))
