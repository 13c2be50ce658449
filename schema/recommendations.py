"""Recommendations: whom to contact, when, about what and why."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from resolvers import cursors, customers, workflows
from resolvers import recommendations as resolve
from schema import campaigns as campaign_types
from schema import customers as customer_types
from schema import engagement as engagement_types
from schema import events as event_types
from schema import ids, seen
from schema import stakeholders as stakeholder_types
from schema import workflows as workflow_types
from schema.connections import PAGE_FIELDS, Connection, Node, connection
from schema.enums import FollowUpOutcome, RecommendationKind, RecommendationStatus
from schema.feed import From
from schema.filters import RecommendationFilter
from schema.references import BestTime, Campaign, Customer, Event, Stakeholder, Workflow
from schema.scalars import Info
from schema.selections import Selected, is_alone, page_rows, selected, told
from schema.topics import Topic, topics
from schema.views import View, read
from store import recommendations as stored
from store.joined import NOT_READ, Wanted, beside
from store.recommendations import MORNING, RecommendationRow


@strawberry.type(description="A part of a recommendation's priority.")
class PriorityPart:
    name: str = strawberry.field(description="What for, e.g. “renewal is near”.")
    points: int = strawberry.field(description="How much it adds; the parts sum to the priority.")


@strawberry.type(description="What a CSM should do next, and why.")
class Recommendation(
    View,
    Node,
    id=read("id", made=lambda key: ids.encode("Recommendation", key)),
    needs={
        "customer": ("customer_id",),
        "stakeholder": ("stakeholder_id",),
        "campaign": ("campaign_id",),
        "workflow": ("workflow_id",),
        "evidence": ("evidence",),
        "best_time": ("customer_id", "stakeholder_id"),
    },
    beside={
        "customer": lambda: customer_types.Customer,
        "stakeholder": lambda: stakeholder_types.Stakeholder,
        "campaign": lambda: campaign_types.Campaign,
    },
):
    row: strawberry.Private[RecommendationRow]
    kind: RecommendationKind = strawberry.field(
        description="What is recommended.", metadata=read("kind", made=RecommendationKind)
    )
    status: RecommendationStatus = strawberry.field(
        description="What has become of it.", metadata=read("status", made=RecommendationStatus)
    )
    address: str | None = strawberry.field(
        description="The address of somebody nobody knows yet; null where a stakeholder, or the "
        "customer as a whole, is meant."
    )
    reason: str = strawberry.field(description="Why, in one sentence.")
    priority: float = strawberry.field(
        description="How urgent it is, 0 to 100.", metadata=read("priority", made=float)
    )
    priority_parts: list[PriorityPart] = strawberry.field(
        description="What the priority is made of.",
        metadata=read(
            "parts", made=lambda parts: [PriorityPart(name=n, points=p) for n, p in parts]
        ),
    )
    topics: list[Topic] = strawberry.field(
        description="What to talk about; empty if unknown.", metadata=read("topics", made=topics)
    )
    talking_points: list[str] = strawberry.field(
        description="Facts that can be said aloud: what they did, how often, and who else did."
    )
    is_risk: bool = strawberry.field(description="Whether it tells of a risk to the relationship.")
    due_at: datetime | None = strawberry.field(
        description="By when it should be done; null when there is no such day."
    )
    expires_at: datetime | None = strawberry.field(
        description="When it ends if nothing happens until then."
    )
    snoozed_until: datetime | None = strawberry.field(
        description="When it comes back; null unless SNOOZED."
    )
    started_at: datetime | None = strawberry.field(
        description="When somebody began to follow it up; null when nobody has."
    )
    closed_at: datetime | None = strawberry.field(
        description="When it was completed, dismissed, withdrawn or expired; null before that."
    )
    outcome: FollowUpOutcome | None = strawberry.field(
        description="What came of the follow-up; null unless COMPLETED.",
        metadata=read("outcome", made=FollowUpOutcome),
    )
    closed_because: str | None = strawberry.field(
        description="Why it was dismissed, withdrawn or expired; null otherwise.",
        metadata=read("because"),
    )
    created_at: datetime = strawberry.field(description="When it appeared.")
    changed_at: datetime = strawberry.field(description="When it last changed.")

    @classmethod
    def wanted(cls, fields: Selected) -> Wanted:
        """What to read for what is selected; the best time's zone is the person's or customer's."""
        if "bestTime" in fields:
            zone: Selected = {"timezone": {}}
            added = {name: {**fields.get(name, {}), **zone} for name in ("customer", "stakeholder")}
            fields = {**fields, **added}
        return super().wanted(fields)

    @strawberry.field(description="At which customer.")
    def customer(self, info: Info) -> Customer:
        if (row := beside(self.row, "customer")) is not NOT_READ:
            return customer_types.Customer.of(row)
        return self._customer(info)  # type: ignore[return-value]  # awaited by the executor

    async def _customer(self, info: Info) -> Customer:
        row = await customers.customer(info.context, self.row.customer_id)
        if row is None:  # moved to another portfolio while a subscription reads the present
            raise LookupError(self.row)
        return customer_types.Customer.of(row)

    @strawberry.field(
        description="Whom to contact; null for somebody nobody knows yet and for the customer as a "
        "whole."
    )
    def stakeholder(self, info: Info) -> Stakeholder | None:
        if (row := beside(self.row, "stakeholder")) is not NOT_READ:
            return None if row is None else stakeholder_types.Stakeholder.of(row)
        return seen.stakeholder(info, self.row.stakeholder_id)  # type: ignore[return-value]  # awaited by the executor

    @strawberry.field(
        description="The campaign it is about, the latest where it is about several; null when it "
        "is about none."
    )
    def campaign(self, info: Info) -> Campaign | None:
        if (row := beside(self.row, "campaign")) is not NOT_READ:
            return None if row is None else campaign_types.Campaign.of(row)
        return seen.campaign(info, self.row.campaign_id)  # type: ignore[return-value]  # awaited by the executor

    @strawberry.field(
        description="The workflow that made it; null for other kinds than CUSTOM, and for who may "
        "not see workflows."
    )
    async def workflow(self, info: Info) -> Workflow | None:
        if self.row.workflow_id is None:
            return None
        row = await workflows.workflow(info.context, self.row.workflow_id)
        return None if row is None else workflow_types.Workflow.of(row)

    @strawberry.field(
        description="The events it rests on, newest first; none where retention has dropped them, "
        "or where they turned out to be a machine's."
    )
    async def evidence(self, info: Info) -> list[Event]:
        rows = await resolve.evidence(info.context, self.row)
        return [event_types.Event.of(row) for row in rows]

    @strawberry.field(description="When to do it: the person's own hours, else the customer's.")
    async def best_time(self, info: Info) -> BestTime:
        found = await resolve.best_time(info.context, self.row)
        if found is None:
            raise LookupError(self.row)
        return engagement_types.BestTime.of(found)


