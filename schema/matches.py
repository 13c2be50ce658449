"""Whose an address is."""

import strawberry

from resolvers import customers
from schema import customers as customer_types
from schema import seen
from schema import stakeholders as stakeholder_types
from schema.enums import MatchMethod
from schema.references import Customer, Stakeholder
from schema.scalars import Info
from schema.views import View, read
from store.joined import NOT_READ, beside
from store.recipients import MatchRow


@strawberry.type(description="A recipient's address is this customer's.")
class Match(
    View,
    needs={"customer": ("customer_id",), "stakeholder": ("stakeholder_id",)},
    beside={
        "customer": lambda: customer_types.Customer,
        "stakeholder": lambda: stakeholder_types.Stakeholder,
    },
):
    row: strawberry.Private[MatchRow]
    method: MatchMethod = strawberry.field(
        description="How it was found.", metadata=read("method", made=MatchMethod)
    )
    confidence: float = strawberry.field(
        description="How sure that is, 0 to 1.",
        metadata=read("confidence", made=lambda value: round(value, 4)),
    )

    @strawberry.field(description="Whose address it is.")
    def customer(self, info: Info) -> Customer:
        if (row := beside(self.row, "customer")) is not NOT_READ:
            return customer_types.Customer.of(row)
        return self._customer(info)  # type: ignore[return-value]  # awaited by the executor

    async def _customer(self, info: Info) -> Customer:
        row = await customers.customer(info.context, self.row.customer_id)
        if row is None:  # ended in between, while a subscription reads the present
            raise LookupError(self.row)
        return customer_types.Customer.of(row)

    @strawberry.field(
        description="The person; null when only the customer is known, as for DOMAIN matches."
    )
    def stakeholder(self, info: Info) -> Stakeholder | None:
        if (row := beside(self.row, "stakeholder")) is not NOT_READ:
            return None if row is None else stakeholder_types.Stakeholder.of(row)
        return seen.stakeholder(info, self.row.stakeholder_id)  # type: ignore[return-value]  # awaited by the executor
