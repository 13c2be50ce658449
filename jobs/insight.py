"""From what happened to what it means: people's insights derived, and acted on."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from domain.policy import Policy
from jobs.pacing import keep_up
from store.database import Connection, Database, retried
from store.insight_queue import TAKEN, take_dirty
from store.insights import derive
from store.priors import load_priors
from store.recommending import refresh_recommendations
from store.workflow_due import note_due, note_everybody
from store.workflow_runs import run_workflows

IDLE_SECONDS = 1.0
"""How long nothing to derive is believed."""

REST = 2.0
"""Pause after deriving, as a multiple of what it took: a third of the time at most."""

SHORT_SECONDS = 0.04
"""How long a transaction of these is to take, about: what is told meanwhile of others waits for its
end, since the feed is read in commit order. While more comes in than can be worked off that waits
for other things, and larger transactions cost less."""

FEWEST = 8
"""People derived in one transaction at least; below it the transaction itself is most of the work.
"""

DEFAULTS = Policy()


async def keep_deriving(
    database: Database, policy: Policy, now: Callable[[], datetime], ring: Callable[[], None]
) -> None:
    """Derive insights whenever some are due, for ever; whoever follows is rung after each."""

    taken = FEWEST

    async def step(behind: bool) -> int:
        nonlocal taken
        await _note(database, now())
        began = time.monotonic()
        done = await _derive_some(database, now(), policy, TAKEN if behind else taken)
        if done:
            ring()
            taken = portion(done, time.monotonic() - began)
        return done

    await keep_up(database, step, what="insights", rest=REST, idle_seconds=IDLE_SECONDS)


async def derive_some(database: Database, now: datetime, policy: Policy = DEFAULTS) -> int:
    """Derive the insights of some of those that are due, in one transaction; how many people."""
    await _note(database, now)
    return await _derive_some(database, now, policy, TAKEN)


def portion(people: int, seconds: float) -> int:
    """How many to derive in the next transaction, when the last took so long for so many."""
    return max(FEWEST, min(TAKEN, int(people * SHORT_SECONDS / seconds)))


async def _note(database: Database, now: datetime) -> None:
    """Note who is due by time alone; apart, so that nobody who is being derived is waited for."""
    async with database.transaction() as connection:
        await note_everybody(connection)
        await note_due(connection, now)


async def _derive_some(database: Database, now: datetime, policy: Policy, limit: int) -> int:
    async def work() -> int:
        async with database.in_turn() as connection:
            return await _derive(connection, now, policy, limit)

    return await retried(work)


async def _derive(connection: Connection, now: datetime, policy: Policy, limit: int) -> int:
    dirty = await take_dirty(connection, limit)
    if not dirty.addresses and not dirty.stakeholders:
        return 0
    priors = await load_priors(connection, now.astimezone(UTC).date())
    states = await derive(connection, dirty, priors, now)
    await refresh_recommendations(
        connection, dirty, states, now, holdout_percent=policy.holdout_percent
    )
    await run_workflows(connection, states, now, holdout_percent=policy.holdout_percent)
    return len(dirty.addresses) + len(dirty.stakeholders)