def _is_answered(page: Selected) -> bool:
    """Whether a page's statement answers all that is selected of it."""
    return (PAGE_FIELDS | {"totalCount"}).issuperset(page) and (
        Recommendation.is_answered_beside(page_rows(page))
    )


async def of_viewer(
    info: Info,
    filter: RecommendationFilter | None,
    first: int | None,
    after: str | None,
) -> Connection[Recommendation]:
    """A page of what the viewer is to do. Raises DomainError."""
    context, tree = info.context, selected(info)
    chosen = filter.chosen() if filter else stored.RecommendationFilter()
    found = await resolve.recommendations_of_viewer(
        context,
        chosen,
        cursors.page(MORNING, first, after),
        wanted=told(tree, Recommendation.wanted_of_page),
        is_counted="totalCount" in tree,
        is_all=is_alone(info) and told(tree, _is_answered),
    )
    return connection(
        found.page,
        order=MORNING,
        after=after,
        node=Recommendation.of,
        count=lambda: (
            resolve.count_recommendations(context, chosen) if found.total is None else found.total
        ),
    )


async def of_customer(
    info: Info,
    customer_id: int,
    filter: RecommendationFilter | None,
    first: int | None,
    after: str | None,
) -> Connection[Recommendation]:
    """A page of a customer's recommendations. Raises DomainError."""
    context = info.context
    chosen = filter.chosen() if filter else stored.RecommendationFilter()
    page = cursors.page(MORNING, first, after)
    wanted = told(selected(info), Recommendation.wanted_of_page)
    return connection(
        await resolve.recommendations_of_customer(
            context, customer_id, chosen, page, wanted=wanted
        ),
        order=MORNING,
        after=after,
        node=Recommendation.of,
        count=lambda: resolve.count_of_customer(context, customer_id, chosen),
    )


def listed(rows: Sequence[RecommendationRow]) -> list[Recommendation]:
    """Rows as the contract gives them."""
    return [Recommendation.of(row) for row in rows]


@strawberry.type(description="A recommendation has appeared or changed.")
class RecommendationUpdate:
    cursor: str = strawberry.field(description="Resume with `after` set to it.")
    recommendation: Recommendation = strawberry.field(description="The recommendation as it is.")


@strawberry.type
class RecommendationSubscription:
    @strawberry.subscription(
        description="Recommendations of a CSM's customers, or of all that the viewer sees, as they "
        "appear and change. Several changes in a moment may be told as one state."
    )
    async def recommendation_changed(
        self,
        info: Info,
        csm_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Whose customers; null means all that the viewer sees, for a CSM their "
                "own."
            ),
        ] = None,
        after: From = None,
    ) -> AsyncGenerator[RecommendationUpdate, None]:
        csm = None if csm_id is None else ids.number(csm_id, "Csm")
        async for update, row in resolve.updates(info.context, csm, after):
            yield RecommendationUpdate(cursor=update.cursor, recommendation=Recommendation.of(row))
