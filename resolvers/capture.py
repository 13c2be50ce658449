"""Whether capture works: for those who see all."""

from collections.abc import Sequence
from datetime import date

from domain.viewer import Role
from resolvers.context import Context
from store import capture, events, payloads, threads
from store.capture import CoverageRow, PayloadRow
from store.events import EventRow
from store.paging import Page, Slice

REPLAYED_AT_ONCE = 1_000
"""Payloads put back into the queue by one call at most."""


def require_reader(context: Context) -> None:
    """Refuse who may not see what came in. Raises DomainError FORBIDDEN."""
    context.require(Role.MANAGER, Role.ADMIN)


def require_replayer(context: Context) -> None:
    """Refuse who may not replay. Raises DomainError FORBIDDEN."""
    context.require(Role.ADMIN)


async def lag_seconds(context: Context) -> float:
    """How long the oldest waiting payload has waited; 0 when none waits."""
    async with context.read() as connection:
        oldest = await capture.oldest_pending(connection)
    if oldest is None:
        return 0.0
    return max(0.0, (context.services.now() - oldest).total_seconds())


async def count_pending(context: Context) -> int:
    """How many payloads wait to be worked off."""
    async with context.read() as connection:
        return await capture.count_payloads(connection, "PENDING")


async def count_failed(context: Context) -> int:
    """How many payloads were set aside with an error."""
    async with context.read() as connection:
        return await capture.count_payloads(connection, "FAILED")


async def failed(context: Context, page: Page) -> Slice[PayloadRow]:
    """A page of the payloads that were set aside, newest first."""
    async with context.read() as connection:
        return await capture.list_failed(connection, page)


async def payload(context: Context, received_on: date, payload_id: int) -> PayloadRow | None:
    """A payload; None when there is none or the viewer may not see it."""
    if not context.viewer.may_read_all:
        return None
    async with context.read() as connection:
        return await capture.payload_by_id(connection, received_on, payload_id)


async def coverage(context: Context) -> CoverageRow:
    """How far recipients could be matched."""
    async with context.read() as connection:
        return await capture.coverage(connection)


async def orphans(context: Context, page: Page) -> Slice[EventRow]:
    """A page of the events that name no campaign and no known message."""
    async with context.read() as connection:
        return await events.list_orphans(connection, context.viewer, page)


async def count_orphans(context: Context) -> int:
    """How many events name no campaign and no known message."""
    async with context.read() as connection:
        return await events.count_orphans(connection, context.viewer)


async def unplaced_answers(context: Context) -> tuple[int, int]:
    """How many received mails wait for their message, and how many were given up on in all."""
    async with context.read() as connection:
        return await threads.count_waiting(connection)


async def replay(context: Context, payload_ids: Sequence[int] | None) -> int:
    """Let failed payloads be tried again, those named or the oldest; returns how many will be."""
    require_replayer(context)
    async with context.write() as connection:
        if payload_ids is None:
            payload_ids = await capture.failed_ids(connection, REPLAYED_AT_ONCE)
        replayed = await payloads.replay(connection, payload_ids)
    await context.services.wake.ingest()
    return replayed
