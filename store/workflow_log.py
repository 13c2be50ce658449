"""The runs of workflows, read for viewers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.viewer import Viewer
from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slices
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


async def runs_of_workflows(
    connection: Connection, viewer: Viewer, workflow_ids: Sequence[int], *, page: Page
) -> Mapping[int, Slice[RunRow]]:
    """A page of each workflow's runs, newest first."""
    condition, value = scope(viewer)
    args = Args(value)
    sql = (
        f"SELECT w.id, found.* FROM unnest({args.add(workflow_ids)}::bigint[]) w (id) "
        f"CROSS JOIN LATERAL (SELECT {_COLUMNS} {_FROM} WHERE {condition} "
        f"AND t.workflow_id = w.id AND {NEWEST.beyond(args, page.after)} "
        f"ORDER BY {NEWEST.sql} LIMIT {args.add(page.first + 1)}) found"
    )
    return await fetch_slices(connection, sql, args, row=RunRow, first=page.first)


async def counts_of_workflows(
    connection: Connection, viewer: Viewer, workflow_ids: Sequence[int]
) -> Mapping[int, int]:
    """How often each workflow fired."""
    condition, value = scope(viewer)
    sql = (
        f"SELECT t.workflow_id, count(*) {_FROM} WHERE {condition} "
        "AND t.workflow_id = ANY($2::bigint[]) GROUP BY 1"
    )
    return dict(await connection.fetch(sql, value, workflow_ids))


async def run_by_id(connection: Connection, viewer: Viewer, run_id: int) -> RunRow | None:
    """One run; None when there is none that the viewer sees."""
    condition, value = scope(viewer)
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} {_FROM} WHERE {condition} AND t.id = $2", value, run_id
    )
    return None if row is None else RunRow(*row)
