"""Campaigns."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.bulk import as_decided
from domain.policy import Policy
from resolvers import campaigns as resolve
from resolvers import cursors
from schema import ids
from schema import recipients as recipient_types
from schema.analysis import CampaignAnalysis
from schema.connections import Connection, Node, connection
from schema.enums import BulkSign, CampaignType
from schema.enums import Detection as DetectionMethod
from schema.filters import RecipientFilter
from schema.funnels import Funnel, funnel_of
from schema.references import Recipient
from schema.scalars import After, First, Info
from schema.selections import selected, told
from schema.topics import Topic, topics
from schema.views import View, read
from store import recipients
from store.campaigns import CampaignRow
from store.deciding import send_of
from store.paging import Page, Slice
from store.recipient_pages import CampaignPage
from store.recipients import RecipientFilter as ChosenRecipients
from store.recipients import RecipientRow


@strawberry.type(description="How the service knows that a campaign was a bulk send.")
class Detection:
    method: DetectionMethod = strawberry.field(description="The evidence its messages share.")
    confidence: float = strawberry.field(
        description="How likely it is one bulk send, 0 to 1: 1 or 0 when a person said so, 1 when "
        "it was registered."
    )
    evidence: str | None = strawberry.field(
        description="The campaign id, tag or subject that the messages share; null when the "
        "campaign was declared."
    )
    signs: list[BulkSign] = strawberry.field(
        description="Headers of its raw mail that say so; empty when none did or no raw mail was "
        "seen."
    )
    reasons: list[str] = strawberry.field(
        description="What the decision rests on, in words; the weightiest first."
    )


@strawberry.type(description="What a person said of a campaign; it stands against all evidence.")
class Classification:
    type: CampaignType | None = strawberry.field(
        description="What it is for; null when nothing was said about that."
    )
    is_bulk: bool | None = strawberry.field(
        description="Whether it is one bulk send; null when nothing was said about that."
    )
    at: datetime = strawberry.field(description="When it was said last.")


@strawberry.type(description="One bulk email to many recipients.")
class Campaign(
    View,
    Node,
    id=read("id", made=lambda key: ids.encode("Campaign", key)),
    answers={
        "detection": (
            "external_id",
            "subject",
            "tag",
            "detection",
            "is_provisional",
            "is_declared",
            "signs",
            "said_bulk",
        )
    },
    needs={"recipients": ("id",), "analysis": ("id",)},
):
    row: strawberry.Private[CampaignRow]
    beside: strawberry.Private[CampaignPage | None] = None
    name: str = strawberry.field(description="What it is called.")
    subject: str | None = strawberry.field(description="The mail's subject; null when unknown.")
    type: CampaignType | None = strawberry.field(
        description="What it is for; null until that is known.",
        metadata=read("type", made=CampaignType),
    )
    type_confidence: float | None = strawberry.field(
        description="How sure the type is, 0 to 1 (1: somebody said so); null without a type."
    )
    topics: list[Topic] = strawberry.field(
        description="What it is declared to be about; empty when nothing is.",
        metadata=read("topics", made=topics),
    )
    provider: str = strawberry.field(
        description="The platform it was sent with; `mail` when only raw mail that no "
        "platform carried tells of it."
    )
    external_id: str | None = strawberry.field(
        description="Its id there, or as it was registered; null when it was recognised without.",
        metadata=read("external_id", "detection", made=lambda row: _external_id(row)),
    )
    sent_at: datetime | None = strawberry.field(
        description="When it went out: as declared, else when it was first heard of; null when "
        "nothing was yet."
    )
    provisional: bool = strawberry.field(
        description="Whether it is not held to be a bulk send, or not yet: managers and admins can "
        "find such sends and classify them, others do not see them, and their recipients are not "
        "listed.",
        metadata=read("is_provisional"),
    )
    classification: Classification | None = strawberry.field(
        description="What a person said of it; null when nobody did.",
        metadata=read("said_at", "said_type", "said_bulk", made=lambda row: _classification(row)),
    )

    @classmethod
    def of_page(cls, page: CampaignPage) -> Self:
        """From its row, and what was read beside it."""
        campaign = cls.of(page.campaign)
        campaign.beside = page
        return campaign

    @strawberry.field(description="How the service knows that this was a bulk send.")
    def detection(self, info: Info) -> Detection:
        return _detection(self.row, info.context.services.policy)

    @strawberry.field(
        description="Who it was sent to, in the order in which we first heard of their addresses."
    )
    def recipients(
        self,
        info: Info,
        filter: Annotated[
            RecipientFilter | None, strawberry.argument(description="Null lists all recipients.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Recipient]:
        chosen = filter.chosen() if filter else ChosenRecipients()
        if (read := self.beside) is not None:
            return _page(read.recipients, after, lambda: read.total or 0)
        page = cursors.page(recipients.BY_ADDRESS, first, after)
        return self._recipients(info, chosen, page, after)  # type: ignore[return-value]  # awaited by the executor

    async def _recipients(
        self, info: Info, chosen: ChosenRecipients, page: Page, after: str | None
    ) -> Connection[Recipient]:
        return _page(
            await resolve.recipients_of_campaign(
                info.context,
                self.row.id,
                chosen=chosen,
                page=page,
                wanted=told(selected(info), recipient_types.Recipient.wanted_of_page),
            ),
            after,
            lambda: resolve.count_recipients(info.context, self.row.id, chosen),
        )

    @strawberry.field(
        description="What became of it, in figures: from counters, which follow within seconds."
    )
    def analysis(self) -> CampaignAnalysis:
        return CampaignAnalysis(campaign_id=self.row.id)

    @strawberry.field(description="How far it got: from counters, which follow within seconds.")
    async def funnel(self, info: Info) -> Funnel:
        return funnel_of(await resolve.funnel(info.context, self.row))


def _page(
    page: Slice[RecipientRow], after: str | None, count: Callable[[], Awaitable[int] | int]
) -> Connection[Recipient]:
    return connection(
        page,
        order=recipients.BY_ADDRESS,
        after=after,
        node=recipient_types.Recipient.of,
        count=count,
    )


def _detection(row: CampaignRow, policy: Policy) -> Detection:
    """The decision as it stands; how many recipients there are is not for every viewer to know."""
    method = DetectionMethod(row.detection)
    send = send_of(
        row.detection,
        row.external_id,
        row.tag,
        row.subject,
        row.is_declared,
        row.said_bulk,
        row.signs,
    )
    decision = as_decided(send, not row.is_provisional, policy.bulk_recipients)
    return Detection(
        method=method,
        confidence=decision.confidence,
        evidence=_evidence(row, method),
        signs=[BulkSign(sign) for sign in row.signs],
        reasons=list(decision.evidence),
    )


def _external_id(row: CampaignRow) -> str | None:
    is_named = row.detection in (DetectionMethod.DECLARED, DetectionMethod.CAMPAIGN_ID)
    return row.external_id if is_named else None


def _classification(row: CampaignRow) -> Classification | None:
    if row.said_at is None:
        return None
    said_type = None if row.said_type is None else CampaignType(row.said_type)
    return Classification(type=said_type, is_bulk=row.said_bulk, at=row.said_at)


def _evidence(row: CampaignRow, method: DetectionMethod) -> str | None:
    return {
        DetectionMethod.DECLARED: None,
        DetectionMethod.CAMPAIGN_ID: row.external_id,
        DetectionMethod.TAG: row.tag,
        DetectionMethod.SUBJECT: row.subject,
    }[method]
