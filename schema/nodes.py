"""Anything by its id."""

from collections.abc import Awaitable, Callable
from typing import Any

from domain.errors import DomainError
from resolvers import (
    campaigns,
    capture,
    csms,
    customers,
    digests,
    events,
    keys,
    recipients,
    recommendations,
    stakeholders,
    webhook_endpoints,
    workflows,
)
from resolvers.context import Context
from schema import ids
from schema.campaigns import Campaign
from schema.capture import Payload
from schema.csms import Csm
from schema.customers import Customer
from schema.digests import Digest
from schema.events import Event
from schema.keys import ApiKey
from schema.recipients import Recipient
from schema.recommendations import Recommendation
from schema.stakeholders import Stakeholder
from schema.webhook_endpoints import WebhookDelivery, WebhookEndpoint
from schema.workflows import Workflow, WorkflowRun

Find = Callable[[Context, str], Awaitable[Any]]


def _numbered(find: Callable[[Context, int], Awaitable[Any]], of: Callable[[Any], Any]) -> Find:
    async def found(context: Context, key: str) -> Any:
        number = ids.as_number(key)
        row = None if number is None else await find(context, number)
        return None if row is None else of(row)

    return found


async def _event(context: Context, key: str) -> Event | None:
    found = ids.event_key(key)
    row = None if found is None else await events.event(context, found)
    return None if row is None else Event.of(row)


async def _payload(context: Context, key: str) -> Payload | None:
    found = ids.payload_key(key)
    row = None if found is None else await capture.payload(context, *found)
    return None if row is None else Payload.of(row)


NODES: dict[str, Find] = {
    "ApiKey": _numbered(keys.key, ApiKey.of),
    "Campaign": _numbered(campaigns.campaign, Campaign.of),
    "Csm": _numbered(csms.csm, Csm.of),
    "Customer": _numbered(customers.customer, Customer.of),
    "Digest": _numbered(digests.digest, Digest.of),
    "Event": _event,
    "Payload": _payload,
    "Recipient": _numbered(recipients.recipient, Recipient.of),
    "Recommendation": _numbered(recommendations.recommendation, Recommendation.of),
    "Stakeholder": _numbered(stakeholders.stakeholder, Stakeholder.of),
    "WebhookDelivery": _numbered(webhook_endpoints.delivery, WebhookDelivery.of),
    "WebhookEndpoint": _numbered(webhook_endpoints.endpoint, WebhookEndpoint.of),
    "Workflow": _numbered(workflows.workflow, Workflow.of),
    "WorkflowRun": _numbered(workflows.run, WorkflowRun.of),
}
"""What an id's type is found by; all are scoped."""


async def find(context: Context, node_id: str, type_name: str | None = None) -> Any:
    """What has this id, of the named type where one is named; None where there is no such thing
    that the viewer sees."""
    try:
        name, key = ids.decode(node_id)
    except DomainError:
        return None
    is_asked_for = name in NODES and type_name in (None, name)
    return await NODES[name](context, key) if is_asked_for else None
