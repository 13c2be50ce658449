"""From stored payloads to projected, announced events."""

import asyncio
import math
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zlib import crc32

import structlog

from domain.addresses import domain_of
from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from domain.traces import traces
from intake.requests import WebhookRequest
from intake.webhooks import ParsedPayload, parse
from jobs.consenting import without_denied
from jobs.sources import Readers, read
from store.database import RETRIED, Connection, Database, Unavailable, retried
from store.drafts import Draft, Refusal
from store.payloads import (
    Finished,
    StoredPayload,
    claim,
    fail,
    finish,
    is_any_waiting,
    prolong,
    scrub,
)
from store.projecting import project
from store.recording import draft, insert, queue_announcement
from store.sources import note_received

PROBLEMS_SHOWN = 20
"""Problems of one payload that are kept with it; the rest are counted."""

LANES = 4
"""Parts that a large batch is stored in, each by a transaction."""

PART_EVENTS = 1_500
"""Events of one transaction, about: it stays well under half a second."""

TURN_EVENTS = 500
"""Events of one transaction, about, while others wait for their turn."""

MANY_EVENTS = 2_000
"""Events of a batch from which more waits than came in while the one before it was stored: nothing
is gathered then, and its parts are stored side by side."""

Begin = Callable[[], AbstractAsyncContextManager[Connection]]
"""What begins a transaction."""

PROLONGED = 3
"""How often a lease is prolonged while it runs: once may fail, and it still is in time."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Payloads claimed together, and what they report."""

    parsed: Sequence[tuple[StoredPayload, ParsedPayload]]
    drafts: Sequence[Draft]

    @property
    def is_of_many(self) -> bool:
        """Whether more waits than came in meanwhile, so that it is to be done with all there is."""
        return len(self.drafts) >= MANY_EVENTS

    def has_any(self, providers: Container[str]) -> bool:
        """Whether some of it came from one of these."""
        return any(payload.provider in providers for payload, _ in self.parsed)

    def is_of(self, providers: Container[str]) -> bool:
        """Whether all of it came from these."""
        return all(payload.provider in providers for payload, _ in self.parsed)


def warm_up(providers: Iterable[str], now: datetime) -> None:
    """Load the lists and libraries that the first payload would otherwise wait for: 0.4 s."""
    domain_of("somebody@example.com")
    traces("192.0.2.1", "Mozilla/5.0 (X11)", Policy())
    for provider in providers:
        parse(provider, WebhookRequest(body=b"{}", received_at=now))


async def take_batch(
    database: Database,
    policy: Policy,
    *,
    lease: timedelta,
    tries: int,
    readers: Readers,
    leaving: Sequence[str] = (),
) -> Batch | None:
    """Claim waiting payloads, but for those of the providers `leaving`, and parse them; None when
    none waits."""
    if leaving and not await is_any_waiting(database, leaving):
        return None
    payloads = await claim(database, lease=lease, tries=tries, leaving=leaving)
    if not payloads:
        return None
    parsed = await without_denied(
        database, [(payload, read(payload, readers)) for payload in payloads], policy
    )
    drafts = [
        draft(event, payload.received_at) for payload, found in parsed for event in found.events
    ]
    return Batch(parsed, drafts)


