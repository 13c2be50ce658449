"""The runs of workflows, read for viewers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.viewer import Viewer
from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slice
from store.scope import scope


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run; `evidence` are the days and keys of events (store/workflow_evidence.py)."""

    id: int
    workflow_id: int
    version: int
    customer_id: int
    stakeholder_id: int
    fired_at: datetime
    withdrawn_at: datetime | None
    recommendation_id: int | None
    reasons: list[str] = field(hash=False)
    evidence: list[Any] = field(hash=False)


NEWEST: Order[RunRow] = Order("NEWEST", ("t.id",), (int,), lambda row: (row.id,), True)

_COLUMNS = columns(RunRow, "t")
_FROM = "FROM workflow_run t JOIN customer c ON c.id = t.customer_id"


async def list_runs(
    connection: Connection, viewer: Viewer, workflow_id: int, page: Page
) -> Slice[RunRow]:
    """A page of a workflow's runs, newest first."""
    condition, value = scope(viewer)
    args = Args(value)
    sql = (
        f"SELECT {_COLUMNS} {_FROM} WHERE {condition} AND t.workflow_id = {args.add(workflow_id)} "
        f"AND {NEWEST.beyond(args, page.after)} ORDER BY {NEWEST.sql}"
    )
    return await fetch_slice(connection, sql, args, row=RunRow, first=page.first)


async def count_runs(connection: Connection, viewer: Viewer, workflow_id: int) -> int:
    """How often a workflow fired."""
    condition, value = scope(viewer)
    found = await connection.fetchval(
        f"SELECT count(*) {_FROM} WHERE {condition} AND t.workflow_id = $2", value, workflow_id
    )
    return int(found)


async def run_by_id(connection: Connection, viewer: Viewer, run_id: int) -> RunRow | None:
    """One run; None when there is none that the viewer sees."""
    condition, value = scope(viewer)
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} {_FROM} WHERE {condition} AND t.id = $2", value, run_id
    )
    return None if row is None else RunRow(*row)
