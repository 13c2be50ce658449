"""Customers."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from resolvers import cursors, recommendations
from resolvers import customers as resolve
from schema import engagement as engagement_types
from schema import events as event_types
from schema import ids, seen
from schema import recipients as recipient_types
from schema import recommendations as recommendation_types
from schema import stakeholders as stakeholder_types
from schema.connections import Connection, Node, connection
from schema.csms import Csm
from schema.enums import Actor, EventKind
from schema.filters import RecommendationFilter
from schema.references import CustomerEngagement, Event, Recipient, Recommendation, Stakeholder
from schema.scalars import After, First, Info, instant, midnight
from schema.views import View, read
from store import events, joined, recipients, stakeholders
from store.customer_pages import CustomerPage
from store.customers import CustomerRow
from store.events import EventRow
from store.paging import Page, Slice
from store.timeline import EventFilter as ChosenEvents


@strawberry.input(description="Which events to list; each member that is given narrows.")
class EventFilter:
    kinds: list[EventKind] | None = strawberry.field(
        default=None, description="Only these kinds; null means all, an empty list none."
    )
    actor: Actor | None = strawberry.field(
        default=None,
        description="Only acts (opens, clicks, unsubscribes) by people or only by machines; null "
        "means all events.",
    )
    since: datetime | None = strawberry.field(
        default=None, description="Only what occurred at or after this; null means no limit."
    )
    until: datetime | None = strawberry.field(
        default=None, description="Only what occurred before this; null means no limit."
    )
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only events of this campaign; null means all campaigns."
    )

    def chosen(self) -> ChosenEvents:
        """As the store takes it. Raises DomainError."""
        return ChosenEvents(
            kinds=None if self.kinds is None else tuple(self.kinds),
            actor=self.actor,
            since=None if self.since is None else instant(self.since, "filter", "since"),
            until=None if self.until is None else instant(self.until, "filter", "until"),
            campaign_id=None if not self.campaign_id else ids.number(self.campaign_id, "Campaign"),
        )


@strawberry.type(description="A company that buys from us.")
class Customer(
    View,
    Node,
    id=read("id", made=lambda key: ids.encode("Customer", key)),
    needs={"csm": ("csm_id",), "stakeholders": ("id",), "recipients": ("id",)},
    beside={"csm": lambda: Csm},
):
    row: strawberry.Private[CustomerRow]
    beside: strawberry.Private[CustomerPage | None] = None
    external_id: str | None = strawberry.field(
        description="Its id in the company's own system; null when none was given."
    )
    name: str = strawberry.field(description="The company's name.")
    segment: str | None = strawberry.field(
        description="The group it is compared within; null when none was given."
    )
    timezone: str | None = strawberry.field(
        description="Its time zone by IANA name, e.g. Europe/Paris; null when unknown."
    )
    renews_on: datetime | None = strawberry.field(
        description="The day the contract renews, as midnight UTC; null when unknown.",
        metadata=read("renews_on", made=midnight),
    )
    domains: list[str] = strawberry.field(
        description="Registrable domains declared to be its own, sorted."
    )

    @classmethod
    def of_page(cls, page: CustomerPage) -> Self:
        """From its row, and what was read beside it."""
        customer = cls.of(page.customer)
        customer.beside = page
        return customer

    @strawberry.field(description="Whose portfolio it is in; null when it is in none.")
    def csm(self, info: Info) -> Csm | None:
        if (row := joined.beside(self.row, "csm")) is not joined.NOT_READ:
            return None if row is None else Csm.of(row)
        return seen.csm(info, self.row.csm_id)  # type: ignore[return-value]  # awaited by the executor

    @strawberry.field(description="The people there, by name.")
    async def stakeholders(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Stakeholder]:
        order = stakeholders.BY_NAME
        page = cursors.page(order, first, after)
        return connection(
            await resolve.stakeholders_of_customer(info.context, self.row.id, page),
            order=order,
            after=after,
            node=stakeholder_types.Stakeholder.of,
            count=lambda: resolve.count_stakeholders(info.context, self.row.id),
        )

    @strawberry.field(
        description="Where the feed stood when this was read: subscribe with `after` set to it "
        "and nothing is missed or repeated. Within a subscription use the update's own cursor."
    )
    def feed_cursor(self, info: Info) -> str:
        if self.beside is not None and self.beside.feed_cursor is not None:
            return self.beside.feed_cursor
        return info.context.loaders.feed_cursor()  # type: ignore[return-value]  # awaited by the executor

    @strawberry.field(description="What its stakeholders did with campaigns, newest first.")
    def events(
        self,
        info: Info,
        filter: Annotated[
            EventFilter | None, strawberry.argument(description="Null lists all events.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Event]:
        if self.beside is not None:
            return self._page_of_events(info, self.beside.events, ChosenEvents(), after)
        chosen = filter.chosen() if filter else ChosenEvents()
        page = cursors.page(events.NEWEST, first, after)
        return self._events(info, chosen, page, after)  # type: ignore[return-value]  # awaited by the executor

    async def _events(
        self, info: Info, chosen: ChosenEvents, page: Page, after: str | None
    ) -> Connection[Event]:
        found = await resolve.events(
            info.context, self.row.id, chosen=chosen, page=page, reading=event_types.reading(info)
        )
        return self._page_of_events(info, found, chosen, after)

    def _page_of_events(
        self, info: Info, found: Slice[EventRow], chosen: ChosenEvents, after: str | None
    ) -> Connection[Event]:
        return connection(
            found,
            order=events.NEWEST,
            after=after,
            node=event_types.Event.of,
            count=lambda: resolve.count_events(info.context, self.row.id, chosen),
        )

    @strawberry.field(description="How engaged it is, over all its people.")
    def engagement(self) -> CustomerEngagement:
        return engagement_types.CustomerEngagement(row=self.row)

    @strawberry.field(
        description="What endangers it and has not been dealt with, the most urgent first."
    )
    async def risks(self, info: Info) -> list[Recommendation]:
        rows = await recommendations.risks_of_customer(info.context, self.row.id)
        return recommendation_types.listed(rows)

    @strawberry.field(description="What to do about it, the most urgent first.")
    async def recommendations(
        self,
        info: Info,
        filter: Annotated[
            RecommendationFilter | None,
            strawberry.argument(description="Null lists what is to be done."),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Recommendation]:
        return await recommendation_types.of_customer(info, self.row.id, filter, first, after)

    @strawberry.field(description="What was sent to it and came of that, newest first.")
    async def recipients(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Recipient]:
        page = cursors.page(recipients.NEWEST, first, after)
        return connection(
            await resolve.recipients_of_customer(info.context, self.row.id, page),
            order=recipients.NEWEST,
            after=after,
            node=recipient_types.Recipient.of,
            count=lambda: resolve.count_recipients(info.context, self.row.id),
        )
