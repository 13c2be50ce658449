"""Live: what happens at customers, and to campaigns, as it happens."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from domain.errors import DomainError
from resolvers import campaigns, cursors
from resolvers.context import Context
from store.campaigns import CampaignRow, FunnelRow
from store.feed import EVENTS, Cursor
from store.live import Told, Update
from store.sight import visible_customers


async def updates_of_customer(
    context: Context, customer_id: int, after: str | None
) -> AsyncIterator[Update]:
    """Every update of a customer. Raises DomainError NOT_FOUND, INVALID_CURSOR, CURSOR_EXPIRED."""
    context.follow()
    if await context.loaders.customers.load(customer_id) is None:
        raise DomainError("NOT_FOUND", "there is no such customer", ("customerId",))
    updates = context.services.live.updates(
        context.viewer,
        customer_id=customer_id,
        after=context.place or after,
        until=context.until,
    )
    async with aclosing(updates):  # type: ignore[type-var]
        async for update in updates:
            context.place = update.place
            yield update


async def updates_of_portfolio(
    context: Context, csm_id: int | None, after: str | None
) -> AsyncIterator[Update]:
    """Every update of a CSM's customers; without a CSM of all that the viewer sees."""
    context.follow()
    if not context.viewer.may_read:
        raise DomainError("FORBIDDEN", "a token of role INTEGRATION reads no customers")
    if csm_id is not None and await context.loaders.csms.load(csm_id) is None:
        raise DomainError("NOT_FOUND", "there is no such CSM", ("csmId",))
    updates = context.services.live.updates(
        context.viewer, csm_id=csm_id, after=context.place or after, until=context.until
    )
    async with aclosing(updates):  # type: ignore[type-var]
        async for update in updates:
            context.place = update.place
            yield update


async def latest_of_portfolio(
    context: Context, csm_id: int | None, first: int
) -> tuple[str, list[Update]]:
    """A portfolio's last updates, newest first, and the cursor that they lead up to."""
    if not context.viewer.may_read:
        raise DomainError("FORBIDDEN", "a token of role INTEGRATION reads no customers")
    if csm_id is not None and await context.loaders.csms.load(csm_id) is None:
        raise DomainError("NOT_FOUND", "there is no such CSM", ("csmId",))
    limit = cursors.most(first)
    async with context.read() as connection:
        seen = await visible_customers(connection, context.viewer, None, csm_id)
        customer_ids = None if seen is None else sorted(seen)
        end, entries = await EVENTS.latest(connection, customer_ids=customer_ids, limit=limit)
    return str(end), [Told(Cursor(end.epoch, entry.position), entry) for entry in entries]


async def progress_of_campaign(context: Context, campaign_id: int) -> AsyncIterator[CampaignRow]:
    """The campaign now, then whenever it or its figures have changed, at most once a second."""
    context.follow()
    shown: tuple[CampaignRow, FunnelRow] | None = None
    ticks = context.services.live.campaign_ticks()
    async with aclosing(ticks):  # type: ignore[type-var]
        async for _ in ticks:
            row = await campaigns.campaign(context, campaign_id)
            if row is None:
                if shown is None:
                    raise DomainError("NOT_FOUND", "there is no such campaign", ("campaignId",))
                return
            found = row, await campaigns.funnel(context, row)
            if found != shown:
                shown = found
                yield row