class Lanes:
    """Large batches are stored in parts that share no address, each part in a lane of its own.

    Parts of one lane follow each other, so that batches never wait for each other's rows. Where
    many events wait, the lanes and several batches run side by side, so that one computes while
    another waits for PostgreSQL; else each part takes its turn with all other work.
    """

    def __init__(self, database: Database, policy: Policy, lease: timedelta) -> None:
        """`lease` is how long payloads are lent to us, again and again while they are stored."""
        self._database = database
        self._policy = policy
        self._lease = lease
        self._lanes = [asyncio.Lock() for _ in range(LANES)]

    async def store(self, batch: Batch) -> None:
        """Record, match, project and announce a batch, and mark its payloads as worked off.

        If that fails, each payload is tried by itself, and then each event: what cannot be stored
        is set aside with its error and costs nothing else.
        """
        keeping = asyncio.create_task(self._keep(batch))
        try:
            await self._store_or_part(batch)
        finally:
            keeping.cancel()

    async def _keep(self, batch: Batch) -> None:
        """On a slow hour a batch takes longer than its lease: nobody else is to do it as well."""
        payloads = [payload for payload, _ in batch.parsed]
        while True:
            await asyncio.sleep(self._lease.total_seconds() / PROLONGED)
            try:
                async with self._database.connection() as connection:
                    await prolong(connection, payloads, self._lease)
            except Exception as error:  # whatever it is, the next may come in time
                logger.warning("the lease of payloads was not prolonged", error=repr(error))

    async def _store_or_part(self, batch: Batch) -> None:
        try:
            if len(batch.drafts) <= TURN_EVENTS:
                await self._store(batch)
            else:
                await self._store_in_parts(batch)
        except (Unavailable, *RETRIED):
            raise
        except Exception as error:
            logger.warning("a batch failed, trying its payloads one by one", error=repr(error))
            for payload, found in batch.parsed:
                await self._store_alone(payload, found)

    async def _store(self, batch: Batch) -> None:
        async def work() -> None:
            async with self._database.in_turn() as connection:
                await _record_and_project(connection, batch.drafts, self._policy)
                await _finish(connection, batch)

        await retried(work)

    async def _store_in_parts(self, batch: Batch) -> None:
        """The payloads are done only when every part is: dying in between repeats what is stored
        already, which changes nothing."""
        begin = self._database.transaction if batch.is_of_many else self._database.in_turn
        parts = _parts(batch)
        storing = [
            self._store_parts(lane, parts[number::LANES], begin)
            for number, lane in enumerate(self._lanes)
        ]
        for result in await asyncio.gather(*storing, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
        async with begin() as connection:
            await _finish(connection, batch)

    async def _store_parts(
        self, lane: asyncio.Lock, parts: Iterable[Sequence[Draft]], begin: Begin
    ) -> None:
        async with lane:
            for part in parts:
                await self._store_part(part, begin)

    async def _store_part(self, part: Sequence[Draft], begin: Begin) -> None:
        async def work() -> None:
            async with begin() as connection:
                await _record_and_project(connection, part, self._policy)

        await retried(work)

    async def _store_alone(self, payload: StoredPayload, found: ParsedPayload) -> None:
        drafts = [draft(event, payload.received_at) for event in found.events]
        try:
            await self._store(Batch([(payload, found)], drafts))
        except (Unavailable, *RETRIED):
            raise
        except Exception as error:
            logger.warning("a payload failed, trying its events one by one", error=repr(error))
            await self._store_singly(payload, found)

    async def _store_singly(self, payload: StoredPayload, found: ParsedPayload) -> None:
        problems = [*found.problems]
        stored = 0
        drafts = [draft(event, payload.received_at) for event in found.events]
        for position, d in enumerate(drafts):
            problem = await self._store_event(d)
            stored += problem is None and d.refused is None
            if problem is not None:
                problems.append(f"event {position}: {problem}")
        problems += _refusals(drafts)
        async with self._database.transaction() as connection:
            if stored or not problems:
                unknown = _unknown(found.events)
                done = Finished(payload, stored, min(unknown, stored), _summary(problems))
                await finish(connection, [done])
            else:
                await fail(connection, payload.received_on, payload.id, _summary(problems))
            if _is_of_erased(drafts):
                await scrub(connection, [payload])

    async def _store_event(self, d: Draft) -> str | None:
        """Store one event; returns what was wrong with it, if anything."""

        async def work() -> None:
            async with self._database.transaction() as connection:
                await _record_and_project(connection, [d], self._policy)

        try:
            await retried(work)
        except (Unavailable, *RETRIED):
            raise
        except Exception as error:
            return repr(error)[:300]
        return None


def _parts(batch: Batch) -> Sequence[Sequence[Draft]]:
    """Parts that share no address: as many as lanes make use of where there are many events, else
    as few as are short enough."""
    if batch.is_of_many:
        count = LANES * max(1, round(len(batch.drafts) / (LANES * PART_EVENTS)))
    else:
        count = math.ceil(len(batch.drafts) / TURN_EVENTS)
    parts: list[list[Draft]] = [[] for _ in range(count)]
    for d in batch.drafts:
        parts[crc32((d.address or "").encode()) % count].append(d)
    return parts


async def _record_and_project(
    connection: Connection, drafts: Sequence[Draft], policy: Policy
) -> None:
    fresh, touched = await insert(connection, drafts, policy)
    await queue_announcement(connection, touched)
    await project(connection, [f for f in fresh.values() if f is not None], policy=policy)


async def _finish(connection: Connection, batch: Batch) -> None:
    readable = []
    erased = []
    in_order = iter(batch.drafts)
    for payload, found in batch.parsed:
        drafts = [*islice(in_order, len(found.events))]
        if _is_of_erased(drafts):
            erased.append(payload)
        if found.events or not found.problems:
            kept = [d.event for d in drafts if d.refused is None]
            problems = _summary([*found.problems, *_refusals(drafts)])
            readable.append(Finished(payload, len(kept), _unknown(kept), problems))
        else:
            await fail(connection, payload.received_on, payload.id, _summary(found.problems))
            await note_received(connection, [(payload.provider, payload.received_at, 0, 0)])
    await finish(connection, readable)
    await scrub(connection, erased)


def _refusals(drafts: Iterable[Draft]) -> list[str]:
    """What to tell of events that were not stored; of people who were erased nothing."""
    old = sum(d.refused is Refusal.TOO_OLD for d in drafts)
    return [f"events of days no longer kept (RETENTION_DAYS): {old}"] if old else []


def _is_of_erased(drafts: Iterable[Draft]) -> bool:
    return any(d.refused is Refusal.ERASED for d in drafts)


def _unknown(events: Sequence[ReportedEvent]) -> int:
    return sum(event.kind is EventKind.UNKNOWN for event in events)


def _summary(problems: Sequence[str]) -> str:
    more = len(problems) - PROBLEMS_SHOWN
    shown = "; ".join(problems[:PROBLEMS_SHOWN])
    return f"{shown}; and {more} more" if more > 0 else shown
