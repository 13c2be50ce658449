"""Where every reading begins."""

from typing import Annotated

import strawberry

from domain.errors import DomainError
from resolvers import (
    analysis,
    campaigns,
    capture,
    csms,
    cursors,
    customers,
    keys,
    recipients,
)
from resolvers import stakeholders as stakeholder_resolvers
from schema import campaign_pages, customer_pages, ids, nodes
from schema import recommendations as recommendation_types
from schema.campaigns import Campaign
from schema.capture import Capture
from schema.connections import Connection, Node, connection
from schema.csms import Csm
from schema.customers import Customer
from schema.digests import DigestQuery
from schema.feed import FeedQuery
from schema.filters import CampaignFilter, CustomerFilter, RecommendationFilter, search_text
from schema.keys import ApiKey
from schema.orders import CampaignOrder, CustomerOrder
from schema.outcomes import OutcomesQuery
from schema.performance import Performance, Portfolio
from schema.recipients import Recipient
from schema.recommendations import Recommendation
from schema.scalars import After, First, Info
from schema.stakeholders import Stakeholder
from schema.viewer import Viewer
from schema.workflows import WorkflowQuery
from store import access, review_queue
from store import campaigns as stored_campaigns
from store import csms as stored_csms
from store import customers as stored_customers
from store import stakeholders as stored_stakeholders

Id = Annotated[strawberry.ID, strawberry.argument(description="Its id.")]


