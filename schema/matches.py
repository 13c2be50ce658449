"""Whose an address is."""

import strawberry

from resolvers import customers
from schema import customers as customer_types
from schema import seen
from schema.enums import MatchMethod
from schema.references import Customer, Stakeholder
from schema.scalars import Info
from store.recipients import MatchRow


@strawberry.type(description="A recipient's address is this customer's.")
class Match:
    row: strawberry.Private[MatchRow]
    method: MatchMethod = strawberry.field(description="How it was found.")
    confidence: float = strawberry.field(description="How sure that is, 0 to 1.")

    @strawberry.field(description="Whose address it is.")
    async def customer(self, info: Info) -> Customer:
        row = await customers.customer(info.context, self.row.customer_id)
        if row is None:  # ended in between, while a subscription reads the present
            raise LookupError(self.row)
        return customer_types.Customer.of(row)

    @strawberry.field(
        description="The person; null when only the customer is known, as for DOMAIN matches."
    )
    async def stakeholder(self, info: Info) -> Stakeholder | None:
        return await seen.stakeholder(info, self.row.stakeholder_id)


def match(row: MatchRow) -> Match:
    """From its row."""
    return Match(row=row, method=MatchMethod(row.method), confidence=round(row.confidence, 4))
