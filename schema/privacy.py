"""Consent, erasure and lifting a suppression."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.errors import DomainError
from resolvers import privacy as resolve
from resolvers import suppressions
from schema import ids, seen
from schema import suppressions as suppression_types
from schema.enums import Consent, SuppressionReason
from schema.errors import UserError, expected
from schema.references import Stakeholder, Suppression
from schema.scalars import Info, Input
from store.erasing import ErasureRow


@strawberry.input(description="What a person said about being tracked.")
class SetTrackingConsentInput:
    stakeholder_id: strawberry.ID = strawberry.field(description="The person.")
    consent: Consent = strawberry.field(description="What holds from now on.")


@strawberry.type(description="A stakeholder after a change.")
class StakeholderPayload:
    stakeholder_id: strawberry.Private[int | None]
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the input; empty when it was done."
    )

    @strawberry.field(description="The stakeholder as they are now; null when nothing was done.")
    async def stakeholder(self, info: Info) -> Stakeholder | None:
        return await seen.stakeholder(info, self.stakeholder_id)


@strawberry.type(description="How far an erasure is. The person themselves are gone at once.")
class Erasure:
    requested_at: datetime = strawberry.field(description="When it was first asked for.")
    completed_at: datetime | None = strawberry.field(
        description="When everything was gone; null while events and payloads are still looked "
        "through: call again to see how far it is."
    )
    addresses: int = strawberry.field(description="Addresses, aliases among them, taken out.")
    recipients: int = strawberry.field(
        description="Recipients that are nobody's now: their counts stay in their campaigns."
    )
    events: int = strawberry.field(description="Events deleted, after they were counted.")
    payloads: int = strawberry.field(description="Raw payloads emptied.")

    @classmethod
    def of(cls, row: ErasureRow) -> Self:
        """From its row."""
        return cls(
            requested_at=row.requested_at,
            completed_at=row.completed_at,
            addresses=row.addresses,
            recipients=row.recipients,
            events=row.events,
            payloads=row.payloads,
        )


@strawberry.type(description="What an erasure came to.")
class EraseStakeholderPayload:
    erasure: Erasure | None = strawberry.field(
        description="How far it is; null when there is nobody to erase."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the input; empty when it was done or goes on."
    )


@strawberry.input(description="A suppression that no longer holds, because a person knows better.")
class LiftSuppressionInput:
    address: str = strawberry.field(description="The address that may be mailed again.")
    reason: SuppressionReason = strawberry.field(
        description="What is lifted; UNSUBSCRIBED cannot be: only RESUBSCRIBED ends it."
    )


@strawberry.type(description="What remains after a suppression was lifted.")
class LiftSuppressionPayload:
    suppressions: list[Suppression] = strawberry.field(
        description="Why the address should not be mailed all the same; empty when it may be."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the input; empty when it was done."
    )


Erased = Annotated[strawberry.ID, strawberry.argument(description="The stakeholder to erase.")]


@strawberry.type
class PrivacyMutation:
    @strawberry.mutation(
        description="Write down whether a person agreed to their opens and clicks being tracked. "
        "Idempotent. CSMs may for their own customers' people, managers and admins for all."
    )
    async def set_tracking_consent(
        self, info: Info, input: Input[SetTrackingConsentInput]
    ) -> StakeholderPayload:
        try:
            stakeholder_id = ids.number(input.stakeholder_id, "Stakeholder", "stakeholderId")
            await resolve.set_consent(info.context, stakeholder_id, Consent(input.consent))
        except DomainError as error:
            return StakeholderPayload(stakeholder_id=None, user_errors=[expected(error)])
        return StakeholderPayload(stakeholder_id=stakeholder_id, user_errors=[])

    @strawberry.mutation(
        description="Erase a person: name, addresses, matches, events and what raw payloads say of "
        "them. Anonymous counts stay, followers are told REMOVED, and nothing is kept of what is "
        "reported later. It cannot be undone. Idempotent; for admins."
    )
    async def erase_stakeholder(self, info: Info, id: Erased) -> EraseStakeholderPayload:
        try:
            row = await resolve.erase(info.context, ids.number(id, "Stakeholder", "id"))
        except DomainError as error:
            return EraseStakeholderPayload(erasure=None, user_errors=[expected(error)])
        return EraseStakeholderPayload(erasure=Erasure.of(row), user_errors=[])

    @strawberry.mutation(
        description="Let an address be mailed again, e.g. because its mailbox was repaired: what "
        "happened until now no longer suppresses it. For managers and admins."
    )
    async def lift_suppression(
        self, info: Info, input: Input[LiftSuppressionInput]
    ) -> LiftSuppressionPayload:
        try:
            rows = await suppressions.lift_suppression(
                info.context, input.address, SuppressionReason(input.reason)
            )
        except DomainError as error:
            return LiftSuppressionPayload(suppressions=[], user_errors=[expected(error)])
        left = [suppression_types.Suppression.of(row) for row in rows]
        return LiftSuppressionPayload(suppressions=left, user_errors=[])
