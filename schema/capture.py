"""Whether capture works, and the payloads that failed."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import strawberry

from domain.errors import DomainError
from resolvers import capture as resolve
from resolvers import cursors
from resolvers import gateways as resolve_gateways
from schema import events as event_types
from schema import ids
from schema.connections import Connection, Node, connection
from schema.enums import describe
from schema.errors import UserError, user_error
from schema.gateways import Gateway, Judging, judging
from schema.pulls import Pull, all_pulls
from schema.references import Event
from schema.scalars import After, First, Info, Input
from schema.sources import ProviderSeen, providers_seen
from store import capture, events
from store.capture import CoverageRow, PayloadRow
from store.gateways import BY_DOMAIN


class PayloadStatus(StrEnum):
    """How far a payload got."""

    PENDING = "PENDING"
    DONE = "DONE"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"


describe(
    PayloadStatus,
    "How far a payload got.",
    {
        PayloadStatus.PENDING: "It waits to be worked off, or is being.",
        PayloadStatus.DONE: "Its events are recorded.",
        PayloadStatus.PARTIAL: "Some of its events are recorded, others could not be read or "
        "stored: its error tells which. It can be replayed; what is recorded stays recorded once.",
        PayloadStatus.FAILED: "It was set aside with its error and can be replayed.",
    },
)


@strawberry.type(description="Raw bytes as a provider sent them; kept, whatever becomes of them.")
class Payload(Node):
    provider: str = strawberry.field(description="Who sent it.")
    received_at: datetime = strawberry.field(description="When it was accepted.")
    status: PayloadStatus = strawberry.field(description="How far it got.")
    attempts: int = strawberry.field(description="How often it was tried.")
    error: str | None = strawberry.field(
        description="Why it failed, or what was wrong with some of its events; null when nothing."
    )
    size_bytes: int = strawberry.field(description="How large its body is, in bytes.")

    @classmethod
    def of(cls, row: PayloadRow) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(ids.encode_payload(row.received_on, row.id)),
            provider=row.provider,
            received_at=row.received_at,
            status=PayloadStatus(row.status),
            attempts=row.attempts,
            error=row.error,
            size_bytes=row.size,
        )


@strawberry.type(description="Recipients that could not be matched, by reason.")
class UnmatchedCounts:
    freemail: int = strawberry.field(description="Anybody can have an address at the domain.")
    unknown_domain: int = strawberry.field(description="No customer is known to use the domain.")
    ambiguous: int = strawberry.field(description="Several customers use the domain.")


@strawberry.type(description="How far recipients of all campaigns could be matched to customers.")
class Coverage:
    recipients: int = strawberry.field(description="All recipients.")
    internal: int = strawberry.field(description="The company's own addresses among them.")
    matched: int = strawberry.field(
        description="Those that are some customer's, unconfirmed ones among them."
    )
    unconfirmed: int = strawberry.field(
        description="Those matched by their domain alone, until a person confirms or rejects it."
    )
    by_reason: UnmatchedCounts = strawberry.field(description="The others, by reason.")
    rate: float | None = strawberry.field(
        description="matched / (recipients − internal), 0 to 1; null without such recipients."
    )


@strawberry.type(description="Received mails that answer to no message we know.")
class UnplacedAnswers:
    waiting: int = strawberry.field(
        description="How many may still find their message: they are looked at for 30 days."
    )
    given_up: int = strawberry.field(description="How many did not, since the beginning.")


@strawberry.type(description="Whether capture works. For managers and admins.")
class Capture:
    @strawberry.field(
        description="How many seconds the oldest waiting payload has waited; 0 when none waits."
    )
    async def lag_seconds(self, info: Info) -> float:
        return await resolve.lag_seconds(info.context)

    @strawberry.field(description="How many payloads wait to be worked off.")
    async def pending_payloads(self, info: Info) -> int:
        return await resolve.count_pending(info.context)

    @strawberry.field(
        description="Payloads that were set aside with their error, in whole or in part (PARTIAL), "
        "newest first."
    )
    async def failed_payloads(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Payload]:
        page = cursors.page(capture.NEWEST, first, after)
        return connection(
            await resolve.failed(info.context, page),
            order=capture.NEWEST,
            after=after,
            node=Payload.of,
            count=lambda: resolve.count_failed(info.context),
        )

    @strawberry.field(description="How far recipients could be matched to customers.")
    async def coverage(self, info: Info) -> Coverage:
        return _coverage(await resolve.coverage(info.context))

    @strawberry.field(
        description="Events that name no campaign and no known message, newest first: they wait "
        "until another event tells."
    )
    async def orphans(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Event]:
        page = cursors.page(events.NEWEST, first, after)
        return connection(
            await resolve.orphans(info.context, page),
            order=events.NEWEST,
            after=after,
            node=event_types.Event.of,
            count=lambda: resolve.count_orphans(info.context),
        )

    @strawberry.field(description="Received mails whose message is not known.")
    async def unplaced_answers(self, info: Info) -> UnplacedAnswers:
        waiting, given_up = await resolve.unplaced_answers(info.context)
        return UnplacedAnswers(waiting=waiting, given_up=given_up)

    @strawberry.field(
        description="Domains whose mail gateway follows links, with what was learned of it, by "
        "domain."
    )
    async def gateways(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Gateway]:
        page = cursors.page(BY_DOMAIN, first, after)
        return connection(
            await resolve_gateways.list_gateways(info.context, page),
            order=BY_DOMAIN,
            after=after,
            node=Gateway.of,
            count=lambda: resolve_gateways.count_gateways(info.context),
        )

    @strawberry.field(description="The rules by which it is judged who acted.")
    async def judging(self) -> Judging:
        return judging()

    @strawberry.field(description="Providers that were ever heard of, by name.")
    async def providers(self, info: Info) -> list[ProviderSeen]:
        return list(await providers_seen(info))

    @strawberry.field(
        description="Sources that are asked for what is new, by name; those that were taken out of "
        "the settings stay as they were."
    )
    async def pulls(self, info: Info) -> list[Pull]:
        return list(await all_pulls(info))


def _coverage(row: CoverageRow) -> Coverage:
    external = row.recipients - row.internal
    return Coverage(
        recipients=row.recipients,
        internal=row.internal,
        matched=row.matched,
        unconfirmed=row.unconfirmed,
        by_reason=UnmatchedCounts(
            freemail=row.freemail, unknown_domain=row.unknown_domain, ambiguous=row.ambiguous
        ),
        rate=row.matched / external if external else None,
    )


@strawberry.input(description="Which failed payloads to try again.")
class ReplayPayloadsInput:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="These, at most 1,000; null means all that failed, in whole or in part, the "
        "oldest 1,000 of them.",
    )


@strawberry.type(description="What became of a replay.")
class ReplayPayloadsPayload:
    replayed: int = strawberry.field(
        description="How many payloads wait again; those that had not failed are left alone."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What was wrong with the input; then nothing was replayed."
    )


@strawberry.type
class CaptureMutation:
    @strawberry.mutation(
        description="Try failed payloads again, e.g. after a provider's secret was put right. "
        "For admins."
    )
    async def replay_payloads(
        self, info: Info, input: Input[ReplayPayloadsInput]
    ) -> ReplayPayloadsPayload:
        resolve.require_replayer(info.context)
        try:
            chosen = _chosen(input.ids)
        except DomainError as error:
            return ReplayPayloadsPayload(replayed=0, user_errors=[user_error(error)])
        replayed = await resolve.replay(info.context, chosen)
        return ReplayPayloadsPayload(replayed=replayed, user_errors=[])


def _chosen(node_ids: list[strawberry.ID] | None) -> list[int] | None:
    if node_ids is None:
        return None
    if len(node_ids) > resolve.REPLAYED_AT_ONCE:
        message = f"{len(node_ids)} payloads: give at most {resolve.REPLAYED_AT_ONCE} at once"
        raise DomainError("TOO_MANY", message, ("ids",))
    return [_payload(node_id, str(at)) for at, node_id in enumerate(node_ids)]


def _payload(node_id: str, at: str) -> int:
    try:
        name, key = ids.decode(node_id)
        found = ids.payload_key(key) if name == "Payload" else None
    except DomainError as error:
        raise DomainError(error.code, error.message, ("ids", at)) from error
    if found is None:
        raise DomainError("INVALID_ID", f"“{node_id:.40}” is no payload's id", ("ids", at))
    return found[1]
