"""Our own webhooks: whom they call, and what was sent."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

import strawberry

from domain.errors import DomainError
from resolvers import cursors
from resolvers import webhook_endpoints as resolve
from schema import ids
from schema.connections import Connection, Node, connection
from schema.enums import describe
from schema.errors import UserError, expected
from schema.scalars import After, First, Info, Input
from store.webhook_deliveries import NEWEST, DeliveryRow
from store.webhook_endpoints import EndpointRow


class WebhookStatus(StrEnum):
    """What has become of a delivery."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


describe(
    WebhookStatus,
    "What has become of a delivery.",
    {
        WebhookStatus.PENDING: "It is sent, or sent again, at `dueAt`.",
        WebhookStatus.DELIVERED: "The receiver answered 2xx.",
        WebhookStatus.FAILED: "It was tried for three days in vain, or the receiver answered 410.",
        WebhookStatus.CANCELLED: "It was taken back before it had arrived, or its endpoint was "
        "switched off.",
    },
)


@strawberry.type(
    description="A message to an endpoint, with its last attempt; kept for 30 days after its end."
)
class WebhookDelivery(Node):
    message_id: str = strawberry.field(
        description="The header `webhook-id`: the same with every attempt, so that the receiver "
        "can tell what it has had."
    )
    type: str = strawberry.field(
        description="`workflow.fired`, `workflow.withdrawn` or `ping`: what the message tells."
    )
    body: str = strawberry.field(description="The JSON that is sent.")
    status: WebhookStatus = strawberry.field(description="What has become of it.")
    attempts: int = strawberry.field(description="How often it was tried, since it was resent.")
    due_at: datetime = strawberry.field(description="When it is tried next, or was tried last.")
    response_status: int | None = strawberry.field(
        description="The HTTP status of the last answer; null when there was none."
    )
    response: str | None = strawberry.field(
        description="The first 1,024 bytes of the last answer; null before the first."
    )
    error: str | None = strawberry.field(
        description="What was wrong with the last attempt; null where nothing was."
    )
    created_at: datetime = strawberry.field(description="When it was written.")
    attempted_at: datetime | None = strawberry.field(
        description="When it was last tried; null before that."
    )
    ended_at: datetime | None = strawberry.field(
        description="When it arrived, or was given up; null while it is PENDING."
    )

    @classmethod
    def of(cls, row: DeliveryRow) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(ids.encode("WebhookDelivery", row.id)),
            message_id=row.message_id,
            type=row.type,
            body=row.body,
            status=WebhookStatus(row.status),
            attempts=row.attempts,
            due_at=row.due_at,
            response_status=row.response_status,
            response=row.response,
            error=row.error,
            created_at=row.created_at,
            attempted_at=row.attempted_at,
            ended_at=row.ended_at,
        )


