"""Endpoints of our own webhooks and what was sent to them: managers look, admins change."""

import asyncio
from collections.abc import Sequence

from domain.conditions import text
from domain.errors import DomainError
from domain.outgoing_webhooks import secret_of, target
from domain.viewer import Role
from domain.workflows import MAX_NAME
from resolvers.context import Context
from store import webhook_deliveries, webhook_endpoints
from store.paging import Page, Slice
from store.webhook_deliveries import DeliveryRow
from store.webhook_endpoints import EndpointRow


def require_reader(context: Context) -> None:
    """Refuse who may not see endpoints. Raises DomainError FORBIDDEN."""
    context.require(Role.MANAGER, Role.ADMIN)


def require_keeper(context: Context) -> None:
    """Refuse who may not change endpoints. Raises DomainError FORBIDDEN."""
    context.require(Role.ADMIN)


async def listed(context: Context) -> list[EndpointRow]:
    """All endpoints, the oldest first."""
    require_reader(context)
    async with context.read() as connection:
        return await webhook_endpoints.list_endpoints(connection)


async def endpoints(context: Context, endpoint_ids: Sequence[int]) -> list[EndpointRow]:
    """Those of these endpoints that there are and the viewer may see, in their order."""
    found = await asyncio.gather(*(endpoint(context, id_) for id_ in endpoint_ids))
    return [row for row in found if row is not None]


async def endpoint(context: Context, endpoint_id: int) -> EndpointRow | None:
    """An endpoint; None when there is none or the viewer may not see it."""
    return await context.loaders.of(webhook_endpoints.endpoints_by_id, endpoint_id, None)


async def delivery(context: Context, delivery_id: int) -> DeliveryRow | None:
    """A delivery; None when there is none or the viewer may not see it."""
    if not context.viewer.may_read_all:
        return None
    async with context.read() as connection:
        return await webhook_deliveries.delivery_by_id(connection, delivery_id)


async def deliveries(context: Context, endpoint_id: int, page: Page) -> Slice[DeliveryRow]:
    """A page of what was sent to an endpoint, newest first."""
    question, nothing = webhook_deliveries.deliveries_of_endpoints, Slice[DeliveryRow]()
    return await context.loaders.of(question, endpoint_id, nothing, page=page)


async def count_deliveries(context: Context, endpoint_id: int) -> int:
    """How many deliveries of an endpoint are kept."""
    return await context.loaders.of(webhook_deliveries.counts_of_endpoints, endpoint_id, 0)


async def create(context: Context, name: str, url: str) -> tuple[EndpointRow, str]:
    """Make an endpoint; returns it and its secret. Raises DomainError."""
    require_keeper(context)
    name = _checked(context, name, url)
    async with context.write() as connection:
        row = await webhook_endpoints.insert_endpoint(
            connection, name=name, url=url, by=context.viewer.name, now=context.services.now()
        )
    return row, _secret(context, row)


async def update(
    context: Context,
    endpoint_id: int,
    *,
    name: str,
    url: str,
    is_enabled: bool,
    version: int | None,
) -> EndpointRow:
    """Change an endpoint. Raises DomainError."""
    require_keeper(context)
    name = _checked(context, name, url)
    async with context.write() as connection:
        row = await webhook_endpoints.update_endpoint(
            connection,
            endpoint_id,
            name=name,
            url=url,
            is_enabled=is_enabled,
            version=version,
            by=context.viewer.name,
            now=context.services.now(),
        )
    return row


async def rotate(context: Context, endpoint_id: int) -> tuple[EndpointRow, str]:
    """Give an endpoint a new secret; returns both. Raises DomainError."""
    require_keeper(context)
    async with context.write() as connection:
        row = await webhook_endpoints.rotate_secret(
            connection, endpoint_id, by=context.viewer.name, now=context.services.now()
        )
    return row, _secret(context, row)


async def delete(context: Context, endpoint_id: int) -> EndpointRow:
    """Delete an endpoint with its log. Raises DomainError."""
    require_keeper(context)
    async with context.write() as connection:
        row = await webhook_endpoints.delete_endpoint(
            connection, endpoint_id, by=context.viewer.name, now=context.services.now()
        )
    return row


async def ping(context: Context, endpoint_id: int) -> DeliveryRow:
    """Send an endpoint a message that means nothing. Raises DomainError."""
    require_keeper(context)
    async with context.write() as connection:
        row = await webhook_deliveries.ping(connection, endpoint_id, context.services.now())
    return row


async def resend(context: Context, delivery_id: int) -> DeliveryRow:
    """Send a delivery once more. Raises DomainError."""
    require_keeper(context)
    async with context.write() as connection:
        row = await webhook_deliveries.resend(
            connection, delivery_id, by=context.viewer.name, now=context.services.now()
        )
    return row


def _checked(context: Context, name: str, url: str) -> str:
    target(url, context.services.policy.webhook_allowed_hosts)
    name = text(name, ("name",))
    if len(name) > MAX_NAME:
        raise DomainError("INVALID_NAME", f"a name has at most {MAX_NAME} characters", ("name",))
    return name


def _secret(context: Context, row: EndpointRow) -> str:
    return secret_of(context.services.policy.hash_key, row.nonces[0].value)
