"""Draining: all work that waits in PostgreSQL is done until there is none."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from domain.policy import Policy
from intake.tokens import Tokens
from intake.tracking import PROVIDER as TRACKING
from jobs.ingest import Batch, Lanes, take_batch
from jobs.sources import readers
from store.answers import answer_some
from store.database import RETRIED, Database, Unavailable, retried
from store.deciding import recount_some
from store.erasing_traces import erase_some
from store.matching import rematch_some
from store.messages import check_moves, moves_so_far
from store.projecting import project
from store.queues import Work, adopt_orphans, take_announcements, take_projections, waiting
from store.relinking import relink_some
from store.retelling import retell_some
from store.suppressing import suppress_some

BATCHES = 2
"""Batches stored side by side; a third is claimed and parsed meanwhile."""

FEW_EVENTS = 100
"""Events of a batch below which its fixed cost is most of it."""

MANY_EVENTS = 1_000
"""Events of a batch from which nothing is gathered: more waits than came in the meantime."""

HITS = (TRACKING,)
"""Sources whose payloads are small, many and in no hurry: our own doors."""

LOOK_SECONDS = 0.02
"""How often work is looked for until the end of a wake-up's window."""

PAUSE_SECONDS = 0.03
"""How long is gathered after a batch of few events: under a steady stream small batches would
follow each other without end, and nobody notices that it takes so much longer until they see an
event."""

GATHER_SECONDS = 0.2
"""How long hits at our own doors are gathered after a batch of them: the first is taken at once,
and at a thousand a second a batch of some 250 costs each a third less than one of 40."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a payload is lent to a worker, and how often before it is set aside."""

    lease: timedelta = timedelta(seconds=4)
    tries: int = 5


