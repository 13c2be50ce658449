"""Engagement in: what clients report."""

from datetime import datetime
from typing import Any

import strawberry

from domain.errors import DomainError
from domain.reports import Report
from resolvers import recording as resolve
from resolvers.recording import Outcome
from schema import events as event_types
from schema.enums import BounceClass, CampaignType, EventKind, RecordOutcome
from schema.errors import UserError, user_error
from schema.references import Event
from schema.scalars import Info, Input, Unparsable
from store.events import EventKey


@strawberry.input(description="Which campaign an event belongs to; an unknown one is created.")
class CampaignRefInput:
    external_id: str = strawberry.field(description="The campaign's id at the provider.")
    name: str | None = strawberry.field(
        default=None, description="What it is called; null leaves that open."
    )
    type: CampaignType | None = strawberry.field(
        default=None, description="What it is for; kept unless known already. Null leaves it open."
    )


@strawberry.input(description="One fact about one address. Give the address or the message id.")
class EngagementEventInput:
    provider: str = strawberry.field(
        description="The platform that saw it, e.g. sendgrid; at most 64 characters."
    )
    provider_event_id: str | None = strawberry.field(
        default=None,
        description="The platform's own id of the event, if it stays the same when told again: the "
        "same (provider, id, address, kind) counts once. Null: two reports that agree in "
        "everything are one fact.",
    )
    campaign: CampaignRefInput | None = strawberry.field(
        default=None,
        description="Whose mail it was; null when `messageId` is that of a known message.",
    )
    message_id: str | None = strawberry.field(
        default=None, description="The platform's id of the message; null when it gives none."
    )
    address: str | None = strawberry.field(
        default=None, description="Whose mail it was; null where the platform hides it."
    )
    kind: EventKind = strawberry.field(description="What happened; UNKNOWN is refused.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    url: str | None = strawberry.field(
        default=None, description="The link followed, at most 4,096 characters; null for none."
    )
    user_agent: str | None = strawberry.field(
        default=None,
        description="User agent of whoever acted, empty where it sent none; null when unknown.",
    )
    ip: str | None = strawberry.field(
        default=None, description="IPv4 or IPv6 address of whoever acted; null when unknown."
    )
    detail: str | None = strawberry.field(
        default=None,
        description="The reporter's own words, e.g. a bounce's reason; at most 2,000 characters. "
        "A status code in it (RFC 3463, e.g. 5.1.1) tells a hard from a soft bounce.",
    )
    bounce: BounceClass | None = strawberry.field(
        default=None,
        description="Of a bounce, whether it is for good; null takes it from `detail`, else soft.",
    )


@strawberry.input(description="What happened.")
class RecordEngagementInput:
    events: list[EngagementEventInput] = strawberry.field(
        description="At most 1,000 facts, in any order, each told any number of times."
    )


@strawberry.type(description="What became of one reported event.")
class RecordResult:
    key: strawberry.Private[EventKey | None]
    outcome: RecordOutcome = strawberry.field(description="Whether it was stored.")
    error: UserError | None = strawberry.field(
        description="Why it was refused; null when it was not."
    )

    @strawberry.field(description="The event as it is stored; null when it was refused.")
    async def event(self, info: Info) -> Event | None:
        if self.key is None:
            return None
        row = await info.context.loaders.recorded.load(self.key)
        return None if row is None else event_types.Event.of(row)


@strawberry.type(description="What became of the reported events.")
class RecordEngagementPayload:
    results: list[RecordResult] = strawberry.field(
        description="One outcome for each event, in the order of the input."
    )
    recorded: int = strawberry.field(description="How many have the outcome RECORDED.")
    duplicates: int = strawberry.field(description="How many have the outcome DUPLICATE.")
    unmatched: int = strawberry.field(description="How many have the outcome UNMATCHED.")
    rejected: int = strawberry.field(description="How many have the outcome REJECTED.")
    user_errors: list[UserError] = strawberry.field(
        description="Why events were refused, each with the path to what is wrong with it."
    )


@strawberry.type
class RecordingMutation:
    @strawberry.mutation(
        description="Tell what happened. Idempotent; at most 1,000 events a call, each with its "
        "own outcome: a bad one never costs the good ones. What is not refused is durable. "
        "For integrations and admins."
    )
    async def record_engagement(
        self, info: Info, input: Input[RecordEngagementInput]
    ) -> RecordEngagementPayload:
        reports = [_report(event) for event in input.events]
        return _payload(await resolve.record_engagement(info.context, reports))


def _report(event: EngagementEventInput) -> Report:
    campaign = event.campaign
    occurred_at: Any = event.occurred_at
    return Report(
        provider=event.provider,
        provider_event_id=event.provider_event_id,
        campaign=campaign,
        campaign_id=campaign and campaign.external_id,
        campaign_name=campaign and campaign.name,
        campaign_type=campaign and campaign.type,
        message_id=event.message_id,
        address=event.address,
        kind=event.kind,
        occurred_at=occurred_at.text if isinstance(occurred_at, Unparsable) else occurred_at,
        url=event.url,
        user_agent=event.user_agent,
        ip=event.ip,
        detail=event.detail,
        bounce=event.bounce,
    )


def _payload(outcomes: list[Outcome]) -> RecordEngagementPayload:
    results = [
        RecordResult(
            key=outcome.event,
            outcome=outcome.outcome,
            error=_error(outcome.error, at),
        )
        for at, outcome in enumerate(outcomes)
    ]
    counts = {kind: sum(r.outcome is kind for r in results) for kind in RecordOutcome}
    return RecordEngagementPayload(
        results=results,
        recorded=counts[RecordOutcome.RECORDED],
        duplicates=counts[RecordOutcome.DUPLICATE],
        unmatched=counts[RecordOutcome.UNMATCHED],
        rejected=counts[RecordOutcome.REJECTED],
        user_errors=[result.error for result in results if result.error],
    )


def _error(error: DomainError | None, at: int) -> UserError | None:
    return None if error is None else user_error(error, prefix=("events", str(at)))