@strawberry.type(description="What can be read.")
class Query(OutcomesQuery, DigestQuery, WorkflowQuery, FeedQuery):
    @strawberry.field(description="Whoever the request acts for.")
    def viewer(self, info: Info) -> Viewer:
        return Viewer.of(info.context.viewer)

    @strawberry.field(
        description="Anything by its id; null when there is no such thing that the viewer sees."
    )
    async def node(self, info: Info, id: Id) -> Node | None:
        found: Node | None = await nodes.find(info.context, id)
        return found

    @strawberry.field(description="A campaign; null when there is none that the viewer sees.")
    async def campaign(self, info: Info, id: Id) -> Campaign | None:
        number = ids.number_or_none(id, "Campaign")
        if number and (read := await campaign_pages.read(info, number)) is not None:
            return read
        found: Campaign | None = await nodes.find(info.context, id, "Campaign")
        return found

    @strawberry.field(description="The campaigns that reached a customer the viewer sees.")
    async def campaigns(
        self,
        info: Info,
        filter: Annotated[
            CampaignFilter | None, strawberry.argument(description="Null lists all campaigns.")
        ] = None,
        order_by: Annotated[
            CampaignOrder | None, strawberry.argument(description="Null means SENT_AT_DESC.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Campaign]:
        chosen = filter.chosen() if filter else stored_campaigns.CampaignFilter()
        order = stored_campaigns.ORDERS[order_by or CampaignOrder.SENT_AT_DESC]
        page = cursors.page(order, first, after)
        return connection(
            await campaigns.campaigns_of_viewer(info.context, chosen, order=order, page=page),
            order=order,
            after=after,
            node=Campaign.of,
            count=lambda: campaigns.count_campaigns(info.context, chosen),
        )

    @strawberry.field(
        description="A customer by one of its two ids; null when there is none that the viewer "
        "sees."
    )
    async def customer(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Its id here; null when externalId is given."),
        ] = None,
        external_id: Annotated[
            str | None,
            strawberry.argument(
                description="Its id in the company's own system; null when id is given."
            ),
        ] = None,
    ) -> Customer | None:
        if (id is None) == (external_id is None):
            raise DomainError("INVALID_ARGUMENT", "give either id or externalId", ("id",))
        owner = ids.number_or_none(id, "Customer") if id is not None else external_id
        if owner and (page := await customer_pages.read(info, owner, Customer)) is not None:
            return Customer.of_page(page)
        if id is not None:
            found: Customer | None = await nodes.find(info.context, id, "Customer")
            return found
        row = await customers.customer_by_external_id(info.context, external_id or "")
        return None if row is None else Customer.of(row)

    @strawberry.field(description="The customers that the viewer sees.")
    async def customers(
        self,
        info: Info,
        filter: Annotated[
            CustomerFilter | None, strawberry.argument(description="Null lists all customers.")
        ] = None,
        order_by: Annotated[
            CustomerOrder | None, strawberry.argument(description="Null means NAME.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Customer]:
        now = info.context.now
        chosen = filter.chosen(now) if filter else stored_customers.CustomerFilter()
        order = stored_customers.ORDERS[order_by or CustomerOrder.NAME]
        page = cursors.page(order, first, after)
        return connection(
            await customers.customers_of_viewer(info.context, chosen, order=order, page=page),
            order=order,
            after=after,
            node=Customer.of,
            count=lambda: customers.count_customers(info.context, chosen),
        )

    @strawberry.field(
        description="Stakeholders of the customers that the viewer sees, by name, with a text in "
        "name, title or an address, whatever its case."
    )
    async def stakeholders(
        self,
        info: Info,
        search: Annotated[
            str, strawberry.argument(description="The text, of 1 to 200 characters.")
        ],
        first: First = 20,
        after: After = None,
    ) -> Connection[Stakeholder]:
        text = search_text(search)
        page = cursors.page(stored_stakeholders.BY_NAME, first, after)
        return connection(
            await stakeholder_resolvers.stakeholders_called(info.context, text, page),
            order=stored_stakeholders.BY_NAME,
            after=after,
            node=Stakeholder.of,
            count=lambda: stakeholder_resolvers.count_called(info.context, text),
        )

    @strawberry.field(
        description="What to do next, the most urgent first, of those what is due first."
    )
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
        return await recommendation_types.of_viewer(info, filter, first, after)

    @strawberry.field(
        description="The CSMs, by name: managers and admins see all, a CSM themselves."
    )
    async def csms(self, info: Info, first: First = 20, after: After = None) -> Connection[Csm]:
        order = stored_csms.BY_NAME
        page = cursors.page(order, first, after)
        return connection(
            await csms.csms_of_viewer(info.context, page),
            order=order,
            after=after,
            node=Csm.of,
            count=lambda: csms.count_csms(info.context),
        )

    @strawberry.field(
        description="The review queue: addresses that nobody could be matched to with certainty, "
        "each by its newest recipient, waiting longest first. Managers and admins see all, a CSM "
        "the DOMAIN proposals for their customers."
    )
    async def recipients_to_review(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Recipient]:
        page = cursors.page(review_queue.QUEUE, first, after)
        return connection(
            await recipients.to_review(info.context, page),
            order=review_queue.QUEUE,
            after=after,
            node=Recipient.of,
            count=lambda: recipients.count_to_review(info.context),
        )

    @strawberry.field(
        description="Across campaigns: by segment, type, topic, send time and portfolio. For CSMs "
        "(their own customers), managers and admins; refused as FORBIDDEN to others."
    )
    def performance(
        self,
        info: Info,
        filter: Annotated[
            CampaignFilter | None, strawberry.argument(description="Null means all campaigns.")
        ] = None,
    ) -> Performance:
        analysis.require_reader(info.context)
        return Performance(chosen=filter.chosen() if filter else stored_campaigns.CampaignFilter())

    @strawberry.field(
        description="A CSM's portfolio against the rest. For CSMs (their own), managers and "
        "admins; refused as FORBIDDEN to others."
    )
    async def portfolio(
        self,
        info: Info,
        csm_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Null: a CSM's own; all customers for others."),
        ] = None,
        filter: Annotated[
            CampaignFilter | None, strawberry.argument(description="Null means all campaigns.")
        ] = None,
    ) -> Portfolio:
        chosen = filter.chosen() if filter else stored_campaigns.CampaignFilter()
        number = None if csm_id is None else ids.number(csm_id, "Csm")
        return Portfolio.compared_with(*await analysis.portfolio(info.context, number, chosen))

    @strawberry.field(
        description="Whether capture works: lag, coverage, payloads that failed and why. For "
        "managers and admins; refused as FORBIDDEN to others."
    )
    def capture(self, info: Info) -> Capture:
        capture.require_reader(info.context)
        return Capture()

    @strawberry.field(
        description="API keys, newest first, revoked ones too. For admins; refused as FORBIDDEN to "
        "others."
    )
    async def api_keys(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[ApiKey]:
        page = cursors.page(access.NEWEST, first, after)
        return connection(
            await keys.keys(info.context, page),
            order=access.NEWEST,
            after=after,
            node=ApiKey.of,
            count=lambda: keys.count_keys(info.context),
        )
