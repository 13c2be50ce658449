"""Draining: all work that waits in PostgreSQL is done until there is none."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.policy import Policy
from domain.tracking import PROVIDER as TRACKING
from intake.tokens import Tokens
from jobs.ingest import Batch, Lanes, take_batch
from jobs.looking import LOOK_SECONDS, Look, Pace
from jobs.sources import readers
from store.answers import answer_some
from store.database import Database, Unavailable, retried
from store.deciding import recount_some
from store.erasing_traces import erase_some
from store.matching import rematch_some
from store.messages import check_moves, moves_so_far
from store.projecting import project
from store.queues import (
    Work,
    adopt_orphans,
    has_projections,
    take_announcements,
    take_projections,
    waiting,
)
from store.relinking import relink_some
from store.retelling import retell_some
from store.suppressing import suppress_some

BATCHES = 2
"""Batches stored side by side; a third is claimed and parsed meanwhile."""

FEW_EVENTS = 100
"""Events of a batch below which its fixed cost is most of it."""

HITS = (TRACKING,)
"""Sources whose payloads are small, many and in no hurry: our own doors."""

FEW_SECONDS, FEW_BURST = 0.045, 4
"""How far apart batches of few events are begun, but for so many that come after a quiet time:
under a steady stream they would follow each other without end, and nobody notices that it takes so
much longer until they see an event."""

SETTLE_SECONDS = 0.1
"""Looks for what can wait are so far apart: nobody waits for it as they do for an event."""

GATHER_SECONDS = 0.2
"""How long hits at our own doors are gathered after a batch of them: the first is taken at once,
and at a thousand a second a batch of some 250 costs each a third less than one of 40."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a payload is lent to a worker, and how often before it is set aside."""

    lease: timedelta = timedelta(seconds=4)
    tries: int = 5