class Drain:
    """The one drain of a process; however many ask for it, it runs once at a time."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        *,
        ring: Callable[[], None],
        limits: Limits | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        """`tokens` open what our own links and addresses carry; without them nothing is ours."""
        self._database = database
        self._policy = policy
        self._ring = ring
        self._limits = limits or Limits()
        self._lanes = Lanes(database, policy, self._limits.lease)
        self._readers = readers(policy, tokens)
        self._lock = asyncio.Lock()
        self._deadline = 0.0
        self._hits_at = 0.0  # when hits are taken again; monotonic seconds
        self._steps = {
            Work.PROJECT: self._project,
            Work.REMATCH: self._rematch,
            Work.RECOUNT: self._recount,
            Work.RETELL: self._retell,
            Work.ANSWER: self._answer,
            Work.RELINK: self._relink,
            Work.ANNOUNCE: self._announce,
            Work.ADOPT: self._adopt,
            Work.SUPPRESS: self._suppress,
            Work.ERASE: self._erase,
        }

    async def until(self, deadline: float) -> None:
        """Work until nothing is left for a look begun after `deadline` (seconds since 1970).

        Whoever asked before the deadline had committed by then, so that look has seen their work.
        While a drain runs, it takes the new deadline over and this returns at once.
        """
        self._deadline = max(self._deadline, deadline)
        if self._lock.locked():
            return
        async with self._lock:
            kept = -1.0
            while kept < self._deadline:
                kept = self._deadline
                await self._drain(kept)

    async def _drain(self, deadline: float) -> None:
        lanes = [self._lane(step, deadline) for step in (self._ingest, self._settle)]
        ingested, settled = await asyncio.gather(*lanes, return_exceptions=True)
        for result in (ingested, settled):
            if isinstance(result, BaseException):
                raise result
        if ingested:
            # The last batch may have left something to settle when that lane had already ended.
            await self._lane(self._settle, deadline)

    async def _lane(self, step: Callable[[], Awaitable[int]], deadline: float) -> int:
        """How much was done until a look begun after the deadline found nothing."""
        total = 0
        while True:
            began = time.time()
            try:
                done = await step()
            except RETRIED as error:
                # Still in somebody's way after several tries: what was claimed comes up again.
                logger.info("giving way to another transaction", error=str(error))
                done = 1
            total += done
            if not done:
                if began > deadline:
                    return total
                await asyncio.sleep(max(0.001, min(LOOK_SECONDS, deadline - time.time())))

    async def _ingest(self) -> int:
        """Store batches until none waits, a few at a time while the next is parsed.

        While hits are gathered all else is taken as it comes; it ends with a look at everything.
        """
        done = 0
        storing: set[asyncio.Task[None]] = set()
        try:
            while True:
                gathering = self._hits_at - time.monotonic()
                batch = await self._take(leaving=HITS if gathering > 0 else ())
                if batch is None and gathering <= 0:
                    break
                if batch is None:
                    storing = await self._look_later(storing, min(LOOK_SECONDS, gathering))
                    continue
                done += 1
                storing.add(task := self._begin(batch))
                if len(storing) >= BATCHES:
                    storing = await self._stored(storing, asyncio.FIRST_COMPLETED)
                if len(batch.drafts) < FEW_EVENTS and not batch.is_of(HITS):
                    while task in storing:
                        storing = await self._stored(storing, asyncio.FIRST_COMPLETED)
                    await asyncio.sleep(PAUSE_SECONDS)
            if storing:
                await self._stored(storing, asyncio.ALL_COMPLETED)
        finally:
            await asyncio.gather(*storing, return_exceptions=True)
        return done

    async def _look_later(
        self, storing: set[asyncio.Task[None]], seconds: float
    ) -> set[asyncio.Task[None]]:
        """Wait until it is time to look again, or until a batch is stored."""
        if storing:
            return await self._stored(storing, asyncio.FIRST_COMPLETED, seconds)
        await asyncio.sleep(seconds)
        return set()

    def _begin(self, batch: Batch) -> asyncio.Task[None]:
        """Store a batch. Where it has a few hits, those that follow are gathered meanwhile and for
        a while after."""
        task = asyncio.create_task(self._lanes.store(batch))
        if batch.has_any(HITS) and len(batch.drafts) < MANY_EVENTS:
            self._hits_at = math.inf
            task.add_done_callback(self._gather)
        return task

    def _gather(self, _: asyncio.Task[None]) -> None:
        self._hits_at = time.monotonic() + GATHER_SECONDS

    async def _stored(
        self, storing: set[asyncio.Task[None]], until: str, seconds: float | None = None
    ) -> set[asyncio.Task[None]]:
        """Wait for batches, `seconds` at most, and ring for what they announced; returns those
        still under way."""
        finished, pending = await asyncio.wait(storing, timeout=seconds, return_when=until)
        if finished:
            self._ring()
        for task in finished:
            task.result()
        return pending

    async def _take(self, leaving: Sequence[str]) -> Batch | None:
        limits = self._limits
        return await take_batch(
            self._database,
            self._policy,
            leaving=leaving,
            lease=limits.lease,
            tries=limits.tries,
            readers=self._readers,
        )

    async def _settle(self) -> int:
        """Everything that follows from events recorded and data changed elsewhere."""
        done = 0
        async with self._database.statement() as connection:
            found = await waiting(connection)
        for work in found:
            settled = await retried(self._steps[work])
            if settled:
                self._ring()
            done += settled
        return done

    async def _project(self) -> int:
        async with self._database.transaction() as connection:
            fresh = await take_projections(connection)
            if fresh:
                await project(connection, fresh, policy=self._policy)
        return len(fresh)

    async def _rematch(self) -> int:
        async with self._database.transaction() as connection:
            return await rematch_some(connection, self._policy)

    async def _recount(self) -> int:
        async with self._database.transaction() as connection:
            return await recount_some(connection, self._policy)

    async def _retell(self) -> int:
        async with self._database.transaction() as connection:
            return await retell_some(connection, self._policy)

    async def _answer(self) -> int:
        async with self._database.transaction() as connection:
            return await answer_some(connection, self._policy)

    async def _relink(self) -> int:
        async with self._database.transaction() as connection:
            return await relink_some(connection)

    async def _announce(self) -> int:
        async with self._database.transaction() as connection:
            recipients = await take_announcements(connection)
            if recipients:
                await project(connection, [], recipients, policy=self._policy)
        return len(recipients)

    async def _adopt(self) -> int:
        async with self._database.transaction() as connection:
            moves = await moves_so_far(connection)
            fresh = await adopt_orphans(connection)
            if fresh:
                await check_moves(connection, {f.recipient_id for f in fresh}, moves)
                await project(connection, fresh, policy=self._policy)
        return len(fresh)

    async def _suppress(self) -> int:
        async with self._database.transaction() as connection:
            return await suppress_some(connection)

    async def _erase(self) -> int:
        async with self._database.transaction() as connection:
            return await erase_some(connection, self._policy, datetime.now(UTC))


async def sweep(drain: Drain, *, seconds: float) -> None:
    """Drain every so often, woken or not: work whose wake-up was lost, leases that ran out."""
    is_up = True
    while True:
        try:
            await drain.until(0)
            is_up = True
        except (Unavailable, *RETRIED) as error:
            if is_up:
                logger.warning("cannot work now, trying again", error=str(error))
            is_up = False
        except Exception:
            logger.exception("draining failed, trying again")
        await asyncio.sleep(seconds)
