"""Workflows: custom triggers, what they did and what they would have done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.errors import DomainError
from domain.workflows import Actions
from resolvers import cursors, webhook_endpoints
from resolvers import workflows as resolve
from schema import events as event_types
from schema import ids, seen
from schema.conditions import ConditionType, shown
from schema.connections import Connection, Node, connection
from schema.errors import UserError, expected
from schema.references import Customer, Event, Stakeholder
from schema.scalars import After, First, Info, Input
from schema.webhook_endpoints import WebhookDelivery, WebhookEndpoint
from schema.workflow_inputs import DUE, POINTS, REASON, WorkflowInput, given
from schema.workflow_previews import WorkflowPreview
from store.workflow_log import NEWEST, RunRow
from store.workflows import WorkflowRow


@strawberry.type(description="A recommendation that a workflow makes.")
class WorkflowSuggestion:
    reason: str = strawberry.field(description=REASON)
    talking_points: list[str] = strawberry.field(description=POINTS)


@strawberry.type(description="What a workflow does.")
class WorkflowActions:
    endpoint_ids: strawberry.Private[Sequence[int]]
    recommend: WorkflowSuggestion | None = strawberry.field(
        description="The recommendation it makes; null when it makes none."
    )
    raise_risk: WorkflowSuggestion | None = strawberry.field(
        description="The risk it raises; null when it raises none."
    )
    due_days: int | None = strawberry.field(description=f"{DUE} Null: on no day.")

    @classmethod
    def of(cls, done: Actions) -> Self:
        """From the domain's."""
        said = done.suggestion
        made = None
        if said is not None:
            made = WorkflowSuggestion(reason=said.reason, talking_points=list(said.talking_points))
        return cls(
            endpoint_ids=done.endpoint_ids,
            recommend=None if said is None or said.is_risk else made,
            raise_risk=made if said is not None and said.is_risk else None,
            due_days=done.due_days,
        )

    @strawberry.field(description="The webhooks it calls.")
    async def call_webhooks(self, info: Info) -> list[WebhookEndpoint]:
        rows = await webhook_endpoints.endpoints(info.context, self.endpoint_ids)
        return [WebhookEndpoint.of(row) for row in rows]


@strawberry.type(
    description="A custom trigger: a condition on people, and what is done when it holds."
)
class Workflow(Node):
    row: strawberry.Private[WorkflowRow]
    name: str = strawberry.field(description="What it is called.")
    description: str = strawberry.field(description="What it is for; may be empty.")
    enabled: bool = strawberry.field(description="Whether it acts.")
    condition: ConditionType = strawberry.field(description="What must hold of a person.")
    actions: WorkflowActions = strawberry.field(description="What is done then.")
    window_days: int = strawberry.field(
        description="It fires once for a person within so many days."
    )
    version: int = strawberry.field(description="Counts its changes, for `updateWorkflow`.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    deleted_at: datetime | None = strawberry.field(
        description="When it was deleted; null while it is there."
    )

    @classmethod
    def of(cls, row: WorkflowRow) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(ids.encode("Workflow", row.id)),
            row=row,
            name=row.plan.name,
            description=row.plan.description,
            enabled=row.plan.is_enabled,
            condition=shown(row.plan.condition),
            actions=WorkflowActions.of(row.plan.actions),
            window_days=row.plan.window_days,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            deleted_at=row.deleted_at,
        )

    @strawberry.field(description="When it fired and for whom, newest first.")
    async def runs(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection["WorkflowRun"]:
        page = cursors.page(NEWEST, first, after)
        return connection(
            await resolve.runs(info.context, self.row.id, page),
            order=NEWEST,
            after=after,
            node=WorkflowRun.of,
            count=lambda: resolve.count_runs(info.context, self.row.id),
        )


@strawberry.type(description="A workflow fired for a person.")
class WorkflowRun(Node):
    row: strawberry.Private[RunRow]
    fired_at: datetime = strawberry.field(description="When.")
    version: int = strawberry.field(description="Which version of the workflow.")
    reasons: list[str] = strawberry.field(
        description="What matched, in words, e.g. “2 × CLICKED within 30 days”."
    )
    withdrawn_at: datetime | None = strawberry.field(
        description="When it was taken back, because what it rested on turned out otherwise; null "
        "while it stands."
    )

    @classmethod
    def of(cls, row: RunRow) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(ids.encode("WorkflowRun", row.id)),
            row=row,
            fired_at=row.fired_at,
            version=row.version,
            reasons=list(row.reasons),
            withdrawn_at=row.withdrawn_at,
        )

    @strawberry.field(description="The workflow.")
    async def workflow(self, info: Info) -> Workflow | None:
        row = await resolve.workflow(info.context, self.row.workflow_id)
        return None if row is None else Workflow.of(row)

    @strawberry.field(description="At which customer; null when they are no longer seen.")
    async def customer(self, info: Info) -> Customer | None:
        return await seen.customer(info, self.row.customer_id)

    @strawberry.field(description="For whom; null when they are no longer seen.")
    async def stakeholder(self, info: Info) -> Stakeholder | None:
        return await seen.stakeholder(info, self.row.stakeholder_id)

    @strawberry.field(
        description="The events that matched, the oldest first; empty where silence or a level did."
    )
    async def evidence(self, info: Info) -> list[Event]:
        rows = await resolve.evidence(info.context, self.row)
        return [event_types.Event.of(row) for row in rows]

    @strawberry.field(description="What webhooks were told of it, of the last 30 days.")
    async def deliveries(self, info: Info) -> list[WebhookDelivery]:
        rows = await resolve.deliveries(info.context, self.row.id)
        return [WebhookDelivery.of(row) for row in rows]


