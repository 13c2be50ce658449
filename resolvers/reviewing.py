"""Deciding about matches, for a viewer."""

from domain.reading import Reading
from domain.viewer import Role
from resolvers.context import Context
from store import reviewing
from store.reviewing import Confirmation

REVIEWERS = (Role.CSM, Role.MANAGER, Role.ADMIN)


async def confirm_match(context: Context, confirmed: Confirmation) -> None:
    """Match a recipient's address to a customer. Raises DomainError."""
    context.require(*REVIEWERS)
    services = context.services
    await reviewing.confirm_match(
        services.database,
        context.viewer,
        confirmed,
        now=services.now(),
        policy=services.policy,
    )
    services.live.ring()
    await context.renew()
    await services.wake.ingest()


async def reject_match(context: Context, recipient_id: int, customer_id: int) -> None:
    """Take a recipient's address away from a customer, for good. Raises DomainError."""
    context.require(*REVIEWERS)
    services = context.services
    await reviewing.reject_match(
        services.database,
        context.viewer,
        recipient_id,
        customer_id,
        now=services.now(),
        policy=services.policy,
    )
    services.live.ring()
    await context.renew()
    await services.wake.ingest()


def line(raw: str | None, *path: str) -> str | None:
    """A line of text as it is stored; None when empty. Raises DomainError with the path."""
    reading = Reading()
    text = reading.text(raw, path)
    if reading.problems:
        raise reading.problems[0]
    return text or None
