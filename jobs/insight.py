"""From what happened to what it means: people's insights derived, and acted on."""

from collections.abc import Callable
from datetime import UTC, datetime

from domain.policy import Policy
from jobs.pacing import keep_up
from store.database import Connection, Database, retried
from store.insight_queue import take_dirty
from store.insights import derive
from store.priors import load_priors
from store.recommending import refresh_recommendations
from store.workflow_due import note_due, note_everybody
from store.workflow_runs import run_workflows

IDLE_SECONDS = 1.0
"""How long nothing to derive is believed."""

REST = 3.0
"""Pause after deriving, as a multiple of what it took: a quarter of the time at most."""

DEFAULTS = Policy()


async def keep_deriving(
    database: Database, policy: Policy, now: Callable[[], datetime], ring: Callable[[], None]
) -> None:
    """Derive insights whenever some are due, for ever; whoever follows is rung after each."""

    async def step(_: bool) -> int:
        done = await derive_some(database, now(), policy)
        if done:
            ring()
        return done

    await keep_up(database, step, what="insights", rest=REST, idle_seconds=IDLE_SECONDS)


async def derive_some(database: Database, now: datetime, policy: Policy = DEFAULTS) -> int:
    """Derive the insights of some of those that are due, in one transaction; how many people."""

    # Apart, so that nobody who is being derived is waited for meanwhile.
    async with database.transaction() as connection:
        await note_everybody(connection)
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
