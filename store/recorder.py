"""Recording for many callers at once: what comes while others are written shares what is next.

Alone, a call is written at once. At most two groups are under way; nothing waits for a timer. A
call is answered when all its events are durable. What fails for a group is done again for each call
by itself, so that nobody fails for another's sake.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain.events import ReportedEvent
from domain.policy import Policy
from store.database import Connection, Database, Unavailable, is_lost
from store.drafts import Draft
from store.event_rows import FactKey
from store.known import KnownEvents
from store.recording import Recorded, RecordOutcome, draft, record_all

FLIGHTS = 2
"""Groups under way at most: one is committed while the next is prepared."""

LARGEST_GROUP = 200
"""Events of one group at most; a call of more goes by itself."""


@dataclass(slots=True, eq=False)
class _Call:
    """Events that came together; `recorded` fills up as they become durable."""

    drafts: Sequence[Draft]
    recorded: list[Recorded | None]
    answer: asyncio.Future[list[Recorded]]

    @property
    def left(self) -> list[int]:
        """Which of the drafts are not recorded yet."""
        return [n for n, found in enumerate(self.recorded) if found is None]


class Recorder:
    """Records events; one for each process."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._known = KnownEvents(policy)
        self._waiting: deque[_Call] = deque()
        self._flights: set[asyncio.Task[None]] = set()

    async def record(
        self, events: Sequence[ReportedEvent], received_at: datetime
    ) -> list[Recorded]:
        """Record events durably, as `store.recording.record` does; one outcome an event.

        Raises Unavailable, or whatever else kept these events from being recorded.
        """
        drafts = [draft(event, received_at) for event in events]
        loop = asyncio.get_running_loop()
        self._waiting.append(_Call(drafts, [None] * len(drafts), loop.create_future()))
        answer = self._waiting[-1].answer
        if len(self._flights) < FLIGHTS:
            flight = asyncio.create_task(self._fly())
            self._flights.add(flight)
            flight.add_done_callback(self._flights.discard)
        return await answer

    async def _fly(self) -> None:
        """Write groups until nothing waits, on one connection as long as it lives."""
        while self._waiting:
            is_connected = False
            try:
                async with self._database.connection() as connection:
                    is_connected = True
                    while self._waiting:
                        await self._write(self._group(), connection)
            except Exception as error:  # whoever it concerns is told
                while self._waiting and not is_connected:
                    _fail(self._waiting.popleft(), error)

    async def _write(self, calls: Sequence[_Call], connection: Connection) -> None:
        """Record a group; what needs less than the whole way of placing goes before the rest."""
        ways = (
            partial(self._record_known, connection, makes_recipients=False),
            partial(self._record_known, connection, makes_recipients=True),
            partial(self._record_others, connection),
        )
        try:
            for way in ways:
                await self._each([c for c in calls if c.left and not c.answer.done()], way)
        except Exception as error:
            for call in calls:
                _fail(call, error)
            raise
        finally:
            for call in calls:
                _answer(call)

    def _group(self) -> list[_Call]:
        calls = [self._waiting.popleft()]
        size = len(calls[0].drafts)
        while self._waiting and size + len(self._waiting[0].drafts) <= LARGEST_GROUP:
            calls.append(self._waiting.popleft())
            size += len(calls[-1].drafts)
        return calls

    async def _each(
        self, calls: Sequence[_Call], work: Callable[[Sequence[_Call]], Awaitable[None]]
    ) -> None:
        """Do the work for all calls together or, where that fails, for each."""
        if not calls:
            return
        try:
            await work(calls)
        except Exception as error:
            if is_lost(error):
                raise
            if len(calls) == 1:
                _fail(calls[0], error)
            else:
                for call in calls:
                    await self._each([call], work)

    async def _record_known(
        self, connection: Connection, calls: Sequence[_Call], *, makes_recipients: bool
    ) -> None:
        first: dict[FactKey, tuple[_Call, int]] = {}
        for call in calls:
            for n in call.left:
                first.setdefault((call.drafts[n].fact_on, call.drafts[n].key), (call, n))
        places = list(first.values())
        found = await self._known.record(
            connection,
            [call.drafts[n] for call, n in places],
            makes_recipients=makes_recipients,
        )
        for (call, n), said in zip(places, found, strict=True):
            if said is not None:
                call.recorded[n] = _recorded(call.drafts[n], *said)
        for call in calls:
            for n in call.left:
                d = call.drafts[n]
                other, at = first[d.fact_on, d.key]
                if (other, at) != (call, n) and other.recorded[at] is not None:
                    call.recorded[n] = Recorded(RecordOutcome.DUPLICATE, d.fact_on, d.key)

    async def _record_others(self, connection: Connection, calls: Sequence[_Call]) -> None:
        places = [(call, n) for call in calls for n in call.left]
        received = [(call.drafts[n].event, call.drafts[n].received_at) for call, n in places]
        found = await record_all(
            partial(self._database.transaction, connection), received, self._policy
        )
        for (call, n), recorded in zip(places, found, strict=True):
            call.recorded[n] = recorded


def _recorded(d: Draft, is_new: bool, is_matched: bool) -> Recorded:
    if not is_new:
        outcome = RecordOutcome.DUPLICATE
    else:
        outcome = RecordOutcome.RECORDED if is_matched else RecordOutcome.UNMATCHED
    return Recorded(outcome, d.fact_on, d.key)


def _fail(call: _Call, error: Exception) -> None:
    if not call.answer.done():
        is_away = is_lost(error) or isinstance(error, Unavailable)
        call.answer.set_exception(Unavailable(repr(error)) if is_away else error)


def _answer(call: _Call) -> None:
    """Tell a call's outcome; that it is not known, where whoever recorded it was stopped."""
    if call.answer.done():
        return
    recorded = [found for found in call.recorded if found is not None]
    if len(recorded) == len(call.recorded):
        call.answer.set_result(recorded)
    else:
        call.answer.set_exception(Unavailable("recording was stopped before it was done"))
