"""Workflows as they are kept: written down, changed, listed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.conditions import parse, written
from domain.errors import DomainError
from domain.viewer import Viewer
from domain.workflows import Plan, actions, written_actions
from store.access import note
from store.database import Connection

MAX_WORKFLOWS = 100
"""Each is judged for everybody something happens to."""

LOCK = 0x776F726B666C
"""Key of the advisory lock of whoever adds a workflow."""


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A workflow; `version` counts its changes."""

    id: int
    plan: Plan
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


_COLUMNS = (
    "id, name, description, is_enabled, condition, actions, window_days, version, created_at, "
    "updated_at, deleted_at"
)


def _row(record: Any) -> WorkflowRow:
    id_, name, description, is_enabled, condition, done, window_days, *rest = record
    wanted = Plan(name, description, is_enabled, parse(condition), actions(done), window_days)
    return WorkflowRow(id_, wanted, *rest)


async def list_workflows(connection: Connection) -> list[WorkflowRow]:
    """All workflows, the oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM workflow WHERE deleted_at IS NULL ORDER BY id"
    )
    return [_row(row) for row in rows]


async def enabled_workflows(connection: Connection) -> list[WorkflowRow]:
    """Those that act."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM workflow WHERE is_enabled AND deleted_at IS NULL ORDER BY id"
    )
    return [_row(row) for row in rows]


async def workflows_by_id(
    connection: Connection, viewer: Viewer, ids: Sequence[int]
) -> Mapping[int, WorkflowRow]:
    """Workflows by their ids, deleted ones too: what they did is still told of. Only who sees all
    sees any."""
    if not viewer.may_read_all:
        return {}
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM workflow WHERE id = ANY($1::bigint[])", list(ids)
    )
    return {row[0]: _row(row) for row in rows}


async def insert_workflow(
    connection: Connection, wanted: Plan, *, by: str, now: datetime
) -> WorkflowRow:
    """Write a new workflow down. Raises DomainError."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
    count = await connection.fetchval("SELECT count(*) FROM workflow WHERE deleted_at IS NULL")
    if count >= MAX_WORKFLOWS:
        message = f"there are {count} workflows already: delete one that is no longer wanted"
        raise DomainError("TOO_MANY_WORKFLOWS", message)
    await _check_endpoints(connection, wanted)
    row = _row(
        await connection.fetchrow(
            "INSERT INTO workflow (name, description, is_enabled, condition, actions, window_days, "
            f"created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING {_COLUMNS}",
            *_values(wanted),
            now,
        )
    )
    await note(connection, now, actor=by, action="CREATE_WORKFLOW", subject=f"Workflow:{row.id}")
    await _look_at_everybody(connection, row)
    return row


async def update_workflow(
    connection: Connection,
    workflow_id: int,
    wanted: Plan,
    *,
    version: int | None,
    by: str,
    now: datetime,
) -> WorkflowRow:
    """Change a workflow, if it is still at the version somebody looked at (None: whichever).
    Raises DomainError."""
    await _lock(connection, workflow_id, version)
    await _check_endpoints(connection, wanted)
    row = _row(
        await connection.fetchrow(
            "UPDATE workflow SET name = $1, description = $2, is_enabled = $3, condition = $4, "
            "actions = $5, window_days = $6, updated_at = $7, version = version + 1 "
            f"WHERE id = $8 RETURNING {_COLUMNS}",
            *_values(wanted),
            now,
            workflow_id,
        )
    )
    await note(connection, now, actor=by, action="UPDATE_WORKFLOW", subject=f"Workflow:{row.id}")
    await _look_at_everybody(connection, row)
    return row


async def delete_workflow(
    connection: Connection, workflow_id: int, *, by: str, now: datetime
) -> WorkflowRow:
    """Delete a workflow: it acts no more, what it did stays. Raises DomainError."""
    await _lock(connection, workflow_id, None)
    row = _row(
        await connection.fetchrow(
            "UPDATE workflow SET deleted_at = $1, is_enabled = false, updated_at = $1, "
            f"version = version + 1 WHERE id = $2 RETURNING {_COLUMNS}",
            now,
            workflow_id,
        )
    )
    await note(connection, now, actor=by, action="DELETE_WORKFLOW", subject=f"Workflow:{row.id}")
    return row


def _values(wanted: Plan) -> tuple[object, ...]:
    return (
        wanted.name,
        wanted.description,
        wanted.is_enabled,
        written(wanted.condition),
        written_actions(wanted.actions),
        wanted.window_days,
    )


async def _lock(connection: Connection, workflow_id: int, version: int | None) -> None:
    known = await connection.fetchval(
        "SELECT version FROM workflow WHERE id = $1 AND deleted_at IS NULL FOR UPDATE", workflow_id
    )
    if known is None:
        raise DomainError("NOT_FOUND", "there is no such workflow", ("id",))
    if version is not None and version != known:
        message = f"version {version} has been changed meanwhile: read version {known}, then change"
        raise DomainError("CONFLICT", message, ("version",))


async def _check_endpoints(connection: Connection, wanted: Plan) -> None:
    """Refuse webhooks that are not there; those that are stay until this commits."""
    ids = sorted(wanted.actions.endpoint_ids)
    rows = await connection.fetch(
        "SELECT id FROM webhook_endpoint WHERE id = ANY($1::bigint[]) ORDER BY id FOR SHARE", ids
    )
    if len(rows) < len(ids):
        message = "there is no such webhook endpoint: make it first"
        raise DomainError("UNKNOWN_ENDPOINT", message, ("actions",))


async def _look_at_everybody(connection: Connection, row: WorkflowRow) -> None:
    """Have it judged for everybody, it may hold already: a worker notes them (workflow_due.py)."""
    if row.plan.is_enabled:
        await connection.execute("UPDATE workflow SET noted_after = 0 WHERE id = $1", row.id)
