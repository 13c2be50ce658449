"""Whether it works: for those who see all."""

from datetime import datetime, timedelta

from domain.errors import DomainError
from domain.viewer import Role
from resolvers.context import Context
from store import outcomes as store
from store.outcomes import FollowUpCounts, GroupCounts, OutcomeGroup, OutcomeRow, Period
from store.paging import Page, Slice

USUAL = timedelta(days=90)
"""The period where none is given: long enough for customers to add up."""


def period(context: Context, since: datetime | None, until: datetime | None) -> Period:
    """The period asked for. Raises DomainError."""
    context.require(Role.MANAGER, Role.ADMIN)
    until = until or context.now
    since = since or until - USUAL
    if since >= until:
        message = f"{since.isoformat()} is not before {until.isoformat()}: give an earlier time"
        raise DomainError("INVALID_TIME", message, ("since",))
    return Period(since, until)


async def follow_ups(context: Context, chosen: Period) -> FollowUpCounts:
    """Recommendations about the highly engaged, and what was done about them."""
    async with context.read() as connection:
        return await store.follow_ups(connection, context.viewer, chosen)


async def groups(context: Context, chosen: Period) -> tuple[GroupCounts, GroupCounts]:
    """Treated and held-out customers."""
    async with context.read() as connection:
        return await store.groups(connection, context.viewer, chosen)


async def behind(
    context: Context, chosen: Period, group: OutcomeGroup, is_success: bool | None, page: Page
) -> Slice[OutcomeRow]:
    """A page of what a group's counts are made of, the newest first."""
    async with context.read() as connection:
        return await store.list_outcomes(
            connection, context.viewer, chosen, group=group, is_success=is_success, page=page
        )


async def count_behind(
    context: Context, chosen: Period, group: OutcomeGroup, is_success: bool | None
) -> int:
    """How many that is in all."""
    async with context.read() as connection:
        return await store.count_outcomes(
            connection, context.viewer, chosen, group=group, is_success=is_success
        )
