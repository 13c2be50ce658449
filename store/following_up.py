"""What people do about recommendations: written down with who did it, and told at once."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from domain.errors import DomainError
from domain.follow_ups import Outcome, State
from domain.recommending import REST, Status
from domain.viewer import Viewer
from store.database import Connection, Database, retried
from store.recommendation_rows import audit, tell
from store.scope import scope

Step = Callable[[State, datetime], State]
"""One of domain/follow_ups.py, with what it needs beyond state and time."""


@dataclass(frozen=True, slots=True)
class _Stored:
    id: int
    state: State


async def follow_up(
    database: Database, viewer: Viewer, recommendation_id: int, step: Step, *, now: datetime
) -> None:
    """Take a recommendation a step further; a repeat changes nothing. Raises DomainError NOT_FOUND
    and those of the step."""

    async def work() -> None:
        async with database.transaction() as connection:
            stored = await _open(connection, viewer, recommendation_id)
            state = step(stored.state, now)
            if state != stored.state:
                await _save(connection, viewer, stored, state, now)

    await retried(work)


async def _open(connection: Connection, viewer: Viewer, recommendation_id: int) -> _Stored:
    condition, value = scope(viewer)
    row = await connection.fetchrow(
        "SELECT r.id, r.status, r.expires_at, r.started_at, r.snoozed_until, r.closed_at, "
        " r.outcome, r.because FROM recommendation r "
        f"JOIN customer c ON c.id = r.customer_id WHERE {condition} AND r.id = $2 "
        "AND NOT r.is_held_out FOR NO KEY UPDATE OF r",
        value,
        recommendation_id,
    )
    if row is None:
        raise DomainError("NOT_FOUND", "there is no such recommendation for you", ("id",))
    id_, status, expires_at, started_at, until, closed_at, outcome, because = row
    return _Stored(
        id_,
        State(
            status=Status(status),
            expires_at=expires_at,
            started_at=started_at,
            snoozed_until=until,
            closed_at=closed_at,
            outcome=None if outcome is None else Outcome(outcome),
            because=because,
        ),
    )


async def _save(
    connection: Connection, viewer: Viewer, stored: _Stored, state: State, now: datetime
) -> None:
    values = asdict(state)
    changes = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, start=4))
    rests = state.status in (Status.COMPLETED, Status.DISMISSED)
    await connection.execute(
        f"UPDATE recommendation SET {changes}, changed_at = $2, rests_until = $3 WHERE id = $1",
        stored.id,
        now,
        now + REST if rests else None,
        *values.values(),
    )
    if state.status is Status.COMPLETED:
        await _remember(connection, viewer, stored.id)
    await audit(connection, [(stored.id, state.status)], viewer.name, now)
    await tell(connection, [stored.id])


async def _remember(connection: Connection, viewer: Viewer, recommendation_id: int) -> None:
    """A completed follow-up is a fact: it stays when recommendations are derived anew."""
    await connection.execute(
        "INSERT INTO follow_up (recommendation_id, customer_id, stakeholder_id, address_id, kind, "
        "outcome, completed_by, csm_id, recommended_at, started_at, completed_at) "
        "SELECT id, customer_id, stakeholder_id, address_id, kind, outcome, $2, csm_id, "
        "created_at, started_at, closed_at FROM recommendation WHERE id = $1",
        recommendation_id,
        viewer.name,
    )
