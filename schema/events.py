"""Events."""

from datetime import datetime
from typing import Self

import strawberry

from resolvers import recipients
from schema import campaigns as campaign_types
from schema import ids, seen
from schema import recipients as recipient_types
from schema.connections import Node
from schema.enums import Actor, EventKind, MachineReason
from schema.references import Campaign, Recipient
from schema.scalars import Info
from store.events import EventRow
from store.timeline import MailedEvent


@strawberry.type(description="One fact about one address, as it was reported.")
class Event(Node):
    row: strawberry.Private[EventRow]
    kind: EventKind = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(
        description="When it happened as reported; when it was received, if that lay in our future."
    )
    received_at: datetime = strawberry.field(description="When the service was told.")
    actor: Actor | None = strawberry.field(
        description="Who acted; null but for opens, clicks and unsubscribes."
    )
    machine_reasons: list[MachineReason] = strawberry.field(
        description="Why it is held to be a machine's act; empty when it is not."
    )
    url: str | None = strawberry.field(description="The link followed; null but for clicks.")
    detail: str | None = strawberry.field(
        description="The reporter's own words, e.g. a bounce's reason; null when there are none."
    )
    provider: str = strawberry.field(description="The platform that told us.")

    @classmethod
    def of(cls, row: EventRow) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(ids.encode_event(row.fact_on, row.key)),
            row=row,
            kind=EventKind(row.kind),
            occurred_at=row.occurred_at,
            received_at=row.received_at,
            actor=None if row.actor is None else Actor(row.actor),
            machine_reasons=[MachineReason(reason) for reason in row.reasons],
            url=row.url,
            detail=row.detail,
            provider=row.provider,
        )

    @strawberry.field(
        description="Whose mail it was; null where the provider hides it, where no campaign is "
        "known for it yet, and where the viewer may not see it."
    )
    def recipient(self, info: Info) -> Recipient | None:
        if isinstance(self.row, MailedEvent):
            return recipient_types.Recipient.of(self.row.recipient)
        return seen.recipient(info, self.row.recipient_id)  # type: ignore[return-value]  # awaited by the executor

    @strawberry.field(description="Which campaign's mail it was; null as `recipient` is.")
    def campaign(self, info: Info) -> Campaign | None:
        if isinstance(self.row, MailedEvent):
            return campaign_types.Campaign.of(self.row.campaign)
        return self._campaign(info)  # type: ignore[return-value]  # awaited by the executor

    async def _campaign(self, info: Info) -> Campaign | None:
        if self.row.recipient_id is None:
            return None
        recipient = await recipients.recipient(info.context, self.row.recipient_id)
        if recipient is None:
            return None
        return await seen.campaign(info, recipient.campaign_id)
