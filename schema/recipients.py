"""Recipients, and what each did."""

from datetime import datetime

import strawberry

from resolvers import campaigns, cursors, recommendations, suppressions
from resolvers import recipients as resolve
from schema import campaigns as campaign_types
from schema import events as event_types
from schema import ids
from schema import recommendations as recommendation_types
from schema import suppressions as suppression_types
from schema.connections import Connection, Node, connection
from schema.enums import DeliveryStatus, UnmatchedReason
from schema.matches import Match
from schema.references import Campaign, Event, Recommendation, Suppression
from schema.scalars import After, First, Info
from schema.topics import Topic, topics
from schema.views import View, read
from store import events
from store.joined import NOT_READ, beside
from store.recipients import RecipientRow


@strawberry.type(description="The mail came back.")
class Bounce:
    hard: bool = strawberry.field(description="Whether for good (true) or for now (false).")
    reason: str | None = strawberry.field(
        description="The receiving server's words; null when it gave none."
    )
    at: datetime = strawberry.field(description="When it first came back.")


@strawberry.type(description="What became of the mail.")
class Delivery(View):
    row: strawberry.Private[RecipientRow]
    status: DeliveryStatus = strawberry.field(
        description="The gravest that is known.", metadata=read("status", made=DeliveryStatus)
    )
    sent_at: datetime | None = strawberry.field(
        description="When it was sent: as accepted by the provider, else the first that was heard "
        "of it; null when nothing was."
    )
    delivered_at: datetime | None = strawberry.field(
        description="When the receiving server took it, or at the latest had, as a person acted "
        "on it; null when it is not known to be delivered."
    )
    bounce: Bounce | None = strawberry.field(
        description="The bounce that stands; null when none does.",
        metadata=read("bounced_at", "bounce_hard", "bounce_reason", made=lambda row: _bounce(row)),
    )


@strawberry.type(description="How often a mail was opened.")
class Activity:
    human: int = strawberry.field(description="Opens by people: the most that one source saw.")
    machine: int = strawberry.field(description="Opens by machines, counted likewise.")
    first_at: datetime | None = strawberry.field(
        description="The first open by a person; null when there is none."
    )
    last_at: datetime | None = strawberry.field(
        description="The last open by a person; null when there is none."
    )


@strawberry.type(description="Clicks on one link by one recipient.")
class LinkClicks:
    campaign_id: strawberry.Private[int]
    url: str = strawberry.field(description="The link; empty where the report named none.")
    human: int = strawberry.field(description="Clicks by people: the most that one source saw.")
    machine: int = strawberry.field(description="Clicks by machines, counted likewise.")
    first_at: datetime = strawberry.field(description="The first click, whoever's.")
    last_at: datetime = strawberry.field(description="The last click, whoever's.")

    @strawberry.field(description="What the link is declared to be about; empty when nothing is.")
    async def topics(self, info: Info) -> list[Topic]:
        return topics(await campaigns.link_topics(info.context, self.campaign_id, self.url))


@strawberry.type(description="How often links of a mail were followed.")
class Clicks(View, needs={"links": ("campaign_id", "links")}):
    row: strawberry.Private[RecipientRow]
    human: int = strawberry.field(
        description="Clicks by people, over all links.", metadata=read("clicks_human")
    )
    machine: int = strawberry.field(
        description="Clicks by machines, over all links.", metadata=read("clicks_machine")
    )
    first_at: datetime | None = strawberry.field(
        description="The first click by a person; null when there is none.",
        metadata=read("first_click_at"),
    )
    last_at: datetime | None = strawberry.field(
        description="The last click by a person; null when there is none.",
        metadata=read("last_click_at"),
    )

    @strawberry.field(description="By link, sorted by its address.")
    def links(self) -> list[LinkClicks]:
        return _links(self.row)


