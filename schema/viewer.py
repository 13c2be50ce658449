"""Whoever asks."""

from datetime import datetime
from typing import Self

import strawberry

from domain import viewer as domain_viewer
from resolvers import recommendations
from schema import seen
from schema.csms import Csm
from schema.enums import Role
from schema.scalars import Info


@strawberry.type(description="Whoever the request acts for.")
class Viewer:
    who: strawberry.Private[domain_viewer.Viewer]
    role: Role = strawberry.field(description="What the token may do.")
    name: str = strawberry.field(description="The name that the token carries.")
    expires_at: datetime | None = strawberry.field(
        description="When the token ends, and live connections with it; null when it does not."
    )

    @classmethod
    def of(cls, who: domain_viewer.Viewer) -> Self:
        """From whom the request acts for."""
        return cls(who=who, role=who.role, name=who.name, expires_at=who.expires_at)

    @strawberry.field(description="The CSM whose portfolio is read; null but for a CSM's token.")
    async def csm(self, info: Info) -> Csm | None:
        return await seen.csm(info, self.who.csm_id)

    @strawberry.field(
        description="Where the recommendations' feed stood when this was read: subscribe to "
        "recommendationChanged with `after` set to it and nothing is missed."
    )
    async def recommendation_cursor(self, info: Info) -> str:
        return await recommendations.cursor(info.context)
