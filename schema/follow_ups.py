"""What is done about recommendations."""

from datetime import datetime

import strawberry

from domain.errors import DomainError
from resolvers import recommendations as resolve
from schema import ids
from schema import recommendations as recommendation_types
from schema.enums import FollowUpOutcome
from schema.errors import UserError, expected
from schema.references import Recommendation
from schema.scalars import Info, Input, instant


@strawberry.input(description="Which follow-up begins.")
class StartFollowUpInput:
    id: strawberry.ID = strawberry.field(description="The recommendation.")


@strawberry.input(description="Which follow-up is done, and what came of it.")
class CompleteFollowUpInput:
    id: strawberry.ID = strawberry.field(description="The recommendation.")
    outcome: FollowUpOutcome = strawberry.field(description="What came of it.")


@strawberry.input(description="Which recommendation is to wait, and until when.")
class SnoozeRecommendationInput:
    id: strawberry.ID = strawberry.field(description="The recommendation.")
    until: datetime = strawberry.field(
        description="When it comes back: a time to come, before it expires."
    )


@strawberry.input(description="Which recommendation is not wanted, and why.")
class DismissRecommendationInput:
    id: strawberry.ID = strawberry.field(description="The recommendation.")
    reason: str = strawberry.field(description="Why, in 1 to 500 characters.")


@strawberry.type(description="A recommendation after a change.")
class RecommendationPayload:
    recommendation_id: strawberry.Private[int | None]
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the input; empty when it was done."
    )

    @strawberry.field(description="The recommendation as it is now; null when it was not found.")
    async def recommendation(self, info: Info) -> Recommendation | None:
        if self.recommendation_id is None:
            return None
        row = await resolve.recommendation(info.context, self.recommendation_id)
        return None if row is None else recommendation_types.Recommendation.of(row)


def _refused(error: DomainError, recommendation_id: int | None) -> RecommendationPayload:
    return RecommendationPayload(recommendation_id=recommendation_id, user_errors=[expected(error)])


def _done(recommendation_id: int) -> RecommendationPayload:
    return RecommendationPayload(recommendation_id=recommendation_id, user_errors=[])


@strawberry.type
class FollowUpMutation:
    @strawberry.mutation(
        description="Begin a follow-up: the recommendation is STARTED and stays for at least 30 "
        "days. Idempotent."
    )
    async def start_follow_up(
        self, info: Info, input: Input[StartFollowUpInput]
    ) -> RecommendationPayload:
        found = None
        try:
            found = ids.number(input.id, "Recommendation", "id")
            await resolve.start(info.context, found)
        except DomainError as error:
            return _refused(error, found)
        return _done(found)

    @strawberry.mutation(
        description="Complete a follow-up with its outcome, started or not. The same kind rests 14 "
        "days about the same person then. Idempotent; an outcome cannot be changed."
    )
    async def complete_follow_up(
        self, info: Info, input: Input[CompleteFollowUpInput]
    ) -> RecommendationPayload:
        found = None
        try:
            found = ids.number(input.id, "Recommendation", "id")
            await resolve.complete(info.context, found, input.outcome)
        except DomainError as error:
            return _refused(error, found)
        return _done(found)

    @strawberry.mutation(
        description="Put a recommendation off: it is SNOOZED and OPEN again then. Idempotent."
    )
    async def snooze_recommendation(
        self, info: Info, input: Input[SnoozeRecommendationInput]
    ) -> RecommendationPayload:
        found = None
        try:
            found = ids.number(input.id, "Recommendation", "id")
            await resolve.snooze(info.context, found, instant(input.until, "until"))
        except DomainError as error:
            return _refused(error, found)
        return _done(found)

    @strawberry.mutation(
        description="Dismiss a recommendation, saying why. The same kind rests 14 days about the "
        "same person then. Idempotent; the first reason stays."
    )
    async def dismiss_recommendation(
        self, info: Info, input: Input[DismissRecommendationInput]
    ) -> RecommendationPayload:
        found = None
        try:
            found = ids.number(input.id, "Recommendation", "id")
            await resolve.dismiss(info.context, found, input.reason)
        except DomainError as error:
            return _refused(error, found)
        return _done(found)
