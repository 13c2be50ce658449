"""Hits at our own doors, made durable together: those that wait share the next INSERT.

Alone, a hit is written at once. Under load at most two INSERTs are under way, they begin some
milliseconds apart, and whatever came meanwhile goes with the next: each costs as much as ten hits.
Each becomes one `payload` row (docs/decisions/hits-as-payloads).
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

FLIGHTS = 2
"""INSERTs under way at most: one is committed while the next is prepared."""

SPACING_SECONDS = 0.008
"""From the begin of one INSERT to that of the next at least: so late is a reader at most on top of
what the INSERT takes, and on their way within 10 ms."""

LARGEST_BATCH = 1_000
"""Hits of one payload at most: some 400 KB, worked off in a moment."""

HELD_HITS = 10_000
"""Hits held in memory while PostgreSQL is away, some 5 MB: ten seconds of a thousand a second."""

PATIENCE_SECONDS = 1.0
"""How long a reader is kept waiting for PostgreSQL before they get where they want to."""

AWAY_SECONDS = 1.0
"""For how long nobody waits after PostgreSQL could not be reached; then it is tried again."""

CLOSING_SECONDS = 2.0
"""What the last hits get to be written when the process ends."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Waiting:
    """A hit and who waits for it since when (monotonic seconds). One that is not `is_kept` is
    dropped when nobody waits."""

    line: bytes
    is_kept: bool
    since: float
    is_durable: asyncio.Future[bool]


class Hits:
    """Writes hits; one for each process. `store` commits lines and raises when it cannot."""

    def __init__(
        self,
        store: Callable[[Sequence[bytes]], Awaitable[None]],
        *,
        lost: Callable[[int], None],
        held: int = HELD_HITS,
        patience: float = PATIENCE_SECONDS,
        away: float = AWAY_SECONDS,
    ) -> None:
        self._store = store
        self._lost = lost
        self._held = held
        self._patience = patience
        self._away = away
        self._away_until = 0.0
        self._queue: deque[_Waiting] = deque()
        self._flights: dict[asyncio.Task[None], Sequence[_Waiting]] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._next_at = 0.0

    @property
    def waiting(self) -> int:
        """Hits that are not written yet and not under way."""
        return len(self._queue)

    async def record(self, line: bytes) -> bool:
        """Whether the hit is durable; if not, it is forgotten."""
        return await self._enqueue(line, is_kept=False)

    async def keep(self, line: bytes) -> None:
        """Write the hit; if that takes too long, it is held and written later.

        It is lost, and counted, when too many are held or the process ends before.
        """
        await self._enqueue(line, is_kept=True)

    async def _enqueue(self, line: bytes, *, is_kept: bool) -> bool:
        now = time.monotonic()
        is_away = now < self._away_until
        if is_away and not is_kept:
            return False
        if len(self._queue) >= self._held:
            self._lost(1 if is_kept else 0)
            return False
        loop = asyncio.get_running_loop()
        hit = _Waiting(line, is_kept, now, loop.create_future())
        self._queue.append(hit)
        if is_away:
            return False
        self._take_off()
        if self._watch is None:
            self._watch = loop.call_later(self._patience, self._look)
        return await hit.is_durable

    def _look(self) -> None:
        """Let whoever waited too long get on, and try again what is held. One look serves all, so
        that a hit needs no timer of its own."""
        self._watch = None
        late = time.monotonic() - self._patience
        waiting = [*self._queue, *(hit for batch in self._flights.values() for hit in batch)]
        stuck = [hit for hit in waiting if hit.since <= late and not hit.is_durable.done()]
        if stuck:
            self._go_away()
            for hit in stuck:
                _tell(hit, False)
        if time.monotonic() >= self._away_until:
            self._take_off()
        if waiting and self._watch is None:
            pause = min(self._patience, self._away)
            self._watch = asyncio.get_running_loop().call_later(pause, self._look)

    def _take_off(self) -> None:
        if self._queue and len(self._flights) < FLIGHTS:
            flight = asyncio.create_task(self._fly())
            self._flights[flight] = ()
            flight.add_done_callback(self._flights.pop)

    async def _fly(self) -> None:
        """Write batches until nothing waits or it fails."""
        flight = asyncio.current_task()
        assert flight
        while self._queue:
            await self._turn()
            batch = self._flights[flight] = self._batch()
            if not batch:
                return
            try:
                await self._store([hit.line for hit in batch])
            except Exception as error:
                log.warning("hits cannot be stored now, holding them", error=repr(error))
                self._hold(batch)
                return
            for hit in batch:
                _tell(hit, True)

    async def _turn(self) -> None:
        """Wait until the next INSERT may begin: at once, if the last one is long enough ago."""
        now = asyncio.get_running_loop().time()
        begin = max(now, self._next_at)
        self._next_at = begin + SPACING_SECONDS
        if begin > now:
            await asyncio.sleep(begin - now)

    def _batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        while self._queue and len(batch) < LARGEST_BATCH:
            hit = self._queue.popleft()
            if hit.is_kept or not hit.is_durable.done():
                batch.append(hit)
        return batch

    def _hold(self, batch: Sequence[_Waiting]) -> None:
        """Keep what is to be kept of a batch that failed, and of all that waits, for later."""
        waiting = [*batch, *self._queue]
        kept = [hit for hit in waiting if hit.is_kept]
        self._lost(max(0, len(kept) - self._held))
        self._queue = deque(kept[: self._held])
        for hit in waiting:
            _tell(hit, False)
        self._go_away()

    def _go_away(self) -> None:
        """For a while nobody waits; then it is tried again."""
        self._away_until = time.monotonic() + self._away
        if self._watch is not None:
            self._watch.cancel()
        self._watch = asyncio.get_running_loop().call_later(self._away, self._look)

    async def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """Write what waits, if that can be done in time; what remains is lost and counted."""
        self._take_off()
        if self._flights:
            await asyncio.wait(self._flights, timeout=seconds)
        if self._watch is not None:
            self._watch.cancel()
        if self._queue:
            log.warning("hits are lost", hits=len(self._queue))
            self._lost(len(self._queue))


def _tell(hit: _Waiting, is_durable: bool) -> None:
    if not hit.is_durable.done():
        hit.is_durable.set_result(is_durable)
