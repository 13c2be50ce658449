"""Stakeholders."""

from datetime import datetime

import strawberry

from domain.likelihood import NO_LIKELIHOOD
from resolvers import cursors, customers, engagement, suppressions
from resolvers import stakeholders as resolve
from schema import customers as customer_types
from schema import engagement as engagement_types
from schema import ids, scores
from schema import recipients as recipient_types
from schema import suppressions as suppression_types
from schema.connections import Connection, Node, connection
from schema.enums import Persona
from schema.references import (
    BestTime,
    Customer,
    Interest,
    Likelihood,
    Recipient,
    Score,
    Suppression,
)
from schema.scalars import After, First, Info, Most, TypeOfNext
from schema.views import View, read
from store import recipients
from store.people import InsightRow
from store.stakeholders import StakeholderRow


@strawberry.type(description="A person at a customer.")
class Stakeholder(
    View,
    Node,
    id=read("id", made=lambda key: ids.encode("Stakeholder", key)),
    needs={"customer": ("customer_id",), "suppressions": ("id",), "recipients": ("id",)},
):
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
        description="Whether an address should not be mailed any more; `suppressions` says why.",
        metadata=read("is_suppressed"),
    )
    tracking_consent: str = strawberry.field(
        description="Whether the person agreed to tracking: GRANTED, DENIED or UNKNOWN."
    )

    @strawberry.field(description="How engaged the person is.")
    async def score(self, info: Info) -> Score:
        return scores.of_person(await self._insight(info), info.context.now)

    @strawberry.field(
        description="How the person reads bulk mail; null before three sends with a known end."
    )
    async def persona(self, info: Info) -> Persona | None:
        return engagement_types.persona_of(await self._insight(info))

    @strawberry.field(description="What the person cares about, the strongest first.")
    async def interests(self, info: Info, first: Most = 5) -> list[Interest]:
        row, most = await self._insight(info), engagement.at_most(first)
        return [
            engagement_types.Interest.of(one)
            for one in (() if row is None else row.interests)[:most]
        ]

    @strawberry.field(description="How likely the person responds to the next campaign.")
    async def response_likelihood(self, info: Info, type: TypeOfNext = None) -> Likelihood:
        row = await self._insight(info)
        if row is None:
            return engagement_types.Likelihood.of(NO_LIKELIHOOD)
        return engagement_types.Likelihood.of(
            await engagement.likelihood_of_person(info.context, row, type)
        )

    @strawberry.field(description="When the person can be reached, by their own clock.")
    async def best_time(self, info: Info) -> BestTime:
        context, row = info.context, self.row
        customer = await customers.customer(context, row.customer_id)
        zone = row.timezone or (None if customer is None else customer.timezone)
        found = await engagement.best_time_of_person(context, row.id, row.customer_id, zone)
        return engagement_types.BestTime.of(found)

    @strawberry.field(
        description="When the person was last sent something; null when that never was, or over a "
        "year ago."
    )
    async def last_sent_at(self, info: Info) -> datetime | None:
        row = await self._insight(info)
        return None if row is None else row.last_sent_at

    @strawberry.field(
        description="When the person last did something with it; null when that is not known."
    )
    async def last_engaged_at(self, info: Info) -> datetime | None:
        row = await self._insight(info)
        return None if row is None else row.last_engaged_at

    @strawberry.field(
        description="Whether nothing came of the person over five delivered mails or 60 days."
    )
    async def dark(self, info: Info) -> bool:
        row = await self._insight(info)
        return row is not None and row.dark_at is not None and row.dark_at <= info.context.now

    async def _insight(self, info: Info) -> InsightRow | None:
        return await engagement.person(info.context, self.row.customer_id, self.row.id)

    @strawberry.field(description="Where the person works.")
    async def customer(self, info: Info) -> Customer:
        row = await customers.customer(info.context, self.row.customer_id)
        if row is None:  # ended in between, while a subscription reads the present
            raise LookupError(self.row)
        return customer_types.Customer.of(row)

    @strawberry.field(
        description="Why which of the person's addresses should not be mailed; empty when all may."
    )
    async def suppressions(self, info: Info) -> list[Suppression]:
        found = await suppressions.of_stakeholder(info.context, self.row.id)
        return [suppression_types.Suppression.of(row) for row in found]

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
