"""From stored payloads to projected, announced events."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from domain.events import ReportedEvent
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

logger = structlog.get_logger(__name__)


async def ingest_some(database: Database, policy: Policy, *, lease: timedelta, tries: int) -> int:
    """Work off a batch of waiting payloads; returns how many were taken.

    A batch is one transaction. If it fails, each payload is tried by itself, and then each event:
    what cannot be stored is set aside with its error and costs nothing else.
    """
    payloads = await claim(database, lease=lease, tries=tries)
    if not payloads:
        return 0
    parsed = [(payload, _parse(payload)) for payload in payloads]
    try:
        await retried(lambda: _ingest(database, parsed, policy))
    except (Unavailable, *RETRIED):
        raise
    except Exception as error:
        logger.warning("a batch failed, trying its payloads one by one", error=repr(error))
        for payload, found in parsed:
            await _ingest_alone(database, payload, found, policy)
    return len(payloads)


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


async def _ingest(
    database: Database, parsed: Sequence[tuple[StoredPayload, ParsedPayload]], policy: Policy
) -> None:
    drafts = [
        draft(event, payload.received_at) for payload, found in parsed for event in found.events
    ]
    async with database.transaction() as connection:
        await _record_and_project(connection, drafts, policy)
        await _finish(connection, parsed)


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


async def _ingest_alone(
    database: Database, payload: StoredPayload, found: ParsedPayload, policy: Policy
) -> None:
    try:
        await retried(lambda: _ingest(database, [(payload, found)], policy))
    except (Unavailable, *RETRIED):
        raise
    except Exception as error:
        logger.warning("a payload failed, trying its events one by one", error=repr(error))
        problems = [*found.problems]
        stored = 0
        for position, event in enumerate(found.events):
            problem = await _ingest_event(database, payload, event, policy)
            stored += problem is None
            if problem is not None:
                problems.append(f"event {position}: {problem}")
        async with database.transaction() as connection:
            if stored:
                await finish(connection, [(payload, stored, _summary(problems))])
            else:
                await fail(connection, payload.received_on, payload.id, _summary(problems))


async def _ingest_event(
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
