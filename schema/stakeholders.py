"""Stakeholders."""

from typing import Self

import strawberry

from resolvers import cursors, customers
from resolvers import stakeholders as resolve
from schema import customers as customer_types
from schema import ids
from schema import recipients as recipient_types
from schema.connections import Connection, Node, connection
from schema.references import Customer, Recipient
from schema.scalars import After, First, Info
from store import recipients
from store.stakeholders import StakeholderRow


@strawberry.type(description="A person at a customer.")
class Stakeholder(Node):
    row: strawberry.Private[StakeholderRow]
    external_id: str | None = strawberry.field(
        description="The person's id in the company's own system; null when none was given."
    )
    name: str | None = strawberry.field(description="The person's name; null when unknown.")
    title: str | None = strawberry.field(description="What the person does; null when unknown.")
    addresses: list[str] = strawberry.field(
        description="Known email addresses, normalised, the primary one first."
    )
    timezone: str | None = strawberry.field(
        description="The person's time zone by IANA name; null when unknown."
    )
    suppressed: bool = strawberry.field(
        description="Whether an address should not be mailed any more: it bounced for good, or "
        "three times in a row, or complained."
    )
    tracking_consent: str = strawberry.field(
        description="Whether the person agreed to tracking: GRANTED, DENIED or UNKNOWN."
    )

    @classmethod
    def of(cls, row: StakeholderRow) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(ids.encode("Stakeholder", row.id)),
            row=row,
            external_id=row.external_id,
            name=row.name,
            title=row.title,
            addresses=row.addresses,
            timezone=row.timezone,
            suppressed=row.is_suppressed,
            tracking_consent=row.tracking_consent,
        )

    @strawberry.field(description="Where the person works.")
    async def customer(self, info: Info) -> Customer:
        row = await customers.customer(info.context, self.row.customer_id)
        if row is None:  # ended in between, while a subscription reads the present
            raise LookupError(self.row)
        return customer_types.Customer.of(row)

    @strawberry.field(description="What was sent to the person and came of it, newest first.")
    async def recipients(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Recipient]:
        page = cursors.page(recipients.NEWEST, first, after)
        return connection(
            await resolve.recipients_of_stakeholder(info.context, self.row.id, page),
            order=recipients.NEWEST,
            after=after,
            node=recipient_types.Recipient.of,
            count=lambda: resolve.count_recipients(info.context, self.row.id),
        )
