"""Types that refer to each other: use these in annotations, and a noun's module to make one."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.campaigns import Campaign as Campaign
    from schema.customers import Customer as Customer
    from schema.engagement import BestTime as BestTime
    from schema.engagement import CustomerEngagement as CustomerEngagement
    from schema.engagement import Interest as Interest
    from schema.engagement import Likelihood as Likelihood
    from schema.events import Event as Event
    from schema.recipients import LinkClicks as LinkClicks
    from schema.recipients import Recipient as Recipient
    from schema.recommendations import Recommendation as Recommendation
    from schema.scores import Score as Score
    from schema.stakeholders import Stakeholder as Stakeholder
    from schema.suppressions import Suppression as Suppression
    from schema.workflows import Workflow as Workflow
else:
    Campaign = Annotated["Campaign", strawberry.lazy("schema.campaigns")]
    Customer = Annotated["Customer", strawberry.lazy("schema.customers")]
    BestTime = Annotated["BestTime", strawberry.lazy("schema.engagement")]
    CustomerEngagement = Annotated["CustomerEngagement", strawberry.lazy("schema.engagement")]
    Interest = Annotated["Interest", strawberry.lazy("schema.engagement")]
    Likelihood = Annotated["Likelihood", strawberry.lazy("schema.engagement")]
    LinkClicks = Annotated["LinkClicks", strawberry.lazy("schema.recipients")]
    Score = Annotated["Score", strawberry.lazy("schema.scores")]
    Event = Annotated["Event", strawberry.lazy("schema.events")]
    Recipient = Annotated["Recipient", strawberry.lazy("schema.recipients")]
    Recommendation = Annotated["Recommendation", strawberry.lazy("schema.recommendations")]
    Stakeholder = Annotated["Stakeholder", strawberry.lazy("schema.stakeholders")]
    Suppression = Annotated["Suppression", strawberry.lazy("schema.suppressions")]
    Workflow = Annotated["Workflow", strawberry.lazy("schema.workflows")]
