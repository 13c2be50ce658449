"""Who sends to us, and whether they still do."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Annotated, Self

import strawberry

from resolvers import sources as resolve
from schema.scalars import Info
from store.sources import SourceDayRow, SourceRow


@strawberry.type(description="What a provider sent on one day.")
class ProviderDay:
    day: datetime = strawberry.field(description="The day: its beginning, in UTC.")
    payloads: int = strawberry.field(
        description="Payloads received that day and worked off since; a replay counts again."
    )
    events: int = strawberry.field(description="Events in them.")
    unknown: int = strawberry.field(
        description="Those of a kind the service does not know: kept, as UNKNOWN."
    )

    @classmethod
    def of(cls, row: SourceDayRow) -> Self:
        """From its row."""
        return cls(
            day=datetime.combine(row.day, time(), UTC),
            payloads=row.payloads,
            events=row.events,
            unknown=row.unknown,
        )


@strawberry.type(description="When a provider was last heard of, and whether that is as usual.")
class ProviderSeen:
    row: strawberry.Private[SourceRow]
    provider: str = strawberry.field(
        description="The provider's name, as in its webhook's path; `mail` is raw mail, `tracking` "
        "our own pixel and links."
    )
    last_received_at: datetime = strawberry.field(
        description="When its last payload came, to a second or so."
    )
    longest_pause_seconds: float | None = strawberry.field(
        description="The longest pause between its payloads in the last 28 days, in seconds; null "
        "while there was none."
    )
    silent_since: datetime | None = strawberry.field(
        description="When its silence became unusual: after twice its longest pause, at least six "
        "hours (three days for a provider without any pause yet); null while it is as usual."
    )

    @classmethod
    def of(cls, row: SourceRow, silent_since: datetime | None) -> Self:
        """From its row."""
        pause = row.longest_pause
        return cls(
            row=row,
            provider=row.provider,
            last_received_at=row.last_received_at,
            longest_pause_seconds=None if pause is None else pause.total_seconds(),
            silent_since=silent_since,
        )

    @strawberry.field(
        description="What it sent, by day, oldest first; days on which nothing came are left out."
    )
    async def days(
        self,
        info: Info,
        last: Annotated[
            int, strawberry.argument(description="How many days back, 1 to 92; today counts.")
        ] = 14,
    ) -> list[ProviderDay]:
        rows = await resolve.days(info.context, self.provider, last)
        return [ProviderDay.of(row) for row in rows]


async def providers_seen(info: Info) -> Sequence[ProviderSeen]:
    """Every provider that was ever heard of, by name."""
    found = await resolve.sources(info.context)
    return [ProviderSeen.of(row, silent_since) for row, silent_since in found]
