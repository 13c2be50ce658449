"""Pulling: sources that do not call us are asked, by one worker at a time, and resumed exactly."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from store.database import Database, Unavailable
from store.pulls import (
    Cursor,
    Fetched,
    Lease,
    LeaseLost,
    fail,
    has_backlog,
    keep,
    renew,
    rest,
    take,
)

LEASE = timedelta(seconds=30)
"""How long a source waits for a worker that died in the middle of it."""

RENEWAL_SECONDS = 10.0
"""How often a lease is renewed while a source is slow to answer."""

LOOK_SECONDS = 1.0
"""How often a worker looks whether a source is due."""

BACKLOG = 100
"""Payloads waiting at which pulling waits too: what is fetched from years ago must not delay what
webhooks bring now, and it is safe where it lies."""

BACKLOG_SECONDS = 0.1
"""How often it looks whether the inbox has room again."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """What a source answered: payloads, where to go on, and whether there is more already."""

    bodies: Sequence[bytes]
    cursor: Cursor
    has_more: bool


class SourceFailed(Exception):  # noqa: N818 - says what happened to the source
    """A source cannot be read now. The message is shown to people: it names no secret.

    `pause_seconds` is how long the source itself asked to be left alone, if it did.
    """

    def __init__(self, message: str, *, pause_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.pause_seconds = pause_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something to be asked every `seconds`; its answers are payloads of `provider`.

    `name` tells it from every other mailbox or account, for ever: its cursor is kept under it.
    `fetch` reads on from a cursor ({} the first time) and raises SourceFailed.
    """

    name: str
    provider: str
    seconds: float
    fetch: Callable[[Cursor], Awaitable[Page]]
    headers: Mapping[str, str] = field(default_factory=dict)


async def keep_pulling(database: Database, source: Source, now: Callable[[], datetime]) -> None:
    """Pull a source whenever it is due, for ever; whatever fails is tried again."""
    while True:
        try:
            await pull(database, source, now)
        except Unavailable as error:
            logger.warning("pulling has to wait", source=source.name, error=str(error))
        except LeaseLost as error:
            logger.info("pulling was taken over", source=source.name, error=str(error))
        except Exception:
            logger.exception("pulling failed", source=source.name)
        await asyncio.sleep(LOOK_SECONDS)


async def pull(database: Database, source: Source, now: Callable[[], datetime]) -> None:
    """Read a source that is due to its end. Raises Unavailable, LeaseLost."""
    held = await take(database, source.name, holder=uuid4(), lease=LEASE)
    if held is None:
        return
    try:
        await _read(database, source, held, now)
        await rest(database, held, timedelta(seconds=source.seconds))
    except (Unavailable, LeaseLost):
        raise
    except SourceFailed as error:
        logger.warning("a source failed", source=source.name, error=str(error))
        await fail(database, held, str(error), timedelta(seconds=error.pause_seconds))
    except Exception as error:
        logger.exception("a source failed in a way nobody foresaw", source=source.name)
        await fail(database, held, f"internal error: {type(error).__name__}", timedelta(0))
    except asyncio.CancelledError:
        with suppress(Unavailable, LeaseLost):
            await rest(database, held, timedelta(0))
        raise


async def _read(
    database: Database, source: Source, held: Lease, now: Callable[[], datetime]
) -> None:
    cursor, has_more = held.cursor, True
    while has_more:
        page = await _held(database, held, _next(database, source, cursor))
        fetched = Fetched(source.provider, source.headers, page.bodies, now(), page.cursor)
        await keep(database, held, fetched, LEASE)
        cursor, has_more = page.cursor, page.has_more


async def _next(database: Database, source: Source, cursor: Cursor) -> Page:
    while await has_backlog(database, BACKLOG):  # noqa: ASYNC110 - other processes empty it
        await asyncio.sleep(BACKLOG_SECONDS)
    return await source.fetch(cursor)


async def _held(database: Database, held: Lease, answer: Awaitable[Page]) -> Page:
    """Wait for an answer, however slow, without losing the lease."""
    renewing = asyncio.create_task(_renew(database, held))
    try:
        return await answer
    finally:
        renewing.cancel()
        await asyncio.wait([renewing])


async def _renew(database: Database, held: Lease) -> None:
    """Ends when the lease is lost; whoever has it then keeps what we fetch from being stored."""
    while True:
        await asyncio.sleep(RENEWAL_SECONDS)
        try:
            await renew(database, held, LEASE)
        except Unavailable as error:
            logger.warning("a lease could not be renewed", source=held.source, error=str(error))
        except LeaseLost:
            return
