"""From stored payloads to projected, announced events."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

import structlog

from domain.addresses import domain_of
from domain.events import EventKind, ReportedEvent
from domain.judging import judge_one
from domain.policy import Policy
from intake.requests import WebhookRequest
from intake.webhooks import ParsedPayload, parse
from store.database import RETRIED, Connection, Database, Unavailable, retried
from store.payloads import StoredPayload, claim, fail, finish
from store.placing import Draft
from store.projecting import project
from store.recording import draft, insert, queue_announcement

PROBLEMS_SHOWN = 20
"""Problems of one payload that are kept with it; the rest are counted."""

SHARDS = 2
"""Transactions that a large batch becomes: while one waits for PostgreSQL the other computes."""

SHARDED_EVENTS = 400
"""Events from which a batch is worth that; below it the extra round trips cost more."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Payloads claimed together, and what they report."""

    parsed: Sequence[tuple[StoredPayload, ParsedPayload]]
    drafts: Sequence[Draft]


def warm_up(providers: Iterable[str], now: datetime) -> None:
    """Load the lists and libraries that the first payload would otherwise wait for: 0.4 s."""
    domain_of("somebody@example.com")
    judge_one(EventKind.OPENED, "", False, False)
    for provider in providers:
        parse(provider, WebhookRequest(body=b"{}", received_at=now))


async def take_batch(database: Database, *, lease: timedelta, tries: int) -> Batch | None:
    """Claim waiting payloads and parse them; None when none waits."""
    payloads = await claim(database, lease=lease, tries=tries)
    if not payloads:
        return None
    parsed = [(payload, _parse(payload)) for payload in payloads]
    drafts = [
        draft(event, payload.received_at) for payload, found in parsed for event in found.events
    ]
    return Batch(parsed, drafts)


def _parse(payload: StoredPayload) -> ParsedPayload:
    return parse(
        payload.provider,
        WebhookRequest(
            body=payload.body,
            headers=payload.headers,
            query=payload.query,
            received_at=payload.received_at,
        ),
    )


async def store_batch(database: Database, batch: Batch, policy: Policy) -> None:
    """Record, match, project and announce a batch, and mark its payloads as worked off.

    If that fails, each payload is tried by itself, and then each event: what cannot be stored is
    set aside with its error and costs nothing else.
    """
    try:
        await _store(database, batch.parsed, batch.drafts, policy)
    except (Unavailable, *RETRIED):
        raise
    except Exception as error:
        logger.warning("a batch failed, trying its payloads one by one", error=repr(error))
        for payload, found in batch.parsed:
            await _store_alone(database, payload, found, policy)


async def _store(
    database: Database,
    parsed: Sequence[tuple[StoredPayload, ParsedPayload]],
    drafts: Sequence[Draft],
    policy: Policy,
) -> None:
    shards = _shards(drafts)

    async def work() -> None:
        async with database.transaction() as connection:
            for shard in shards if len(shards) == 1 else ():
                await _record_and_project(connection, shard, policy)
            await _finish(connection, parsed)

    if len(shards) > 1:
        # The payloads are done only when every shard is: dying in between repeats what is stored
        # already, which changes nothing.
        results = await asyncio.gather(
            *(_store_shard(database, shard, policy) for shard in shards), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
    await retried(work)


async def _store_shard(database: Database, shard: Sequence[Draft], policy: Policy) -> None:
    async def work() -> None:
        async with database.transaction() as connection:
            await _record_and_project(connection, shard, policy)

    await retried(work)


def _shards(drafts: Sequence[Draft]) -> list[list[Draft]]:
    """A large batch in parts that share no address, so that they never wait for each other."""
    if len(drafts) < SHARDED_EVENTS:
        return [list(drafts)]
    shards: list[list[Draft]] = [[] for _ in range(SHARDS)]
    for d in drafts:
        shards[crc32((d.address or "").encode()) % SHARDS].append(d)
    return shards


async def _record_and_project(
    connection: Connection, drafts: Sequence[Draft], policy: Policy
) -> None:
    fresh, touched = await insert(connection, drafts, policy)
    await queue_announcement(connection, touched)
    await project(connection, [f for f in fresh.values() if f is not None])


async def _finish(
    connection: Connection, parsed: Sequence[tuple[StoredPayload, ParsedPayload]]
) -> None:
    readable = []
    for payload, found in parsed:
        if found.events or not found.problems:
            readable.append((payload, len(found.events), _summary(found.problems)))
        else:
            await fail(connection, payload.received_on, payload.id, _summary(found.problems))
    await finish(connection, readable)


def _summary(problems: Sequence[str]) -> str:
    more = len(problems) - PROBLEMS_SHOWN
    shown = "; ".join(problems[:PROBLEMS_SHOWN])
    return f"{shown}; and {more} more" if more > 0 else shown


async def _store_alone(
    database: Database, payload: StoredPayload, found: ParsedPayload, policy: Policy
) -> None:
    try:
        drafts = [draft(event, payload.received_at) for event in found.events]
        await _store(database, [(payload, found)], drafts, policy)
    except (Unavailable, *RETRIED):
        raise
    except Exception as error:
        logger.warning("a payload failed, trying its events one by one", error=repr(error))
        problems = [*found.problems]
        stored = 0
        for position, event in enumerate(found.events):
            problem = await _store_event(database, payload, event, policy)
            stored += problem is None
            if problem is not None:
                problems.append(f"event {position}: {problem}")
        async with database.transaction() as connection:
            if stored:
                await finish(connection, [(payload, stored, _summary(problems))])
            else:
                await fail(connection, payload.received_on, payload.id, _summary(problems))


async def _store_event(
    database: Database, payload: StoredPayload, event: ReportedEvent, policy: Policy
) -> str | None:
    """Store one event; returns what was wrong with it, if anything."""

    async def work() -> None:
        async with database.transaction() as connection:
            await _record_and_project(connection, [draft(event, payload.received_at)], policy)

    try:
        await retried(work)
    except (Unavailable, *RETRIED):
        raise
    except Exception as error:
        return repr(error)[:300]
    return None
