"""Consent and erasure, for a viewer."""

import asyncio

from domain.policy import Consent
from domain.viewer import Role
from resolvers.context import Context
from store import consent as stored
from store import erasing
from store.erasing import ErasureRow
from store.erasing_traces import erase_some

STEPS = 40
"""Steps of an erasure that are done while its caller waits: most are done by then."""

PAUSE_SECONDS = 0.02
"""How long to wait for transactions under way, between two steps."""


async def set_consent(context: Context, stakeholder_id: int, consent: Consent) -> None:
    """Write down whether a stakeholder agreed to being tracked. Raises DomainError."""
    context.require(Role.CSM, Role.MANAGER, Role.ADMIN)
    services = context.services
    await stored.set_consent(
        services.database, context.viewer, stakeholder_id, consent, now=services.now()
    )
    await context.renew()


async def erase(context: Context, stakeholder_id: int) -> ErasureRow:
    """Erase a stakeholder; large cases go on in the background. Raises DomainError."""
    context.require(Role.ADMIN)
    services = context.services
    found = await erasing.erase(
        services.database,
        stakeholder_id,
        by=context.viewer.name,
        policy=services.policy,
        now=services.now(),
    )
    await services.wake.ingest()
    for _ in range(STEPS):
        if found.completed_at is not None:
            break
        async with services.database.transaction() as connection:
            done = await erase_some(connection, services.policy, services.now())
        found = await erasing.erasure_by_id(services.database, found.id)
        if not done:
            await asyncio.sleep(PAUSE_SECONDS)
    services.live.ring()
    await context.renew()
    return found
