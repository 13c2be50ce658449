"""What something refers to, as far as there is such a thing and the viewer sees it; null else."""

from resolvers import campaigns, csms, customers, events, recipients, stakeholders
from schema import campaigns as campaign_types
from schema import csms as csm_types
from schema import customers as customer_types
from schema import events as event_types
from schema import recipients as recipient_types
from schema import stakeholders as stakeholder_types
from schema.scalars import Info
from store.events import EventKey


async def campaign(info: Info, campaign_id: int | None) -> "campaign_types.Campaign | None":
    """A campaign by its id."""
    row = None if campaign_id is None else await campaigns.campaign(info.context, campaign_id)
    return None if row is None else campaign_types.Campaign.of(row)


async def csm(info: Info, csm_id: int | None) -> "csm_types.Csm | None":
    """A CSM by their id."""
    row = None if csm_id is None else await csms.csm(info.context, csm_id)
    return None if row is None else csm_types.Csm.of(row)


async def customer(info: Info, customer_id: int | None) -> "customer_types.Customer | None":
    """A customer by its id."""
    row = None if customer_id is None else await customers.customer(info.context, customer_id)
    return None if row is None else customer_types.Customer.of(row)


async def event(info: Info, key: EventKey | None) -> "event_types.Event | None":
    """An event by its day and key."""
    row = None if key is None else await events.event(info.context, key)
    return None if row is None else event_types.Event.of(row)


async def recipient(info: Info, recipient_id: int | None) -> "recipient_types.Recipient | None":
    """A recipient by its id."""
    row = None if recipient_id is None else await recipients.recipient(info.context, recipient_id)
    return None if row is None else recipient_types.Recipient.of(row)


async def stakeholder(
    info: Info, stakeholder_id: int | None
) -> "stakeholder_types.Stakeholder | None":
    """A stakeholder by their id."""
    if stakeholder_id is None:
        return None
    row = await stakeholders.stakeholder(info.context, stakeholder_id)
    return None if row is None else stakeholder_types.Stakeholder.of(row)