@strawberry.type(description="A receiver of our own webhooks.")
class WebhookEndpoint(Node):
    row: strawberry.Private[EndpointRow]
    name: str = strawberry.field(description="What it is called.")
    url: str = strawberry.field(description="Where messages are posted to.")
    enabled: bool = strawberry.field(description="Whether anything is sent.")
    disabled_because: str | None = strawberry.field(
        description="Why the service itself switched it off; null when it did not."
    )
    version: int = strawberry.field(description="Counts its changes, for `updateWebhookEndpoint`.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")

    @classmethod
    def of(cls, row: EndpointRow) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(ids.encode("WebhookEndpoint", row.id)),
            row=row,
            name=row.name,
            url=row.url,
            enabled=row.is_enabled,
            disabled_because=row.disabled_because,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @strawberry.field(description="What was sent to it, newest first; of the last 30 days.")
    async def deliveries(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[WebhookDelivery]:
        page = cursors.page(NEWEST, first, after)
        return connection(
            await resolve.deliveries(info.context, self.row.id, page),
            order=NEWEST,
            after=after,
            node=WebhookDelivery.of,
            count=lambda: resolve.count_deliveries(info.context, self.row.id),
        )


@strawberry.input(description="A receiver of our own webhooks.")
class WebhookEndpointInput:
    name: str = strawberry.field(description="What it is called, at most 200 characters.")
    url: str = strawberry.field(
        description="Where to post to: https, in the open internet, unless the setting "
        "WEBHOOK_ALLOWED_HOSTS names its host."
    )
    enabled: bool = strawberry.field(default=True, description="Whether anything is sent.")
    version: int | None = strawberry.field(
        default=None,
        description="For updates: the version that was looked at, so that nobody's change is lost; "
        "null changes whatever is there.",
    )


@strawberry.type(description="An endpoint after a change.")
class WebhookEndpointPayload:
    webhook_endpoint: WebhookEndpoint | None = strawberry.field(
        description="The endpoint; null when nothing was done."
    )
    secret: str | None = strawberry.field(
        description="Its new secret (`whsec_…`), shown this once; null where none was made."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the input; empty when it was done."
    )


@strawberry.type(description="A delivery that was begun.")
class WebhookDeliveryPayload:
    webhook_delivery: WebhookDelivery | None = strawberry.field(
        description="The delivery, which is sent within seconds; null when nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the input; empty when it was done."
    )


EndpointId = Annotated[strawberry.ID, strawberry.argument(description="The endpoint.")]
DeliveryId = Annotated[strawberry.ID, strawberry.argument(description="The delivery.")]


@strawberry.type
class WebhookMutation:
    @strawberry.mutation(
        description="Make a receiver of our own webhooks, with a secret of its own. For admins."
    )
    async def create_webhook_endpoint(
        self, info: Info, input: Input[WebhookEndpointInput]
    ) -> WebhookEndpointPayload:
        try:
            row, secret = await resolve.create(info.context, input.name, input.url)
        except DomainError as error:
            return _refused(error)
        return _done(row, secret)

    @strawberry.mutation(
        description="Change a receiver; switching it on takes back that the service switched it "
        "off. For admins."
    )
    async def update_webhook_endpoint(
        self, info: Info, id: EndpointId, input: Input[WebhookEndpointInput]
    ) -> WebhookEndpointPayload:
        try:
            row = await resolve.update(
                info.context,
                ids.number(id, "WebhookEndpoint", "id"),
                name=input.name,
                url=input.url,
                is_enabled=input.enabled,
                version=input.version,
            )
        except DomainError as error:
            return _refused(error)
        return _done(row, None)

    @strawberry.mutation(
        description="Give a receiver a new secret. For 24 hours messages are signed with both, so "
        "that the receiver can change over. For admins."
    )
    async def rotate_webhook_secret(self, info: Info, id: EndpointId) -> WebhookEndpointPayload:
        try:
            row, secret = await resolve.rotate(
                info.context, ids.number(id, "WebhookEndpoint", "id")
            )
        except DomainError as error:
            return _refused(error)
        return _done(row, secret)

    @strawberry.mutation(
        description="Delete a receiver that no workflow calls, and its log. For admins."
    )
    async def delete_webhook_endpoint(self, info: Info, id: EndpointId) -> WebhookEndpointPayload:
        try:
            row = await resolve.delete(info.context, ids.number(id, "WebhookEndpoint", "id"))
        except DomainError as error:
            return _refused(error)
        return _done(row, None)

    @strawberry.mutation(
        description="Send a receiver a message that means nothing, of type `ping`. For admins."
    )
    async def ping_webhook_endpoint(self, info: Info, id: EndpointId) -> WebhookDeliveryPayload:
        try:
            row = await resolve.ping(info.context, ids.number(id, "WebhookEndpoint", "id"))
        except DomainError as error:
            return WebhookDeliveryPayload(webhook_delivery=None, user_errors=[expected(error)])
        return WebhookDeliveryPayload(webhook_delivery=WebhookDelivery.of(row), user_errors=[])

    @strawberry.mutation(
        description="Send a message that has ended once more, under the same `webhook-id`. For "
        "admins."
    )
    async def resend_delivery(self, info: Info, id: DeliveryId) -> WebhookDeliveryPayload:
        try:
            row = await resolve.resend(info.context, ids.number(id, "WebhookDelivery", "id"))
        except DomainError as error:
            return WebhookDeliveryPayload(webhook_delivery=None, user_errors=[expected(error)])
        return WebhookDeliveryPayload(webhook_delivery=WebhookDelivery.of(row), user_errors=[])


def _done(row: EndpointRow, secret: str | None) -> WebhookEndpointPayload:
    return WebhookEndpointPayload(
        webhook_endpoint=WebhookEndpoint.of(row), secret=secret, user_errors=[]
    )


def _refused(error: DomainError) -> WebhookEndpointPayload:
    return WebhookEndpointPayload(webhook_endpoint=None, secret=None, user_errors=[expected(error)])
