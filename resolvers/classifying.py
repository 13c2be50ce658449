"""What people say of campaigns."""

from domain.viewer import Role
from resolvers.context import Context
from store import classifying
from store.classifying import Change


async def classify_campaign(context: Context, campaign_id: int, change: Change) -> None:
    """Say what a campaign is. Raises DomainError FORBIDDEN, NOT_FOUND."""
    context.require(Role.MANAGER, Role.ADMIN)
    services = context.services
    await classifying.classify_campaign(
        services.database,
        context.viewer,
        campaign_id,
        change,
        now=services.now(),
        policy=services.policy,
    )
    await context.renew()
    await services.wake.ingest()
