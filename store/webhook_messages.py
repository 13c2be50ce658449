"""What our own webhooks say, and to whom: written down with what it is about, sent afterwards."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from domain.node_ids import event_id, node_id
from store.database import Connection
from store.workflow_evidence import event_keys

FIRED = "workflow.fired"
WITHDRAWN = "workflow.withdrawn"
PING = "ping"

MESSAGE_BYTES = 16
"""Random bytes of a message's id."""


def new_message_id() -> str:
    """The id of a message: the same however often it is sent (Standard Webhooks: webhook-id)."""
    return f"msg_{secrets.token_urlsafe(MESSAGE_BYTES)}"


def body_of(type_: str, at: datetime, told: dict[str, Any]) -> str:
    """A message's body (Standard Webhooks: type, timestamp, data)."""
    written = {"type": type_, "timestamp": _time(at), "data": told}
    return orjson.dumps(written).decode()


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def announce_runs(
    connection: Connection, calls: Iterable[tuple[int, Sequence[int]]], now: datetime
) -> None:
    """Call webhooks, (run id, endpoint ids), as soon as this has committed."""
    pairs = [(run_id, id_) for run_id, ids in calls for id_ in ids]
    if pairs:
        await _insert(connection, FIRED, pairs, now)


async def announce_withdrawals(
    connection: Connection, run_ids: Sequence[int], now: datetime
) -> None:
    """Take back what webhooks were told of runs: what has not gone out yet does not; whom it may
    have reached is told."""
    rows = await connection.fetch(
        "SELECT id, run_id, endpoint_id, attempts > 0 OR lease_until IS NOT NULL "
        f"FROM webhook_delivery WHERE run_id = ANY($1::bigint[]) AND type = '{FIRED}' "
        "AND status <> 'CANCELLED' ORDER BY id FOR UPDATE",
        run_ids,
    )
    await connection.execute(
        "UPDATE webhook_delivery SET status = 'CANCELLED', ended_at = $2, "
        "error = 'taken back before it had been delivered' "
        "WHERE id = ANY($1::bigint[]) AND status = 'PENDING'",
        [row[0] for row in rows],
        now,
    )
    await _insert(connection, WITHDRAWN, [(row[1], row[2]) for row in rows if row[3]], now)


async def _insert(
    connection: Connection, type_: str, pairs: Sequence[tuple[int, int]], now: datetime
) -> None:
    told = await _told(connection, sorted({run_id for run_id, _ in pairs}))
    await connection.execute(
        "INSERT INTO webhook_delivery (endpoint_id, run_id, message_id, type, body, due_at, "
        "created_at) SELECT n.endpoint_id, n.run_id, n.message_id, $5, n.body, $6, $6 "
        "FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) "
        "n(run_id, endpoint_id, message_id, body) "
        "JOIN webhook_endpoint e ON e.id = n.endpoint_id AND e.is_enabled",
        [run_id for run_id, _ in pairs],
        [endpoint_id for _, endpoint_id in pairs],
        [new_message_id() for _ in pairs],
        [body_of(type_, now, told[run_id]) for run_id, _ in pairs],
        type_,
        now,
    )


async def _told(connection: Connection, run_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    rows = await connection.fetch(
        "SELECT n.id, n.fired_at, n.reasons, n.evidence, n.recommendation_id, w.id, w.name, "
        "c.id, c.external_id, c.name, s.id, s.external_id, s.name FROM workflow_run n "
        "JOIN workflow w ON w.id = n.workflow_id JOIN customer c ON c.id = n.customer_id "
        "JOIN stakeholder s ON s.id = n.stakeholder_id WHERE n.id = ANY($1::bigint[])",
        run_ids,
    )
    return {row[0]: _run(*row) for row in rows}


def _run(
    id_: int,
    fired_at: datetime,
    reasons: list[str],
    evidence: list[list[str]],
    recommendation_id: int | None,
    *rest: Any,
) -> dict[str, Any]:
    workflow_id, workflow, customer_id, customer_key, customer, *person = rest
    return {
        "id": node_id("WorkflowRun", id_),
        "firedAt": _time(fired_at),
        "reasons": reasons,
        "workflow": {"id": node_id("Workflow", workflow_id), "name": workflow},
        "customer": {
            "id": node_id("Customer", customer_id),
            "externalId": customer_key,
            "name": customer,
        },
        "stakeholder": {
            "id": node_id("Stakeholder", person[0]),
            "externalId": person[1],
            "name": person[2],
        },
        "recommendationId": recommendation_id and node_id("Recommendation", recommendation_id),
        "eventIds": [event_id(*key) for key in event_keys(evidence)],
    }
