"""A CSM's mornings: what happened overnight, and what to do first."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Self

import strawberry

from domain.digests import Section
from domain.errors import DomainError
from resolvers import cursors, customers
from resolvers import digests as resolve
from resolvers.context import Context
from schema import customers as customer_types
from schema import ids, seen
from schema import recommendations as recommendation_types
from schema.connections import Connection, Node, connection
from schema.csms import Csm
from schema.enums import describe
from schema.errors import UserError, user_error
from schema.references import Customer, Recipient, Recommendation, Stakeholder
from schema.scalars import After, First, Info, Input, instant, midnight
from store import digests as stored
from store.customers import CustomerRow
from store.digests import DigestRow
from store.digests import DigestSettings as StoredSettings

describe(
    Section,
    "What happened; all of it is what people did, as it was judged by that morning.",
    {
        Section.REPLIED: "They replied.",
        Section.RISK: "They unsubscribed themselves, or complained.",
        Section.CLICKED: "They clicked.",
        Section.NEWLY_ENGAGED: "They opened, clicked or replied for the first time.",
        Section.WENT_DARK: "They have not engaged for so long that they count as dark.",
    },
    name="DigestKind",
)


@strawberry.type(description="Somebody who did it.")
class DigestLine:
    stored: strawberry.Private[tuple[Any, ...]]
    row: strawberry.Private[CustomerRow]
    count: int = strawberry.field(description="How often, since the last digest.")
    at: datetime = strawberry.field(description="When, the last time.")

    @strawberry.field(description="At which customer.")
    def customer(self) -> Customer:
        return customer_types.Customer.of(self.row)

    @strawberry.field(
        description="Who; null for somebody nobody knows yet: `recipient` has the address."
    )
    async def stakeholder(self, info: Info) -> Stakeholder | None:
        return await seen.stakeholder(info, self.stored[1])

    @strawberry.field(
        description="With which campaign, the last time, and the events behind it; null for "
        "WENT_DARK."
    )
    async def recipient(self, info: Info) -> Recipient | None:
        return await seen.recipient(info, self.stored[3])


@strawberry.type(description="One kind of thing that happened.")
class DigestSection:
    kind: Section = strawberry.field(description="What happened.")
    total: int = strawberry.field(description="How many people it is true of.")
    people: list[DigestLine] = strawberry.field(
        description="Ten of them at most, the latest first; of customers that the viewer sees now."
    )


@strawberry.type(description="What happened for a CSM's customers until one morning.")
class Digest(Node):
    row: strawberry.Private[DigestRow]
    on: datetime = strawberry.field(description="Which day's it is, as midnight UTC.")
    since: datetime = strawberry.field(description="From when on it tells.")
    until: datetime = strawberry.field(description="Until when.")
    timezone: str = strawberry.field(description="The zone by whose morning it was made.")
    created_at: datetime = strawberry.field(description="When it was made.")
    mailed_at: datetime | None = strawberry.field(
        description="When the mail server took it; null when it was not mailed."
    )
    mail_error: str | None = strawberry.field(
        description="Why mailing it failed the last time; null when it did not."
    )

    @classmethod
    def of(cls, row: DigestRow) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(ids.encode("Digest", row.id)),
            row=row,
            on=midnight(row.day) or row.until,
            since=row.since,
            until=row.until,
            timezone=row.zone,
            created_at=row.created_at,
            mailed_at=row.sent_at,
            mail_error=row.mail_error,
        )

    @strawberry.field(description="Whose it is; null when the viewer may not know them.")
    async def csm(self, info: Info) -> Csm | None:
        return await seen.csm(info, self.row.csm_id)

    @strawberry.field(description="What happened; sections without anything are left out.")
    async def sections(self, info: Info) -> list[DigestSection]:
        # Side by side, so that their customers are read in one statement.
        found = await asyncio.gather(*(_section(info.context, *s) for s in self.row.sections))
        return [section for section in found if section.total]

    @strawberry.field(
        description="What was to be done first that morning, as it is now; those out of sight by "
        "now are left out."
    )
    async def recommendations(self, info: Info) -> list[Recommendation]:
        load = info.context.loaders.recommendations.load_many
        rows = await load(list(self.row.recommendation_ids))
        return recommendation_types.listed([row for row in rows if row is not None])


async def _section(context: Context, name: str, total: int, lines: list[Any]) -> DigestSection:
    rows = await asyncio.gather(*(customers.customer(context, line[0]) for line in lines))
    people = [
        DigestLine(stored=tuple(line), row=row, count=line[4], at=datetime.fromisoformat(line[5]))
        for line, row in zip(lines, rows, strict=True)
        if row is not None
    ]
    return DigestSection(
        kind=Section(name), total=total - (len(lines) - len(people)), people=people
    )


@strawberry.type(description="What a CSM has chosen about their digest.")
class DigestSettings:
    enabled: bool = strawberry.field(
        description="Whether it is mailed, where mail is set up; it is kept either way."
    )
    timezone: str | None = strawberry.field(
        description="The IANA zone by whose morning it is made; null: the operator's choice."
    )

    @classmethod
    def of(cls, chosen: StoredSettings) -> Self:
        """From what is stored."""
        return cls(enabled=chosen.is_mailed, timezone=chosen.timezone)


@strawberry.input(description="How a CSM wants their digest.")
class SetDigestInput:
    enabled: bool = strawberry.field(description="Whether to mail it.")
    timezone: str | None = strawberry.field(
        default=None,
        description="The IANA zone by whose morning it is made, such as Europe/Berlin; null leaves "
        "it to the operator.",
    )


@strawberry.type(description="How the digest is made from now on.")
class SetDigestPayload:
    settings: DigestSettings | None = strawberry.field(
        description="What was chosen; null when nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(description="What was wrong with the input.")


@strawberry.type
class DigestMutation:
    @strawberry.mutation(
        description="Choose whether one's own digest is mailed, and by whose morning it is made. "
        "For CSMs; refused as FORBIDDEN to others."
    )
    async def set_digest(self, info: Info, input: Input[SetDigestInput]) -> SetDigestPayload:
        try:
            chosen = await resolve.set_digest(
                info.context, enabled=input.enabled, timezone=input.timezone
            )
        except DomainError as error:
            if error.code == "FORBIDDEN":
                raise
            return SetDigestPayload(settings=None, user_errors=[user_error(error)])
        return SetDigestPayload(settings=DigestSettings.of(chosen), user_errors=[])


CsmId = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Whose; null: one's own, for managers and admins everybody's."),
]


@strawberry.type
class DigestQuery:
    @strawberry.field(
        description="A CSM's digest; null when there is none that the viewer may read. For CSMs "
        "(their own), managers and admins (who name the CSM); refused as FORBIDDEN to others."
    )
    async def digest(
        self,
        info: Info,
        on: Annotated[
            datetime | None,
            strawberry.argument(description="Which day's, by its date in UTC; null: the newest."),
        ] = None,
        csm_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Whose; null: one's own.")
        ] = None,
    ) -> Digest | None:
        day = None if on is None else instant(on, "on").astimezone(UTC).date()
        row = await resolve.digest_of(info.context, _number(csm_id), day)
        return None if row is None else Digest.of(row)

    @strawberry.field(
        description="Digests, the newest first. For CSMs (their own), managers and admins; refused "
        "as FORBIDDEN to others."
    )
    async def digests(
        self, info: Info, csm_id: CsmId = None, first: First = 20, after: After = None
    ) -> Connection[Digest]:
        number = _number(csm_id)
        page = cursors.page(stored.NEWEST, first, after)
        return connection(
            await resolve.digests(info.context, number, page),
            order=stored.NEWEST,
            after=after,
            node=Digest.of,
            count=lambda: resolve.count_digests(info.context, number),
        )

    @strawberry.field(
        description="What the viewer has chosen about their digest; null for who is no CSM."
    )
    async def digest_settings(self, info: Info) -> DigestSettings | None:
        chosen = await resolve.settings(info.context)
        return None if chosen is None else DigestSettings.of(chosen)


def _number(csm_id: strawberry.ID | None) -> int | None:
    return None if csm_id is None else ids.number(csm_id, "Csm")
