"""Campaigns, for a viewer."""

from collections.abc import Sequence
from typing import Any

from domain.text import is_storable
from resolvers import analysis
from resolvers.context import Context
from store import campaigns, recipients
from store.campaigns import CampaignFilter, CampaignRow, FunnelRow
from store.figures import Figure, campaign_figures
from store.joined import WHOLE, Wanted
from store.paging import Order, Page, Slice
from store.parts import Names
from store.recipient_pages import CampaignPage, campaign_page, recipients_of_campaigns
from store.recipients import RecipientFilter, RecipientRow


async def campaign(context: Context, campaign_id: int) -> CampaignRow | None:
    """The campaign; None when there is none that the viewer sees."""
    return await context.loaders.campaigns.load(campaign_id)


async def campaign_at_once(
    context: Context,
    campaign_id: int,
    *,
    names: Names,
    page: Page,
    wanted: Wanted,
    is_counted: bool,
) -> CampaignPage | None:
    """The campaign with a page of its recipients, where the query asks for nothing else; None when
    there is none that the viewer sees."""
    async with context.read_at_once() as connection:
        return await campaign_page(
            connection,
            context.viewer,
            campaign_id,
            names=names,
            page=page,
            wanted=wanted,
            is_counted=is_counted,
        )


async def campaign_with_figures(
    context: Context, campaign_id: int, *, names: Names, figures: Sequence[Figure[Any]]
) -> CampaignRow | None:
    """The campaign, where the query asks for nothing but it and figures, which are known then;
    None when there is none that the viewer sees, or it is no bulk send, of which nothing is
    counted."""
    async with context.read_at_once() as connection:
        found = await campaign_figures(
            connection,
            context.viewer,
            campaign_id,
            names=None if names is None else names | {"is_provisional"},
            figures=figures,
        )
    if found is None or (figures and found.campaign.is_provisional):
        return None
    for figure, answer in found.figures.items():
        context.loaders.know(figure, campaign_id, answer)
    return found.campaign


async def campaigns_by_external_id(context: Context, external_id: str) -> list[CampaignRow]:
    """The campaigns of that id, on whichever platform, that the viewer sees."""
    if not is_storable(external_id):
        return []
    async with context.read() as connection:
        ids = await campaigns.ids_by_external_id(connection, external_id)
    found = await context.loaders.campaigns.load_many(list(ids))
    return [row for row in found if row is not None]


async def campaigns_of_viewer(
    context: Context, chosen: CampaignFilter, *, order: Order[CampaignRow], page: Page
) -> Slice[CampaignRow]:
    """A page of the campaigns that the viewer sees."""
    async with context.read() as connection:
        return await campaigns.list_campaigns(
            connection, context.viewer, chosen, order=order, page=page
        )


async def count_campaigns(context: Context, chosen: CampaignFilter) -> int:
    """How many campaigns the viewer sees that pass the filter."""
    async with context.read() as connection:
        return await campaigns.count_campaigns(connection, context.viewer, chosen)


async def recipients_of_campaign(
    context: Context,
    campaign_id: int,
    *,
    chosen: RecipientFilter,
    page: Page,
    wanted: Wanted = WHOLE,
) -> Slice[RecipientRow]:
    """A page of the campaign's recipients, of those that the viewer sees."""
    return await context.loaders.of(
        recipients_of_campaigns, campaign_id, Slice(), chosen=chosen, page=page, wanted=wanted
    )


async def count_recipients(context: Context, campaign_id: int, chosen: RecipientFilter) -> int:
    """How many of the campaign's recipients the viewer sees that pass the filter."""
    return await context.loaders.of(recipients.count_of_campaigns, campaign_id, 0, chosen=chosen)


async def funnel(context: Context, row: CampaignRow) -> FunnelRow:
    """What became of the campaign among the recipients that the viewer sees.

    Looking at a million of them takes seconds, so it comes from counters. Of what is no bulk send
    nothing is counted.
    """
    if row.is_provisional:
        return await context.loaders.of(campaigns.funnels, row.id, FunnelRow())
    return await analysis.totals(context, row.id)


async def link_topics(context: Context, campaign_id: int, url: str) -> list[str]:
    """The topics declared for a link of the campaign."""
    return list(await context.loaders.link_topics.load((campaign_id, url)))
