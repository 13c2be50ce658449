"""Suppressions, for a viewer."""

from collections.abc import Sequence

from domain.addresses import normalise
from domain.errors import DomainError
from domain.suppression import LIFTABLE, SuppressionReason
from domain.viewer import Role
from resolvers.context import Context
from store import suppressing, suppressions
from store.events import EventRow
from store.suppressions import SuppressionRow


async def of_stakeholder(context: Context, stakeholder_id: int) -> Sequence[SuppressionRow]:
    """Those of the stakeholder's addresses."""
    return await context.loaders.of(suppressions.suppressions_of_stakeholders, stakeholder_id, ())


async def of_address(context: Context, address_id: int) -> Sequence[SuppressionRow]:
    """Those of one address."""
    return await context.loaders.of(suppressions.suppressions_of_addresses, address_id, ())


async def evidence(context: Context, row: SuppressionRow) -> list[EventRow]:
    """The events behind a suppression that are still kept and that the viewer may see."""
    found = await context.loaders.events.load_many(row.evidence)
    return [event for event in found if event is not None]


async def lift_suppression(
    context: Context, address: str, reason: SuppressionReason
) -> Sequence[SuppressionRow]:
    """Let an address be mailed again; what still stands of it. Raises DomainError."""
    context.require(Role.MANAGER, Role.ADMIN)
    if reason not in LIFTABLE:
        message = (
            "whoever unsubscribed decides alone: record RESUBSCRIBED when they ask for mail again"
        )
        raise DomainError("NOT_LIFTABLE", message, ("reason",))
    try:
        found = normalise(address)
    except DomainError as error:
        raise DomainError(error.code, error.message, ("address",)) from error
    services = context.services
    await suppressing.lift_suppression(
        services.database, found, reason, by=context.viewer.name, now=services.now()
    )
    await context.renew()
    async with context.read() as connection:
        return await suppressions.suppressions_of(connection, context.viewer, found)