@strawberry.type(description="A workflow after a change.")
class WorkflowPayload:
    workflow: Workflow | None = strawberry.field(
        description="The workflow; null when nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the input; empty when it was done."
    )


Id = Annotated[strawberry.ID, strawberry.argument(description="The workflow.")]
Days = Annotated[int, strawberry.argument(description="How far back, 1 to 365 days.")]


@strawberry.type
class WorkflowQuery:
    @strawberry.field(
        description="All workflows, the oldest first. For managers and admins; refused as "
        "FORBIDDEN to others."
    )
    async def workflows(self, info: Info) -> list[Workflow]:
        return [Workflow.of(row) for row in await resolve.listed(info.context)]

    @strawberry.field(
        description="When a workflow would have fired, before anyone turns it on; nothing is done. "
        "For managers and admins; refused as FORBIDDEN to others."
    )
    async def workflow_preview(
        self, info: Info, input: Input[WorkflowInput], days: Days = 30
    ) -> WorkflowPreview:
        resolve.require_keeper(info.context)
        return WorkflowPreview.of(await resolve.preview(info.context, given(input), days))

    @strawberry.field(
        description="The receivers of our own webhooks, the oldest first. For managers and admins; "
        "refused as FORBIDDEN to others."
    )
    async def webhook_endpoints(self, info: Info) -> list[WebhookEndpoint]:
        return [WebhookEndpoint.of(row) for row in await webhook_endpoints.listed(info.context)]


@strawberry.type
class WorkflowMutation:
    @strawberry.mutation(description="Make a workflow. For managers and admins.")
    async def create_workflow(self, info: Info, input: Input[WorkflowInput]) -> WorkflowPayload:
        try:
            resolve.require_keeper(info.context)
            row = await resolve.create(info.context, given(input))
        except DomainError as error:
            return WorkflowPayload(workflow=None, user_errors=[expected(error)])
        return WorkflowPayload(workflow=Workflow.of(row), user_errors=[])

    @strawberry.mutation(
        description="Change a workflow, as a whole. What it did stays done. For managers and "
        "admins."
    )
    async def update_workflow(
        self, info: Info, id: Id, input: Input[WorkflowInput]
    ) -> WorkflowPayload:
        try:
            resolve.require_keeper(info.context)
            number = ids.number(id, "Workflow", "id")
            row = await resolve.update(info.context, number, given(input), input.version)
        except DomainError as error:
            return WorkflowPayload(workflow=None, user_errors=[expected(error)])
        return WorkflowPayload(workflow=Workflow.of(row), user_errors=[])

    @strawberry.mutation(
        description="Delete a workflow: it acts no more; its runs and what it recommended stay. "
        "For managers and admins."
    )
    async def delete_workflow(self, info: Info, id: Id) -> WorkflowPayload:
        try:
            resolve.require_keeper(info.context)
            row = await resolve.delete(info.context, ids.number(id, "Workflow", "id"))
        except DomainError as error:
            return WorkflowPayload(workflow=None, user_errors=[expected(error)])
        return WorkflowPayload(workflow=Workflow.of(row), user_errors=[])
