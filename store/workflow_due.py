"""Who is to be judged by workflows though nothing happens, and when."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from store.database import Connection

NOTED = 2_000
"""People noted to be judged in one transaction: some 20 ms."""

DUE_TAKEN = 200
"""People noted in one transaction."""


async def put_off(
    connection: Connection, judged: Iterable[int], due: Mapping[int, datetime]
) -> None:
    """Note when people just judged are due again; those without a time are not by time alone."""
    await connection.execute(
        "DELETE FROM workflow_due WHERE stakeholder_id = ANY($1::bigint[])",
        sorted(set(judged).difference(due)),
    )
    await connection.execute(
        "INSERT INTO workflow_due (stakeholder_id, due_at) SELECT * FROM "
        "unnest($1::bigint[], $2::timestamptz[]) n(id, at) ORDER BY id "
        "ON CONFLICT (stakeholder_id) DO UPDATE SET due_at = excluded.due_at",
        list(due),
        list(due.values()),
    )


async def note_everybody(connection: Connection, limit: int = NOTED) -> bool:
    """Note the next people for a workflow that was turned on or changed; False without any.

    How far it is goes with the workflow, so that dying between two slices forgets nobody.
    """
    row = await connection.fetchrow(
        "SELECT id, noted_after FROM workflow WHERE noted_after IS NOT NULL AND is_enabled "
        "AND deleted_at IS NULL ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
    )
    if row is None:
        return False
    noted = await connection.fetch(
        "INSERT INTO workflow_due (stakeholder_id, due_at) "
        "SELECT stakeholder_id, now() FROM stakeholder_insight WHERE stakeholder_id > $1 "
        "ORDER BY stakeholder_id LIMIT $2 ON CONFLICT (stakeholder_id) DO UPDATE "
        "SET due_at = least(workflow_due.due_at, excluded.due_at) RETURNING stakeholder_id",
        row["noted_after"],
        limit,
    )
    await connection.execute(
        "UPDATE workflow SET noted_after = $2 WHERE id = $1",
        row["id"],
        max(n[0] for n in noted) if len(noted) == limit else None,
    )
    return True


async def note_due(connection: Connection, now: datetime) -> int:
    """Have those people's insights derived whose workflows are due by time alone."""
    status: str = await connection.execute(
        "WITH due AS (DELETE FROM workflow_due WHERE stakeholder_id IN (SELECT stakeholder_id "
        "FROM workflow_due WHERE due_at <= $1 ORDER BY due_at, stakeholder_id LIMIT $2 "
        "FOR UPDATE SKIP LOCKED) RETURNING stakeholder_id) "
        "INSERT INTO insight_queue (stakeholder_id, due_at) SELECT stakeholder_id, now() FROM due",
        now,
        DUE_TAKEN,
    )
    return int(status.rpartition(" ")[2])
