"""The review queue's decisions."""

import strawberry

from domain.errors import DomainError
from resolvers import reviewing as resolve
from schema import ids, seen
from schema.errors import UserError, expected
from schema.references import Recipient
from schema.scalars import Info, Input
from store.reviewing import Confirmation


@strawberry.input(description="Somebody who is not yet known at the customer.")
class NewStakeholderInput:
    name: str | None = strawberry.field(
        default=None, description="What they are called; null when that is not known."
    )
    title: str | None = strawberry.field(
        default=None, description="What they do; null when that is not known."
    )


@strawberry.input(description="Whose address a recipient's is.")
class ConfirmMatchInput:
    recipient_id: strawberry.ID = strawberry.field(
        description="A recipient with the address; all with it are decided together."
    )
    customer_id: strawberry.ID = strawberry.field(description="Whose address it is.")
    stakeholder_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The person at the customer, who gains the address; null: whoever has it "
        "there already, else somebody new.",
    )
    new_stakeholder: NewStakeholderInput | None = strawberry.field(
        default=None,
        description="About somebody new; of no effect where somebody has the address already. Not "
        "together with `stakeholderId`. Null when nothing is known.",
    )
    domain_is_theirs: bool = strawberry.field(
        default=False,
        description="Whether the whole domain is the customer's, so that other addresses there "
        "are proposed to it; refused for free-mail, provider and internal domains.",
    )


@strawberry.input(description="Whose address a recipient's is not.")
class RejectMatchInput:
    recipient_id: strawberry.ID = strawberry.field(
        description="A recipient with the address; all with it are decided together."
    )
    customer_id: strawberry.ID = strawberry.field(description="Whose address it is not.")


@strawberry.type
class _Decided:
    recipient_id: strawberry.Private[int | None]
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the input; empty when it was done."
    )

    @strawberry.field(
        description="The recipient, matched as was decided; null when nothing was, or when it is "
        "no longer in the viewer's portfolio."
    )
    async def recipient(self, info: Info) -> Recipient | None:
        return await seen.recipient(info, self.recipient_id)


@strawberry.type(description="What a confirmation came to.")
class ConfirmMatchPayload(_Decided):
    pass


@strawberry.type(description="A recipient after a change.")
class RecipientPayload(_Decided):
    pass


@strawberry.type
class ReviewMutation:
    @strawberry.mutation(
        description="Say that a recipient's address is a customer's. It is matched at once, with "
        "confidence 1, and its history moves; other addresses of the domain follow within "
        "seconds. Idempotent. CSMs may confirm what is proposed, by domain, for their customers."
    )
    async def confirm_match(
        self, info: Info, input: Input[ConfirmMatchInput]
    ) -> ConfirmMatchPayload:
        try:
            confirmed = _confirmation(input)
            await resolve.confirm_match(info.context, confirmed)
        except DomainError as error:
            return ConfirmMatchPayload(recipient_id=None, user_errors=[expected(error)])
        return ConfirmMatchPayload(recipient_id=confirmed.recipient_id, user_errors=[])

    @strawberry.mutation(
        description="Say that a recipient's address is not a customer's: the two are never matched "
        "again, and its history leaves the customer at once. Idempotent. CSMs may reject what is "
        "proposed, by domain, for their customers."
    )
    async def reject_match(self, info: Info, input: Input[RejectMatchInput]) -> RecipientPayload:
        try:
            recipient_id = ids.number(input.recipient_id, "Recipient", "recipientId")
            customer_id = ids.number(input.customer_id, "Customer", "customerId")
            await resolve.reject_match(info.context, recipient_id, customer_id)
        except DomainError as error:
            return RecipientPayload(recipient_id=None, user_errors=[expected(error)])
        return RecipientPayload(recipient_id=recipient_id, user_errors=[])


def _confirmation(given: ConfirmMatchInput) -> Confirmation:
    new = given.new_stakeholder
    if new is not None and given.stakeholder_id is not None:
        message = "give stakeholderId for somebody known or newStakeholder for somebody new"
        raise DomainError("CONFLICTING_INPUT", message, ("newStakeholder",))
    return Confirmation(
        recipient_id=ids.number(given.recipient_id, "Recipient", "recipientId"),
        customer_id=ids.number(given.customer_id, "Customer", "customerId"),
        stakeholder_id=None
        if given.stakeholder_id is None
        else ids.number(given.stakeholder_id, "Stakeholder", "stakeholderId"),
        name=resolve.line(new.name if new else None, "newStakeholder", "name"),
        title=resolve.line(new.title if new else None, "newStakeholder", "title"),
        is_domain_theirs=given.domain_is_theirs,
    )
