"""Events."""

from datetime import datetime

import strawberry

from resolvers import recipients
from schema import campaigns as campaign_types
from schema import ids, seen
from schema import recipients as recipient_types
from schema.connections import Node
from schema.enums import Actor, EventKind, MachineReason
from schema.references import Campaign, Recipient
from schema.scalars import Info
from schema.selections import Selected, selected, within
from schema.views import View, read
from store.events import EventRow
from store.joined import NOT_READ, beside
from store.mailed import Reading


@strawberry.type(description="One fact about one address, as it was reported.")
class Event(
    View,
    Node,
    id=read("fact_on", "key", made=lambda row: ids.encode_event(row.fact_on, row.key)),
    needs={"recipient": ("recipient_id",), "campaign": ("recipient_id",)},
    beside={
        "recipient": lambda: recipient_types.Recipient,
        "campaign": lambda: campaign_types.Campaign,
    },
):
    row: strawberry.Private[EventRow]
    kind: EventKind = strawberry.field(
        description="What happened.", metadata=read("kind", made=EventKind)
    )
    occurred_at: datetime = strawberry.field(
        description="When it happened as reported; when it was received, if that lay in our future."
    )
    received_at: datetime = strawberry.field(description="When the service was told.")
    actor: Actor | None = strawberry.field(
        description="Who acted; null but for opens, clicks and unsubscribes.",
        metadata=read("actor", made=Actor),
    )
    machine_reasons: list[MachineReason] = strawberry.field(
        description="Why it is held to be a machine's act; empty when it is not.",
        metadata=read("reasons", made=lambda reasons: [MachineReason(each) for each in reasons]),
    )
    url: str | None = strawberry.field(description="The link followed; null but for clicks.")
    detail: str | None = strawberry.field(
        description="The reporter's own words, e.g. a bounce's reason; null when there are none."
    )
    provider: str = strawberry.field(description="The platform that told us.")

    @strawberry.field(
        description="Whose mail it was; null where the provider hides it, where no campaign is "
        "known for it yet, and where the viewer may not see it."
    )
    def recipient(self, info: Info) -> Recipient | None:
        if (row := beside(self.row, "recipient")) is not NOT_READ:
            return recipient_types.Recipient.of(row)
        return seen.recipient(info, self.row.recipient_id)  # type: ignore[return-value]  # awaited by the executor

    @strawberry.field(description="Which campaign's mail it was; null as `recipient` is.")
    def campaign(self, info: Info) -> Campaign | None:
        if (row := beside(self.row, "campaign")) is not NOT_READ:
            return campaign_types.Campaign.of(row)
        return self._campaign(info)  # type: ignore[return-value]  # awaited by the executor

    async def _campaign(self, info: Info) -> Campaign | None:
        if self.row.recipient_id is None:
            return None
        recipient = await recipients.recipient(info.context, self.row.recipient_id)
        if recipient is None:
            return None
        return await seen.campaign(info, recipient.campaign_id)


def reading(info: Info) -> Reading:
    """What to read of a page of events: what is selected below the page's field."""
    return page_reading(selected(info))


def page_reading(page: Selected) -> Reading:
    """What to read of a page of events on which this is selected."""
    fields = within(page, "nodes", "edges.node") or {}
    recipient, campaign = fields.get("recipient"), fields.get("campaign")
    return Reading(
        event=Event.columns(fields),
        is_mailed=recipient is not None or campaign is not None,
        recipient=recipient_types.Recipient.columns(recipient or {}),
        campaign=campaign_types.Campaign.columns(campaign or {}),
    )
