"""Sources that are asked for what is new."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from resolvers import pulls as resolve
from schema.scalars import Info
from store.pulls import PullRow


@strawberry.type(
    description="A source that does not call us and is asked for what is new: a mailbox, HubSpot."
)
class Pull:
    source: str = strawberry.field(
        description="`hubspot`, or a mailbox as its address without the password."
    )
    pulled_at: datetime | None = strawberry.field(
        description="When it last answered; null while it never did."
    )
    error: str | None = strawberry.field(
        description="Why the last attempt failed; null once one succeeded."
    )
    due_at: datetime = strawberry.field(
        description="When it is asked next; in the past while it is being asked."
    )

    @classmethod
    def of(cls, row: PullRow) -> Self:
        """From its row."""
        return cls(source=row.source, pulled_at=row.pulled_at, error=row.error, due_at=row.due_at)


async def all_pulls(info: Info) -> Sequence[Pull]:
    """Every source that was ever asked, by name."""
    return [Pull.of(row) for row in await resolve.pulls(info.context)]
