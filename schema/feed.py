"""Live: what happens, as it happens."""

from collections.abc import AsyncGenerator
from enum import StrEnum
from typing import Annotated, Self

import strawberry

from resolvers import customers
from resolvers import feed as resolve
from schema import campaigns as campaign_types
from schema import customers as customer_types
from schema import ids, seen
from schema.enums import describe
from schema.references import Campaign, Customer, Event, Recipient
from schema.scalars import Info, Most
from store.feed import FeedEntry
from store.live import Update


class UpdateKind(StrEnum):
    """What an update says of its event."""

    RECORDED = "RECORDED"
    CORRECTED = "CORRECTED"
    REMOVED = "REMOVED"


describe(
    UpdateKind,
    "What an update says of its event.",
    {
        UpdateKind.RECORDED: "New to this customer, also history gained by a match.",
        UpdateKind.CORRECTED: "Its verdict on who acted has changed.",
        UpdateKind.REMOVED: "No longer this customer's, e.g. a match was rejected.",
    },
)

OfCsm = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Whose portfolio; null means all customers that the viewer sees, for a CSM "
        "their own."
    ),
]

From = Annotated[
    str | None,
    strawberry.argument(
        description="A `feedCursor` or an update's cursor: what came after it is told first, then "
        "it goes on live. Null begins now. One that is too old is refused as CURSOR_EXPIRED: read "
        "the customer again and begin after its feedCursor."
    ),
]


@strawberry.type(description="Something happened at a customer, or what is known of it changed.")
class EngagementUpdate:
    entry: strawberry.Private[FeedEntry]
    cursor: str = strawberry.field(description="Resume with `after` set to it.")
    kind: UpdateKind = strawberry.field(description="What the update says of its event.")
    event_id: strawberry.ID = strawberry.field(description="Which event it is about.")

    @classmethod
    def of(cls, update: Update) -> Self:
        """From a row of the feed."""
        entry = update.entry
        return cls(
            entry=entry,
            cursor=update.cursor,
            kind=UpdateKind(entry.kind),
            event_id=strawberry.ID(ids.encode_event(entry.fact_on, entry.key)),
        )

    @strawberry.field(description="The event as it is now; null when it was REMOVED.")
    async def event(self, info: Info) -> Event | None:
        if self.kind is UpdateKind.REMOVED:
            return None
        return await seen.event(info, (self.entry.fact_on, self.entry.key))

    @strawberry.field(description="Whose mail it was, as it is now; null when REMOVED.")
    async def recipient(self, info: Info) -> Recipient | None:
        if self.kind is UpdateKind.REMOVED:
            return None
        return await seen.recipient(info, self.entry.recipient_id)

    @strawberry.field(description="At which customer.")
    async def customer(self, info: Info) -> Customer:
        row = await customers.customer(info.context, self.entry.customer_id)
        if row is None:  # moved to another portfolio since
            raise LookupError(self.entry)
        return customer_types.Customer.of(row)


@strawberry.type(description="What happened last in a portfolio, and from where it goes on live.")
class RecentEngagement:
    feed_cursor: str = strawberry.field(
        description="Subscribe to portfolioEngagement with `after` set to it, and nothing is "
        "missed or told twice."
    )
    updates: list[EngagementUpdate] = strawberry.field(
        description="The last updates, newest first; of the days that the feed is kept."
    )


@strawberry.type
class FeedQuery:
    @strawberry.field(
        description="The last updates of all customers of a CSM, or of all that the viewer sees. "
        "Refused as FORBIDDEN to integrations."
    )
    async def recent_engagement(
        self,
        info: Info,
        csm_id: OfCsm = None,
        first: Most = 20,
    ) -> RecentEngagement:
        csm = None if csm_id is None else ids.number(csm_id, "Csm")
        feed_cursor, updates = await resolve.latest_of_portfolio(info.context, csm, first)
        return RecentEngagement(
            feed_cursor=feed_cursor, updates=[EngagementUpdate.of(update) for update in updates]
        )


@strawberry.type
class FeedSubscription:
    @strawberry.subscription(
        description="Every event of the customer, in order, without a gap or a repeat."
    )
    async def engagement_recorded(
        self,
        info: Info,
        customer_id: Annotated[strawberry.ID, strawberry.argument(description="At whom.")],
        after: From = None,
    ) -> AsyncGenerator[EngagementUpdate, None]:
        customer = ids.number(customer_id, "Customer")
        async for update in resolve.updates_of_customer(info.context, customer, after):
            yield EngagementUpdate.of(update)

    @strawberry.subscription(
        description="The same for all customers of a CSM, or all that the viewer sees."
    )
    async def portfolio_engagement(
        self,
        info: Info,
        csm_id: OfCsm = None,
        after: From = None,
    ) -> AsyncGenerator[EngagementUpdate, None]:
        csm = None if csm_id is None else ids.number(csm_id, "Csm")
        async for update in resolve.updates_of_portfolio(info.context, csm, after):
            yield EngagementUpdate.of(update)

    @strawberry.subscription(
        description="The campaign as it is now, then at most once a second while it changes."
    )
    async def campaign_progressed(
        self,
        info: Info,
        campaign_id: Annotated[strawberry.ID, strawberry.argument(description="Which campaign.")],
    ) -> AsyncGenerator[Campaign, None]:
        campaign = ids.number(campaign_id, "Campaign")
        async for row in resolve.progress_of_campaign(info.context, campaign):
            yield campaign_types.Campaign.of(row)
