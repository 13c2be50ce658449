"""The tables that can be had as CSV, each as the viewer sees it."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from resolvers import analysis, campaigns, csms, customers, recipients
from resolvers.context import Context
from schema import ids
from server.analysis import campaign_asked
from server.exports import Place, Row, Table, exported
from server.narrowing import recipients_chosen
from server.performance_tables import COUNTED, cases_table, counted, performance_table
from store.campaigns import ORDERS as CAMPAIGN_ORDERS
from store.campaigns import CampaignFilter
from store.customers import ORDERS as CUSTOMER_ORDERS
from store.customers import CustomerFilter
from store.paging import Page, Slice
from store.recipients import BY_ADDRESS, RecipientRow


def _next(found: Slice[Any], key: Callable[[Any], Place]) -> Place:
    return key(found.rows[-1]) if found.has_next else None


async def recipients_table(request: Request, context: Context) -> Table:
    """`GET /api/campaigns/{id}/recipients.csv`; query parameters narrow as RecipientFilter does."""
    campaign = await campaign_asked(context, request.path_params["campaign_id"])
    chosen = recipients_chosen(request)

    async def read(context: Context, page: Page) -> tuple[list[Row], Place]:
        found = await campaigns.recipients_of_campaign(
            context, campaign.id, chosen=chosen, page=page
        )
        rows = await asyncio.gather(*(_recipient(context, row) for row in found.rows))
        return list(rows), _next(found, BY_ADDRESS.key)

    return Table("recipients", RECIPIENT_COLUMNS, read)


RECIPIENT_COLUMNS = (
    "id", "address", "customers", "unmatchedReason", "status", "sentAt", "deliveredAt", "bouncedAt",
    "bounceReason", "opens", "machineOpens", "firstOpenedAt", "lastOpenedAt", "clicks",
    "machineClicks", "firstClickedAt", "lastClickedAt", "repliedAt", "forwardedAt",
    "unsubscribedAt", "complainedAt", "engaged",
)  # fmt: skip


async def _recipient(context: Context, r: RecipientRow) -> Row:
    matches = await recipients.matches(context, r.address_id)
    found = await asyncio.gather(*(customers.customer(context, m.customer_id) for m in matches))
    return (
        ids.encode("Recipient", r.id), r.address, "; ".join(c.name for c in found if c is not None),
        r.unmatched_reason, r.status, r.sent_at, r.delivered_at, r.bounced_at, r.bounce_reason,
        r.opens_human, r.opens_machine, r.first_open_at, r.last_open_at, r.clicks_human,
        r.clicks_machine, r.first_click_at, r.last_click_at, r.replied_at, r.forwarded_at,
        r.unsubscribed_at, r.complained_at, r.engaged,
    )  # fmt: skip


async def campaigns_table(_: Request, context: Context) -> Table:
    """`GET /api/campaigns.csv`: every campaign that the viewer sees, with its figures."""
    analysis.require_reader(context)
    order = CAMPAIGN_ORDERS["SENT_AT_DESC"]

    async def read(context: Context, page: Page) -> tuple[list[Row], Place]:
        found = await campaigns.campaigns_of_viewer(
            context, CampaignFilter(), order=order, page=page
        )
        counts = await asyncio.gather(*(analysis.totals(context, row.id) for row in found.rows))
        rows: list[Row] = [
            (
                ids.encode("Campaign", row.id),
                row.external_id,
                row.name,
                row.type,
                row.provider,
                row.sent_at,
                *counted(of_row),
            )
            for row, of_row in zip(found.rows, counts, strict=True)
        ]
        return rows, _next(found, order.key)

    columns = ("id", "campaignId", "name", "type", "provider", "sentAt", *COUNTED)
    return Table("campaigns", columns, read)


async def customers_table(_: Request, context: Context) -> Table:
    """`GET /api/customers.csv`: every customer that the viewer sees."""
    analysis.require_reader(context)
    order = CUSTOMER_ORDERS["NAME"]

    async def read(context: Context, page: Page) -> tuple[list[Row], Place]:
        found = await customers.customers_of_viewer(
            context, CustomerFilter(), order=order, page=page
        )
        owners = await asyncio.gather(
            *(csms.csm(context, row.csm_id) for row in found.rows if row.csm_id is not None)
        )
        named = {owner.id: owner.email for owner in owners if owner is not None}
        rows: list[Row] = [
            (
                ids.encode("Customer", row.id),
                row.external_id,
                row.name,
                row.segment,
                row.timezone,
                row.renews_on,
                named.get(row.csm_id or 0),
                "; ".join(row.domains),
            )
            for row in found.rows
        ]
        return rows, _next(found, order.key)

    columns = ("id", "externalId", "name", "segment", "timezone", "renewsOn", "csm", "domains")
    return Table("customers", columns, read)


async def links_table(request: Request, context: Context) -> Table:
    """`GET /api/campaigns/{id}/links.csv`: every link that was followed."""
    campaign = await campaign_asked(context, request.path_params["campaign_id"])
    rows: list[Row] = [
        (x.url, x.clickers_human, x.clickers_machine, x.clicks_human, x.clicks_machine)
        for x in await analysis.links(context, campaign.id, 100_000)
    ]
    columns = ("url", "clickersHuman", "clickersMachine", "clicksHuman", "clicksMachine")
    return Table.whole("links", columns, rows)


async def segments_table(request: Request, context: Context) -> Table:
    """`GET /api/campaigns/{id}/segments.csv`."""
    campaign = await campaign_asked(context, request.path_params["campaign_id"])
    found = await analysis.segments(context, campaign.id)
    rows: list[Row] = [(row.key[0], *counted(row.counts)) for row in found]
    return Table.whole("segments", ("segment", *COUNTED), rows)


routes: list[BaseRoute] = [
    exported("/api/campaigns.csv", campaigns_table),
    exported("/api/customers.csv", customers_table),
    exported("/api/campaigns/{campaign_id}/recipients.csv", recipients_table),
    exported("/api/campaigns/{campaign_id}/links.csv", links_table),
    exported("/api/campaigns/{campaign_id}/segments.csv", segments_table),
    exported("/api/performance/{by}.csv", performance_table),
    exported("/api/outcomes/cases.csv", cases_table),
]
"""Doors that read `app.state.access` and `app.state.services`."""
