"""From what happened to what it means: people's insights derived, and acted on."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from domain.policy import Policy
from store.counting import is_behind
from store.database import RETRIED, Connection, Database, Unavailable, retried
from store.insight_queue import take_dirty
from store.insights import derive
from store.priors import load_priors
from store.recommending import refresh_recommendations
from store.workflow_runs import note_due, run_workflows

IDLE_SECONDS = 1.0
"""How long nothing to derive is believed."""

REST = 1.0
"""Pause after deriving, as a multiple of what it took: half of the time at most."""

REST_BEHIND = 40.0
"""The same while more comes in than can be worked off: that goes before what it means."""

DEFAULTS = Policy()

logger = structlog.get_logger(__name__)


async def keep_deriving(
    database: Database, policy: Policy, now: Callable[[], datetime], ring: Callable[[], None]
) -> None:
    """Derive insights whenever some are due, for ever; a failure is logged and tried again."""
    while True:
        rest = REST
        began = time.monotonic()
        try:
            async with database.connection() as connection:
                rest = REST_BEHIND if await is_behind(connection) else REST
            done = await derive_some(database, now(), policy)
            if done:
                ring()
        except (Unavailable, *RETRIED) as error:
            logger.info("insights have to wait", error=str(error))
            done = 0
        except Exception:
            logger.exception("deriving insights failed, trying again")
            done = 0
        await asyncio.sleep(rest * (time.monotonic() - began) if done else IDLE_SECONDS)


async def derive_some(database: Database, now: datetime, policy: Policy = DEFAULTS) -> int:
    """Derive the insights of some of those that are due, in one transaction; how many people."""

    # Apart, so that nobody who is being derived is waited for meanwhile.
    async with database.transaction() as connection:
        await note_due(connection, now)

    async def work() -> int:
        async with database.transaction() as connection:
            return await _derive(connection, now, policy)

    return await retried(work)


async def _derive(connection: Connection, now: datetime, policy: Policy) -> int:
    dirty = await take_dirty(connection)
    if not dirty.addresses and not dirty.stakeholders:
        return 0
    priors = await load_priors(connection, now.astimezone(UTC).date())
    states = await derive(connection, dirty, priors, now)
    await refresh_recommendations(
        connection, dirty, states, now, holdout_percent=policy.holdout_percent
    )
    await run_workflows(connection, states, now, holdout_percent=policy.holdout_percent)
    return len(dirty.addresses) + len(dirty.stakeholders)