class Drain:
    """The one drain of a process. What is live, payloads and events recorded already, waits for
    nothing else: it is looked for apart from what can wait."""

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
        self._hits_at = 0.0  # when hits are taken again; monotonic seconds
        self._few, self._few_projected = (Pace(FEW_SECONDS, FEW_BURST) for _ in range(2))
        self._ingesting = Look(self._ingest)
        self._projecting = Look(self._project)
        self._settling = Look(self._settle, SETTLE_SECONDS)
        self._looks = (self._ingesting, self._projecting, self._settling)
        self._steps = {
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

        While that is done already, the new deadline is taken over and this returns at once.
        """
        is_done = False
        while not is_done:
            # Each may leave something to another that had already ended.
            looking = (look.until(deadline) for look in self._looks)
            done = await asyncio.gather(*looking, return_exceptions=True)
            for result in done:
                if isinstance(result, BaseException):
                    raise result
            is_done = not any(done)

    def ask(self, deadline: float) -> None:
        """Have `keep` look at once, and until nothing is left after `deadline`, as `until` does."""
        for look in self._looks:
            look.ask(deadline)

    async def keep(self, seconds: float) -> None:
        """Work for ever, when asked and every so often: work whose wake-up was lost, leases that
        ran out."""
        await asyncio.gather(*(look.keep(seconds) for look in self._looks))

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
                if batch is None and gathering <= 0 and not storing:
                    break
                if batch is None:
                    storing = await self._look_later(storing, gathering)
                    continue
                done += 1
                storing.add(task := self._begin(batch))
                if len(batch.drafts) < FEW_EVENTS and not batch.is_of(HITS):
                    storing = await self._rested(storing, task)
                while len(storing) >= BATCHES:
                    storing = await self._stored(storing)
        finally:
            await asyncio.gather(*storing, return_exceptions=True)
        return done

    async def _look_later(
        self, storing: set[asyncio.Task[None]], gathering: float
    ) -> set[asyncio.Task[None]]:
        """Wait until it is time to look again, until a batch is stored, or until somebody asks."""
        seconds = min(LOOK_SECONDS, gathering) if gathering > 0 else LOOK_SECONDS
        asked = asyncio.create_task(self._ingesting.asked(seconds))
        try:
            return await self._stored({*storing, asked}) - {asked}
        finally:
            asked.cancel()

    async def _rested(
        self, storing: set[asyncio.Task[None]], few: asyncio.Task[None]
    ) -> set[asyncio.Task[None]]:
        """After a batch of few events: rest, if it is one of many."""
        pause = self._few.pause()
        if pause > 0:
            ends = time.monotonic() + pause
            while few in storing:
                storing = await self._stored(storing)
            await asyncio.sleep(ends - time.monotonic())
        return storing

    def _begin(self, batch: Batch) -> asyncio.Task[None]:
        """Store a batch. Where it has a few hits, those that follow are gathered meanwhile and for
        a while after."""
        task = asyncio.create_task(self._lanes.store(batch))
        task.add_done_callback(self._tell)
        if batch.has_any(HITS) and not batch.is_of_many:
            self._hits_at = math.inf
            task.add_done_callback(self._gather)
        return task

    def _tell(self, _: asyncio.Task[None]) -> None:
        """Of a batch that is stored: what was told of it can be shown, what it left be settled."""
        self._ring()
        self._settling.ask(time.time())

    def _gather(self, _: asyncio.Task[None]) -> None:
        self._hits_at = time.monotonic() + GATHER_SECONDS

    async def _stored(self, storing: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Wait until one of them is through; returns those still under way."""
        finished, pending = await asyncio.wait(storing, return_when=asyncio.FIRST_COMPLETED)
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
        """Everything that follows from data changed elsewhere, and can wait."""
        done = 0
        async with self._database.statement() as connection:
            found = await waiting(connection)
        failed: Exception | None = None
        for work in found:
            try:
                settled = await retried(self._steps[work])
            except Unavailable:
                raise
            except Exception as error:  # whatever it is, the others do not wait for it
                failed = failed or error
                continue
            if settled:
                self._ring()
            done += settled
        if done:
            self._projecting.ask(time.time())
        if failed is not None:
            raise failed
        return done

    async def _project(self) -> int:
        """Events that were recorded at once, by mutations and over REST."""
        async with self._database.statement() as connection:
            if not await has_projections(connection):
                return 0
        projected = await retried(self._project_some)
        if projected:
            self._ring()
            self._settling.ask(time.time())
        if projected < FEW_EVENTS:
            await asyncio.sleep(self._few_projected.pause())
        return projected

    async def _project_some(self) -> int:
        async with self._database.in_turn() as connection:
            fresh = await take_projections(connection)
            if fresh:
                await project(connection, fresh, policy=self._policy)
        return len(fresh)

    async def _rematch(self) -> int:
        async with self._database.in_turn() as connection:
            return await rematch_some(connection, self._policy)

    async def _recount(self) -> int:
        async with self._database.in_turn() as connection:
            return await recount_some(connection, self._policy)

    async def _retell(self) -> int:
        async with self._database.in_turn() as connection:
            return await retell_some(connection, self._policy)

    async def _answer(self) -> int:
        async with self._database.in_turn() as connection:
            return await answer_some(connection, self._policy)

    async def _relink(self) -> int:
        async with self._database.in_turn() as connection:
            return await relink_some(connection)

    async def _announce(self) -> int:
        async with self._database.in_turn() as connection:
            recipients = await take_announcements(connection)
            if recipients:
                await project(connection, [], recipients, policy=self._policy)
        return len(recipients)

    async def _adopt(self) -> int:
        async with self._database.in_turn() as connection:
            moves = await moves_so_far(connection)
            fresh = await adopt_orphans(connection)
            if fresh:
                await check_moves(connection, {f.recipient_id for f in fresh}, moves)
                await project(connection, fresh, policy=self._policy)
        return len(fresh)

    async def _suppress(self) -> int:
        async with self._database.in_turn() as connection:
            return await suppress_some(connection)

    async def _erase(self) -> int:
        async with self._database.in_turn() as connection:
            return await erase_some(connection, self._policy, datetime.now(UTC))
