"""Suppressions: why an address should not be mailed."""

from datetime import datetime
from typing import Self

import strawberry

from resolvers import suppressions as resolve
from schema import events as event_types
from schema.enums import SuppressionReason
from schema.references import Event
from schema.scalars import Info
from store.suppressions import SuppressionRow


@strawberry.type(description="Why an address should not be mailed.")
class Suppression:
    row: strawberry.Private[SuppressionRow]
    address: str = strawberry.field(description="The address, normalised.")
    reason: SuppressionReason = strawberry.field(
        description="Why; an address may be suppressed for several reasons at once."
    )
    since: datetime = strawberry.field(
        description="When it came to that: of soft bounces the third."
    )

    @classmethod
    def of(cls, row: SuppressionRow) -> Self:
        """From its row."""
        reason = SuppressionReason(row.reason)
        return cls(row=row, address=row.address, reason=reason, since=row.since)

    @strawberry.field(
        description="What it took, oldest first: those of the events that are still kept and that "
        "the viewer may see."
    )
    async def events(self, info: Info) -> list[Event]:
        found = await resolve.evidence(info.context, self.row)
        return [event_types.Event.of(row) for row in found]