@strawberry.type(
    description="One address on one campaign, and what it did with it. Engagement is of people; "
    "what machines did is counted beside it."
)
class Recipient(
    View,
    Node,
    id=read("id", made=lambda key: ids.encode("Recipient", key)),
    answers={
        "delivery": Delivery,
        "opens": ("opens_human", "opens_machine", "first_open_at", "last_open_at"),
    },
    needs={
        "clicks": Clicks,
        "campaign": ("campaign_id",),
        "matches": ("address_id",),
        "suppressions": ("address_id",),
        "events": ("id",),
        "recommendations": ("id",),
    },
    beside={"matches": lambda: Match},
):
    row: strawberry.Private[RecipientRow]
    address: str = strawberry.field(description="The email address, normalised.")
    unmatched_reason: UnmatchedReason | None = strawberry.field(
        description="Why nobody could be found for the address; null when somebody was.",
        metadata=read("unmatched_reason", made=UnmatchedReason),
    )
    replied_at: datetime | None = strawberry.field(
        description="The first reply by a person; null when there is none."
    )
    forwarded_at: datetime | None = strawberry.field(
        description="When it was first passed on; null when it was not, as far as is known."
    )
    forward_probable_at: datetime | None = strawberry.field(
        description="When it was probably passed on: after it was opened, a program not seen "
        "before acted from a network not seen before; null when that never was. Not counted as "
        "engagement."
    )
    unsubscribed_at: datetime | None = strawberry.field(
        description="When a person asked for no further mail; null when nobody did."
    )
    unsubscribe_unconfirmed_at: datetime | None = strawberry.field(
        description="When a machine that followed the mail's links asked for no further mail: ask "
        "whether that was meant. Null when none did, or a person has asked."
    )
    complained_at: datetime | None = strawberry.field(
        description="When it was marked as spam; null when it was not."
    )
    engaged: bool = strawberry.field(
        description="Whether a person opened, clicked, replied or forwarded."
    )

    @strawberry.field(description="What became of the mail.")
    def delivery(self) -> Delivery:
        return Delivery.of(self.row)

    @strawberry.field(description="How often it was opened.")
    def opens(self) -> Activity:
        return Activity(
            human=self.row.opens_human,
            machine=self.row.opens_machine,
            first_at=self.row.first_open_at,
            last_at=self.row.last_open_at,
        )

    @strawberry.field(description="How often its links were followed.")
    def clicks(self) -> Clicks:
        return Clicks.of(self.row)

    @strawberry.field(description="The campaign it was sent.")
    async def campaign(self, info: Info) -> Campaign:
        row = await campaigns.campaign(info.context, self.row.campaign_id)
        if row is None:  # ended in between, while a subscription reads the present
            raise LookupError(self.row)
        return campaign_types.Campaign.of(row)

    @strawberry.field(
        description="Whose address it is, the surest first: only customers that the viewer sees."
    )
    def matches(self, info: Info) -> list[Match]:
        if (rows := beside(self.row, "matches")) is not NOT_READ:
            return [Match.of(row) for row in rows]
        return self._matches(info)  # type: ignore[return-value]  # awaited by the executor

    async def _matches(self, info: Info) -> list[Match]:
        return [Match.of(row) for row in await resolve.matches(info.context, self.row.address_id)]

    @strawberry.field(
        description="Why the address should not be mailed, whichever campaign told; empty when it "
        "may be."
    )
    async def suppressions(self, info: Info) -> list[Suppression]:
        found = await suppressions.of_address(info.context, self.row.address_id)
        return [suppression_types.Suppression.of(row) for row in found]

    @strawberry.field(description="All that was reported about it, newest first.")
    async def events(self, info: Info, first: First = 20, after: After = None) -> Connection[Event]:
        page = cursors.page(events.NEWEST, first, after)
        return connection(
            await resolve.events_of_recipient(info.context, self.row.id, page),
            order=events.NEWEST,
            after=after,
            node=event_types.Event.of,
            count=lambda: resolve.count_events(info.context, self.row.id),
        )

    @strawberry.field(
        description="What was recommended because of it, the latest first, whatever has become of "
        "that."
    )
    async def recommendations(self, info: Info) -> list[Recommendation]:
        rows = await recommendations.recommendations_of_recipient(info.context, self.row.id)
        return recommendation_types.listed(rows)


def _bounce(row: RecipientRow) -> Bounce | None:
    if row.bounced_at is None:
        return None
    return Bounce(hard=bool(row.bounce_hard), reason=row.bounce_reason, at=row.bounced_at)


def _links(row: RecipientRow) -> list[LinkClicks]:
    return [
        LinkClicks(
            campaign_id=row.campaign_id,
            url=link["url"],
            human=link["human"],
            machine=link["machine"],
            first_at=datetime.fromisoformat(link["first_at"]),
            last_at=datetime.fromisoformat(link["last_at"]),
        )
        for link in row.links or ()
    ]
