"""Deliveries of our own webhooks: lent to a worker, tried until they arrive, kept as a log."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import DomainError
from domain.outgoing_webhooks import Nonce
from domain.viewer import Viewer
from store.access import note
from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slices
from store.scope import scope
from store.webhook_endpoints import nonces_of
from store.webhook_messages import PING, body_of, new_message_id

LEASE = timedelta(seconds=60)
"""How long a worker has a delivery: longer than any request may take."""

EACH = 4
"""Deliveries to one endpoint at once: who is slow keeps nobody else waiting."""

KEPT = timedelta(days=30)
"""How long ended deliveries are shown; what they said of people goes with them."""

PURGED = 2_000
"""Deliveries forgotten in one transaction."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to attempt now; `attempts` counts this one."""

    id: int
    endpoint_id: int
    message_id: str
    body: str
    attempts: int
    url: str
    nonces: tuple[Nonce, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: `status` is the answer's, None where there was none; `retry_at` is when
    the next one is, None for none."""

    at: datetime
    status: int | None
    response: str
    error: str | None
    retry_at: datetime | None = None

    @property
    def has_arrived(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


async def claim(
    connection: Connection, now: datetime, *, most: int, busy: Collection[int] = ()
) -> list[Due]:
    """Take deliveries that are due, some of each endpoint; none of those that are `busy`."""
    rows = await connection.fetch(
        "WITH due AS (SELECT d.id, e.url, e.nonces FROM webhook_endpoint e CROSS JOIN LATERAL ("
        "SELECT id, due_at FROM webhook_delivery WHERE endpoint_id = e.id AND status = 'PENDING' "
        "AND due_at <= $1 AND (lease_until IS NULL OR lease_until < $1) ORDER BY due_at, id "
        "LIMIT $3 FOR UPDATE SKIP LOCKED) d WHERE e.is_enabled AND e.id <> ALL ($4::bigint[]) "
        "ORDER BY d.due_at, d.id LIMIT $2) "
        "UPDATE webhook_delivery d SET lease_until = $1 + $5::interval, attempts = attempts + 1 "
        "FROM due WHERE d.id = due.id "
        "RETURNING d.id, d.endpoint_id, d.message_id, d.body, d.attempts, due.url, due.nonces",
        now,
        most,
        EACH,
        list(busy),
        LEASE,
    )
    return [Due(*(*row[:-1], nonces_of(row[-1]))) for row in sorted(rows, key=lambda row: row[0])]


async def finish(connection: Connection, due: Due, attempt: Attempt) -> None:
    """Write down how an attempt ended; what was taken back or over meanwhile stays as it is."""
    status = "DELIVERED" if attempt.has_arrived else "FAILED"
    if attempt.retry_at is not None:
        status = "PENDING"
    await connection.execute(
        "UPDATE webhook_delivery SET status = $3::text, lease_until = NULL, "
        "attempted_at = $4::timestamptz, response_status = $5, response = $6, error = $7, "
        "due_at = coalesce($8, due_at), "
        "ended_at = CASE WHEN $3::text = 'PENDING' THEN NULL ELSE $4 END "
        "WHERE id = $1 AND attempts = $2 AND status = 'PENDING'",
        due.id,
        due.attempts,
        status,
        attempt.at,
        attempt.status,
        attempt.response,
        attempt.error,
        attempt.retry_at,
    )


async def disable(connection: Connection, endpoint_id: int, because: str, now: datetime) -> None:
    """Switch an endpoint off: nothing more is sent to it until somebody switches it on."""
    await connection.execute(
        "UPDATE webhook_endpoint SET is_enabled = false, disabled_because = $2, updated_at = $3, "
        "version = version + 1 WHERE id = $1 AND is_enabled",
        endpoint_id,
        because,
        now,
    )
    await connection.execute(
        "UPDATE webhook_delivery SET status = 'CANCELLED', ended_at = $2, lease_until = NULL, "
        "error = 'its endpoint was switched off' WHERE endpoint_id = $1 AND status = 'PENDING'",
        endpoint_id,
        now,
    )
    await note(
        connection,
        now,
        actor="service",
        action="DISABLE_WEBHOOK_ENDPOINT",
        subject=f"WebhookEndpoint:{endpoint_id}",
    )


async def purge(connection: Connection, before: datetime) -> int:
    """Forget deliveries that ended before then, some at a time; how many."""
    status: str = await connection.execute(
        "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery "
        "WHERE ended_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before,
        PURGED,
    )
    return int(status.rpartition(" ")[2])


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as the log shows it."""

    id: int
    endpoint_id: int
    run_id: int | None
    message_id: str
    type: str
    body: str
    status: str
    attempts: int
    due_at: datetime
    response_status: int | None
    response: str | None
    error: str | None
    created_at: datetime
    attempted_at: datetime | None
    ended_at: datetime | None


NEWEST: Order[DeliveryRow] = Order("NEWEST", ("t.id",), (int,), lambda row: (row.id,), True)

_COLUMNS = columns(DeliveryRow, "t")


async def deliveries_of_endpoints(
    connection: Connection, viewer: Viewer, endpoint_ids: Sequence[int], *, page: Page
) -> Mapping[int, Slice[DeliveryRow]]:
    """A page of each endpoint's deliveries, newest first; only who sees all sees any."""
    if not viewer.may_read_all:
        return {}
    condition, value = scope(viewer)
    args = Args(value)
    sql = (
        f"SELECT e.id, found.* FROM unnest({args.add(endpoint_ids)}::bigint[]) e (id) "
        f"CROSS JOIN LATERAL (SELECT {_COLUMNS} FROM webhook_delivery t "
        f"WHERE {condition} AND t.endpoint_id = e.id AND {NEWEST.beyond(args, page.after)} "
        f"ORDER BY {NEWEST.sql} LIMIT {args.add(page.first + 1)}) found"
    )
    return await fetch_slices(connection, sql, args, row=DeliveryRow, first=page.first)


async def counts_of_endpoints(
    connection: Connection, viewer: Viewer, endpoint_ids: Sequence[int]
) -> Mapping[int, int]:
    """How many deliveries of each endpoint are kept; only who sees all sees any."""
    if not viewer.may_read_all:
        return {}
    sql = (
        "SELECT endpoint_id, count(*) FROM webhook_delivery "
        "WHERE endpoint_id = ANY($1::bigint[]) GROUP BY 1"
    )
    return dict(await connection.fetch(sql, endpoint_ids))


async def deliveries_of_runs(
    connection: Connection, viewer: Viewer, run_ids: Sequence[int]
) -> Mapping[int, Sequence[DeliveryRow]]:
    """What webhooks were told of each run; only who sees all sees any."""
    if not viewer.may_read_all:
        return {}
    rows = await connection.fetch(
        f"SELECT t.run_id, {_COLUMNS} FROM webhook_delivery t "
        "WHERE t.run_id = ANY($1::bigint[]) ORDER BY t.id",
        list(run_ids),
    )
    found: dict[int, list[DeliveryRow]] = defaultdict(list)
    for run_id, *row in rows:
        found[run_id].append(DeliveryRow(*row))
    return found


async def delivery_by_id(connection: Connection, delivery_id: int) -> DeliveryRow | None:
    """One delivery; None when there is none."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM webhook_delivery t WHERE t.id = $1", delivery_id
    )
    return None if row is None else DeliveryRow(*row)


async def resend(
    connection: Connection, delivery_id: int, *, by: str, now: datetime
) -> DeliveryRow:
    """Send a delivery that has ended once more, under the same message id. Raises DomainError."""
    row = await connection.fetchrow(
        "UPDATE webhook_delivery t SET status = 'PENDING', attempts = 0, due_at = $2, "
        "lease_until = NULL, ended_at = NULL, error = NULL FROM webhook_endpoint e "
        "WHERE t.id = $1 AND e.id = t.endpoint_id AND e.is_enabled "
        "AND (t.status IN ('DELIVERED','FAILED') OR (t.status = 'CANCELLED' AND NOT EXISTS ("
        "SELECT FROM workflow_run n WHERE n.id = t.run_id AND n.withdrawn_at IS NOT NULL))) "
        f"RETURNING {_COLUMNS}",
        delivery_id,
        now,
    )
    if row is None:
        raise await _why_not(connection, delivery_id)
    await note(
        connection,
        now,
        actor=by,
        action="RESEND_WEBHOOK",
        subject=f"WebhookDelivery:{delivery_id}",
    )
    return DeliveryRow(*row)


async def _why_not(connection: Connection, delivery_id: int) -> DomainError:
    found = await connection.fetchrow(
        "SELECT t.status, e.is_enabled FROM webhook_delivery t "
        "JOIN webhook_endpoint e ON e.id = t.endpoint_id WHERE t.id = $1",
        delivery_id,
    )
    if found is None:
        return DomainError("NOT_FOUND", "there is no such delivery", ("id",))
    if not found[1]:
        message = "its endpoint is switched off: switch it on first"
        return DomainError("ENDPOINT_DISABLED", message, ("id",))
    if found[0] == "PENDING":
        return DomainError("STILL_PENDING", "it is still being tried", ("id",))
    return DomainError("WITHDRAWN", "what it tells of was taken back", ("id",))


async def ping(connection: Connection, endpoint_id: int, now: datetime) -> DeliveryRow:
    """Send an endpoint a message that means nothing. Raises DomainError."""
    row = await connection.fetchrow(
        "INSERT INTO webhook_delivery AS t (endpoint_id, message_id, type, body, due_at, "
        f"created_at) SELECT id, $2, '{PING}', $3, $4, $4 FROM webhook_endpoint "
        f"WHERE id = $1 AND is_enabled RETURNING {_COLUMNS}",
        endpoint_id,
        new_message_id(),
        body_of(PING, now, {}),
        now,
    )
    if row is None:
        message = "there is no such webhook endpoint that is switched on"
        raise DomainError("NOT_FOUND", message, ("id",))
    return DeliveryRow(*row)


def kept_since(now: datetime) -> datetime:
    """From when on ended deliveries are still shown."""
    return now - KEPT
