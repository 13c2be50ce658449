"""Types that refer to each other: use these in annotations, and a noun's module to make one."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.campaigns import Campaign as Campaign
    from schema.customers import Customer as Customer
    from schema.events import Event as Event
    from schema.recipients import Recipient as Recipient
    from schema.stakeholders import Stakeholder as Stakeholder
else:
    Campaign = Annotated["Campaign", strawberry.lazy("schema.campaigns")]
    Customer = Annotated["Customer", strawberry.lazy("schema.customers")]
    Event = Annotated["Event", strawberry.lazy("schema.events")]
    Recipient = Annotated["Recipient", strawberry.lazy("schema.recipients")]
    Stakeholder = Annotated["Stakeholder", strawberry.lazy("schema.stakeholders")]
