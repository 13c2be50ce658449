"""Who sends to us, and whether they still do: for those who see all."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.errors import DomainError
from domain.silence import silent_since
from resolvers.context import Context
from store import sources as store
from store.sources import SourceDayRow, SourceRow

MOST_DAYS = 92
"""Days that can be asked for at once: a quarter."""


async def sources(context: Context) -> Sequence[tuple[SourceRow, datetime | None]]:
    """Each source that was ever heard of, and since when its silence is unusual, if it is."""
    now = context.services.now()
    async with context.read() as connection:
        rows = await store.sources(connection, now.astimezone(UTC).date())
    return [(row, silent_since(row.last_received_at, row.longest_pause, now)) for row in rows]


async def days(context: Context, provider: str, last: int) -> Sequence[SourceDayRow]:
    """What a source sent on the last days. Raises DomainError."""
    if not 1 <= last <= MOST_DAYS:
        message = f"{last} days cannot be shown: ask for 1 to {MOST_DAYS}"
        raise DomainError("INVALID_ARGUMENT", message, ("last",))
    after = context.services.now().astimezone(UTC).date() - timedelta(days=last)
    return await context.loaders.of(store.days_of_sources, provider, (), after=after)
