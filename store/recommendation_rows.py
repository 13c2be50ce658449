"""Rows of recommendations: read, written, closed, told of, and audited; many at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from domain.events import EventKind
from domain.holdout import is_held_out
from domain.recommending import (
    Changes,
    Cited,
    Closing,
    Key,
    Kind,
    Part,
    Proposal,
    Status,
    Subject,
)
from store.database import Connection

SERVICE = "service"
"""Who acts when nobody does, in the audit."""

IS_LIVE = "status IN ('OPEN','STARTED','SNOOZED')"
"""As SQL: written out, so that partial indexes serve."""


CONTENT = (
    "kind, customer_id, stakeholder_id, address_id, workflow_id, reason, parts, evidence, "
    "evidenced_at, expires_at, due_at, campaign_id, topics, talking_points, named_ids, is_risk"
)


def content_of(*stored: Any) -> Proposal:
    """What a row says, its columns being those of `CONTENT`."""
    kind, customer_id, stakeholder_id, address_id, workflow_id, *rest = stored
    reason, parts, evidence, evidenced_at, expires_at, due_at, campaign_id, *more = rest
    topics, talking_points, named_ids, is_risk = more
    return Proposal(
        key=Key(Kind(kind), Subject(customer_id, stakeholder_id, address_id), workflow_id),
        reason=reason,
        parts=tuple(Part(*part) for part in parts),
        evidence=tuple(Cited(recipient_id, EventKind(kind)) for recipient_id, kind in evidence),
        evidenced_at=evidenced_at,
        expires_at=expires_at,
        due_at=due_at,
        campaign_id=campaign_id,
        topics=tuple(topics),
        talking_points=tuple(talking_points),
        named_ids=tuple(named_ids),
        is_risk=is_risk,
    )


async def apply(
    connection: Connection, changes: Changes, now: datetime, *, holdout_percent: float = 0.0
) -> list[int]:
    """Write changes down, and tell of them; the ids of new recommendations."""
    inserted = await _insert(connection, changes.inserted, now, holdout_percent)
    await _refresh(connection, changes.refreshed, now)
    await close(connection, changes.closed, now)
    await reopen(connection, changes.reopened, now)
    told = {id_ for id_, _ in changes.refreshed} | {c.id for c in changes.closed}
    await tell(connection, sorted({*inserted, *told, *changes.reopened}))
    return inserted


_TYPES = (
    "text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], "
    "$8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::bigint[], "
    "$13::text[], $14::text[], $15::text[], $16::boolean[], $17::int[]"
)
_CAST = (
    "n.kind, n.customer_id, n.stakeholder_id, n.address_id, n.workflow_id, n.reason, "
    "n.parts::jsonb, n.evidence::jsonb, n.evidenced_at, n.expires_at, n.due_at, n.campaign_id, "
    "n.topics::jsonb, n.talking_points::jsonb, n.named_ids::bigint[], n.is_risk, n.priority"
)


def _row(p: Proposal) -> tuple[object, ...]:
    return (
        p.key.kind,
        *p.key.subject,
        p.key.workflow_id,
        p.reason,
        _json([[*part] for part in p.parts]),
        _json([[*cited] for cited in p.evidence]),
        p.evidenced_at,
        p.expires_at,
        p.due_at,
        p.campaign_id,
        _json(p.topics),
        _json(p.talking_points),
        "{" + ",".join(map(str, p.named_ids)) + "}",
        p.is_risk,
        p.priority,
    )


def _json(value: Sequence[object]) -> str:
    return orjson.dumps(value).decode()


async def _insert(
    connection: Connection, found: Sequence[Proposal], now: datetime, holdout_percent: float
) -> list[int]:
    if not found:
        return []
    held_out = [is_held_out(p.key.subject.customer_id, holdout_percent) for p in found]
    rows = await connection.fetch(
        f"INSERT INTO recommendation ({CONTENT}, priority, is_held_out, csm_id, created_at, "
        f"changed_at) SELECT {_CAST}, n.is_held_out, c.csm_id, $19, $19 FROM unnest($1::{_TYPES}, "
        f"$18::boolean[]) n({CONTENT}, priority, is_held_out) "
        "JOIN customer c ON c.id = n.customer_id ON CONFLICT DO NOTHING RETURNING id",
        *zip(*map(_row, found), strict=True),
        held_out,
        now,
    )
    return [row[0] for row in rows]


async def _refresh(
    connection: Connection, found: Sequence[tuple[int, Proposal]], now: datetime
) -> None:
    if not found:
        return
    names = CONTENT.split(", ")[5:]
    changes = ", ".join(f"{name} = n.{name}" for name in (*names, "priority"))
    await connection.execute(
        f"UPDATE recommendation r SET {changes}, changed_at = $19 FROM (SELECT n.id, {_CAST} "
        f"FROM unnest($1::{_TYPES}, $18::bigint[]) n({CONTENT}, priority, id)) n "
        "WHERE r.id = n.id",
        *zip(*(_row(content) for _, content in found), strict=True),
        [id_ for id_, _ in found],
        now,
    )


async def close(connection: Connection, closed: Sequence[Closing], now: datetime) -> None:
    """End recommendations."""
    if not closed:
        return
    await connection.execute(
        "UPDATE recommendation r SET status = n.status, because = n.because, closed_at = $4, "
        "changed_at = $4, snoozed_until = NULL "
        "FROM unnest($1::bigint[], $2::text[], $3::text[]) n(id, status, because) "
        "WHERE r.id = n.id",
        [c.id for c in closed],
        [c.status for c in closed],
        [c.because for c in closed],
        now,
    )
    await audit(connection, [(c.id, c.status) for c in closed], SERVICE, now)


async def reopen(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """End snoozes."""
    if not ids:
        return
    await connection.execute(
        "UPDATE recommendation SET status = 'OPEN', snoozed_until = NULL, changed_at = $2 "
        "WHERE id = ANY($1::bigint[])",
        ids,
        now,
    )
    await audit(connection, [(id_, Status.OPEN) for id_ in ids], SERVICE, now)


async def audit(
    connection: Connection, changed: Sequence[tuple[int, Status]], by: str, now: datetime
) -> None:
    """Write down which status recommendations have come to, and by whom."""
    await connection.execute(
        "INSERT INTO audit (at, actor, action, subject) SELECT $3, $4, "
        "'RECOMMENDATION_' || n.status, 'Recommendation:' || n.id "
        "FROM unnest($1::bigint[], $2::text[]) n(id, status)",
        [id_ for id_, _ in changed],
        [status for _, status in changed],
        now,
        by,
    )


async def tell(connection: Connection, ids: Iterable[int]) -> None:
    """Tell followers that recommendations have changed; nobody hears of those held out."""
    await connection.execute(
        "INSERT INTO recommendation_feed (customer_id, recommendation_id) "
        "SELECT customer_id, id FROM recommendation WHERE id = ANY($1::bigint[]) "
        "AND NOT is_held_out ORDER BY id",
        list(ids),
    )
