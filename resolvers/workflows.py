"""Workflows: for managers and admins."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from domain.conditions import whole
from domain.triggering import Firing
from domain.viewer import Role
from domain.workflows import plan
from resolvers.context import Context
from store import webhook_deliveries, workflow_log, workflow_preview, workflows
from store.events import EventRow
from store.paging import Page, Slice
from store.webhook_deliveries import DeliveryRow
from store.workflow_evidence import event_keys
from store.workflow_log import RunRow
from store.workflow_preview import Preview
from store.workflows import WorkflowRow

MOST_PREVIEW_DAYS = 365


def require_keeper(context: Context) -> None:
    """Refuse who may not see or change workflows. Raises DomainError FORBIDDEN."""
    context.require(Role.MANAGER, Role.ADMIN)


async def listed(context: Context) -> list[WorkflowRow]:
    """All workflows, the oldest first."""
    require_keeper(context)
    async with context.read() as connection:
        return await workflows.list_workflows(connection)


async def workflow(context: Context, workflow_id: int) -> WorkflowRow | None:
    """A workflow, a deleted one too; None when there is none or the viewer may not see it."""
    return await context.loaders.of(workflows.workflows_by_id, workflow_id, None)


async def create(context: Context, given: Mapping[str, object]) -> WorkflowRow:
    """Make a workflow. Raises DomainError."""
    require_keeper(context)
    wanted, by, now = plan(given), context.viewer.name, context.services.now()
    async with context.write() as connection:
        row = await workflows.insert_workflow(connection, wanted, by=by, now=now)
    return row


async def update(
    context: Context, workflow_id: int, given: Mapping[str, object], version: int | None
) -> WorkflowRow:
    """Change a workflow. Raises DomainError."""
    require_keeper(context)
    wanted, by, now = plan(given), context.viewer.name, context.services.now()
    async with context.write() as connection:
        row = await workflows.update_workflow(
            connection, workflow_id, wanted, version=version, by=by, now=now
        )
    return row


async def delete(context: Context, workflow_id: int) -> WorkflowRow:
    """Delete a workflow. Raises DomainError."""
    require_keeper(context)
    async with context.write() as connection:
        row = await workflows.delete_workflow(
            connection, workflow_id, by=context.viewer.name, now=context.services.now()
        )
    return row


async def preview(context: Context, given: Mapping[str, object], days: int) -> Preview:
    """When a workflow would have fired in the last days. Raises DomainError."""
    require_keeper(context)
    wanted = plan(given)
    whole(days, 1, MOST_PREVIEW_DAYS, ("days",))
    async with context.read() as connection:
        return await workflow_preview.preview(
            connection,
            context.viewer,
            wanted.condition,
            wanted.window,
            since=context.now - timedelta(days=days),
            until=context.now,
        )


async def runs(context: Context, workflow_id: int, page: Page) -> Slice[RunRow]:
    """A page of a workflow's runs, newest first."""
    nothing = Slice[RunRow]()
    return await context.loaders.of(workflow_log.runs_of_workflows, workflow_id, nothing, page=page)


async def count_runs(context: Context, workflow_id: int) -> int:
    """How often a workflow fired."""
    return await context.loaders.of(workflow_log.counts_of_workflows, workflow_id, 0)


async def run(context: Context, run_id: int) -> RunRow | None:
    """A run; None when there is none or the viewer may not see it."""
    if not context.viewer.may_read_all:
        return None
    async with context.read() as connection:
        return await workflow_log.run_by_id(connection, context.viewer, run_id)


async def evidence(context: Context, row: RunRow) -> list[EventRow]:
    """The events that a run rests on, as far as they are kept, the oldest first."""
    found = await context.loaders.events.load_many(event_keys(row.evidence))
    return [event for event in found if event is not None]


async def events(context: Context, firing: Firing) -> list[EventRow]:
    """The events that a firing rests on, the oldest first."""
    found = await context.loaders.events.load_many([(d.fact_on, d.key) for d in firing.evidence])
    return [event for event in found if event is not None]


async def deliveries(context: Context, run_id: int) -> Sequence[DeliveryRow]:
    """What webhooks were told of a run."""
    return await context.loaders.of(webhook_deliveries.deliveries_of_runs, run_id, ())
