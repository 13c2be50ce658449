"""Recommendations, for a viewer: what to do, what it rests on, and what is done about it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial

from domain import follow_ups
from domain.best_time import BestTime
from domain.errors import DomainError
from domain.follow_ups import Outcome, State
from domain.recommending import LIVE, Status
from domain.viewer import Role
from resolvers import customers, engagement, events, stakeholders
from resolvers.context import Context
from store import following_up
from store import recommendation_pages as pages
from store import recommendations as store
from store.events import EventRow
from store.feed import RECOMMENDATIONS, RecommendationEntry
from store.joined import NOT_READ, WHOLE, Wanted, beside
from store.live import Told
from store.paging import Page, Slice
from store.recommendation_pages import Listed
from store.recommendations import RecommendationFilter, RecommendationRow

ACTING = (Role.CSM, Role.MANAGER, Role.ADMIN)


async def recommendation(context: Context, recommendation_id: int) -> RecommendationRow | None:
    """The recommendation; None when there is none that the viewer sees."""
    return await context.loaders.recommendations.load(recommendation_id)


async def recommendations_of_viewer(
    context: Context,
    chosen: RecommendationFilter,
    page: Page,
    *,
    wanted: Wanted = WHOLE,
    is_counted: bool = False,
    is_all: bool = False,
) -> Listed:
    """A page of what the viewer is to do, the most urgent first; where `is_all` that is asked for,
    one statement reads it."""
    ask = partial(pages.list_recommendations, wanted=wanted, is_counted=is_counted)
    if is_all:
        async with context.read_at_once() as connection:
            found = await ask(connection, context.viewer, chosen, page)
        if found.total is not None or not is_counted:
            return found
    async with context.read() as connection:
        return await ask(connection, context.viewer, chosen, page)


async def count_recommendations(context: Context, chosen: RecommendationFilter) -> int:
    """How many that is in all."""
    async with context.read() as connection:
        return await store.count_recommendations(connection, context.viewer, chosen)


async def recommendations_of_customer(
    context: Context,
    customer_id: int,
    chosen: RecommendationFilter,
    page: Page,
    *,
    wanted: Wanted = WHOLE,
) -> Slice[RecommendationRow]:
    """A page of the customer's recommendations, the most urgent first."""
    return await context.loaders.of(
        pages.recommendations_of_customers,
        customer_id,
        Slice(),
        chosen=chosen,
        page=page,
        wanted=wanted,
    )


async def count_of_customer(
    context: Context, customer_id: int, chosen: RecommendationFilter
) -> int:
    """How many recommendations the customer has."""
    return await context.loaders.of(store.count_of_customers, customer_id, 0, chosen=chosen)


async def risks_of_customer(context: Context, customer_id: int) -> Sequence[RecommendationRow]:
    """What endangers the customer and has not been dealt with, the most urgent first."""
    chosen = RecommendationFilter(statuses=tuple(sorted(LIVE)), is_risk=True)
    page = Page(engagement.MOST)
    return (await recommendations_of_customer(context, customer_id, chosen, page)).rows


async def recommendations_of_recipient(
    context: Context, recipient_id: int
) -> Sequence[RecommendationRow]:
    """What rests on what the recipient did, the latest first."""
    nothing = list[RecommendationRow]()
    return await context.loaders.of(store.recommendations_of_recipients, recipient_id, nothing)


async def follow_up_of_recipient(
    context: Context, recipient_id: int
) -> tuple[bool | None, str | None, bool | None]:
    """Whether a follow-up is recommended, why, and whether one was completed; None where nobody is
    told (the customer is held out)."""
    held_out, rows = await asyncio.gather(
        context.loaders.of(store.held_out_recipients, recipient_id, False),
        recommendations_of_recipient(context, recipient_id),
    )
    if held_out:
        return None, None, None
    live = sorted((row for row in rows if row.status in LIVE), key=lambda r: (-r.priority, r.id))
    is_completed = any(row.status == Status.COMPLETED for row in rows)
    return bool(live), live[0].reason if live else None, is_completed


async def evidence(context: Context, row: RecommendationRow) -> Sequence[EventRow]:
    """The events it rests on, newest first."""
    return await events.acts_behind(context, row.evidence)


async def best_time(context: Context, row: RecommendationRow) -> BestTime | None:
    """When to act on it; None when the customer is out of sight by now."""
    customer, who = beside(row, "customer"), beside(row, "stakeholder")
    if customer is NOT_READ:
        customer = await customers.customer(context, row.customer_id)
    if customer is None:
        return None
    if row.stakeholder_id is None:
        return await engagement.best_time_of_customer(context, customer.id, customer.timezone)
    if who is NOT_READ:
        who = await stakeholders.stakeholder(context, row.stakeholder_id)
    zone = (who and who.timezone) or customer.timezone
    return await engagement.best_time_of_person(context, row.stakeholder_id, customer.id, zone)


async def cursor(context: Context) -> str:
    """Where the recommendations' feed stood when the operation's snapshot was taken."""
    async with context.read() as connection:
        return await RECOMMENDATIONS.cursor(connection)


async def updates(
    context: Context, csm_id: int | None, after: str | None
) -> AsyncIterator[tuple[Told[RecommendationEntry], RecommendationRow]]:
    """Recommendations as they appear and change, of a CSM's customers or of all the viewer sees.
    Raises DomainError."""
    context.follow()
    if not context.viewer.may_read:
        raise DomainError("FORBIDDEN", "a token of role INTEGRATION reads no recommendations")
    if csm_id is not None and await context.loaders.csms.load(csm_id) is None:
        raise DomainError("NOT_FOUND", "there is no such CSM", ("csmId",))
    told = context.services.live.advice.updates(
        context.viewer, csm_id=csm_id, after=context.place or after, until=context.until
    )
    async with aclosing(told):  # type: ignore[type-var]
        async for update in told:
            row = await recommendation(context, update.entry.recommendation_id)
            context.place = update.place
            if row is not None:
                yield update, row


async def start(context: Context, recommendation_id: int) -> None:
    """Somebody is at it. Raises DomainError."""
    await _step(context, recommendation_id, follow_ups.start)


async def complete(context: Context, recommendation_id: int, outcome: Outcome) -> None:
    """It is done. Raises DomainError."""
    await _step(context, recommendation_id, lambda s, now: follow_ups.complete(s, outcome, now))


async def snooze(context: Context, recommendation_id: int, until: datetime) -> None:
    """Not now. Raises DomainError."""
    await _step(context, recommendation_id, lambda s, now: follow_ups.snooze(s, until, now))


async def dismiss(context: Context, recommendation_id: int, because: str) -> None:
    """It is not wanted. Raises DomainError."""

    def step(state: State, now: datetime) -> State:
        return follow_ups.dismiss(state, because, now)

    await _step(context, recommendation_id, step)


async def _step(context: Context, recommendation_id: int, step: following_up.Step) -> None:
    context.require(*ACTING)
    services = context.services
    await following_up.follow_up(
        services.database, context.viewer, recommendation_id, step, now=services.now()
    )
    services.live.ring()
    await context.renew()
