"""Registering campaigns, as their senders declare them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.errors import DomainError
from domain.registering import DeclaredCampaign, read_campaign, read_recipients
from domain.viewer import Role
from resolvers.context import Context
from store import registering


@dataclass(frozen=True, slots=True)
class Registration:
    """The campaign (None when its fields were refused), its recipients counted, what was wrong."""

    campaign_id: int | None
    added: int
    known: int
    rejected: int
    errors: Sequence[DomainError]


async def register_campaign(
    context: Context, fields: Mapping[str, object], recipients: Sequence[object]
) -> Registration:
    """Create or update a campaign and add the good ones of the recipients.

    Nothing is written when a field of the campaign is wrong. Raises DomainError FORBIDDEN,
    TOO_MANY.
    """
    context.require(Role.INTEGRATION, Role.ADMIN)
    addresses, problems = read_recipients(recipients)
    campaign = read_campaign(fields)
    if not isinstance(campaign, DeclaredCampaign):
        return Registration(None, 0, 0, 0, [*campaign, *problems])
    services = context.services
    registered = await registering.register_campaign(
        services.database, campaign, addresses, now=services.now(), policy=services.policy
    )
    await context.renew()
    await services.wake.ingest()
    return Registration(
        registered.campaign_id, registered.added, registered.known, len(problems), problems
    )
