"""Endpoints of our own webhooks: who is called, with which secrets."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import DomainError
from domain.outgoing_webhooks import Nonce, rotated
from domain.viewer import Viewer
from store.access import note
from store.database import Connection

MAX_ENDPOINTS = 50

NONCE_BYTES = 24

LOCK = 0x686F6F6B73
"""Key of the advisory lock of whoever adds an endpoint."""


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint; `disabled_because` says why we ourselves switched it off."""

    id: int
    name: str
    url: str
    is_enabled: bool
    disabled_because: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    nonces: tuple[Nonce, ...]


_COLUMNS = "id, name, url, is_enabled, disabled_because, version, created_at, updated_at, nonces"


def nonces_of(kept: Sequence[Sequence[str | None]]) -> tuple[Nonce, ...]:
    """An endpoint's nonces as they are stored."""
    return tuple(
        Nonce(value or "", None if until is None else datetime.fromisoformat(until))
        for value, until in kept
    )


def _kept(nonces: Sequence[Nonce]) -> list[list[str | None]]:
    return [[n.value, None if n.until is None else n.until.isoformat()] for n in nonces]


def _row(record: Any) -> EndpointRow:
    return EndpointRow(*(*record[:-1], nonces_of(record[-1])))


async def list_endpoints(connection: Connection) -> list[EndpointRow]:
    """All endpoints, the oldest first."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM webhook_endpoint ORDER BY id")
    return [_row(row) for row in rows]


async def endpoints_by_id(
    connection: Connection, viewer: Viewer, ids: Sequence[int]
) -> Mapping[int, EndpointRow]:
    """Endpoints by their ids; only who sees all sees any."""
    if not viewer.may_read_all:
        return {}
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE id = ANY($1::bigint[])", list(ids)
    )
    return {row[0]: _row(row) for row in rows}


async def insert_endpoint(
    connection: Connection, *, name: str, url: str, by: str, now: datetime
) -> EndpointRow:
    """Make an endpoint with a secret of its own. Raises DomainError."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
    count = await connection.fetchval("SELECT count(*) FROM webhook_endpoint")
    if count >= MAX_ENDPOINTS:
        message = f"there are {count} endpoints already: delete one that is no longer called"
        raise DomainError("TOO_MANY_ENDPOINTS", message)
    row = await connection.fetchrow(
        "INSERT INTO webhook_endpoint (name, url, nonces, created_at, updated_at) "
        f"VALUES ($1, $2, $3, $4, $4) RETURNING {_COLUMNS}",
        name,
        url,
        _kept([Nonce(secrets.token_hex(NONCE_BYTES), None)]),
        now,
    )
    return await _noted(connection, row, "CREATE_WEBHOOK_ENDPOINT", by, now)


async def update_endpoint(
    connection: Connection,
    endpoint_id: int,
    *,
    name: str,
    url: str,
    is_enabled: bool,
    version: int | None,
    by: str,
    now: datetime,
) -> EndpointRow:
    """Change an endpoint, if it is still at the version somebody looked at. Raises DomainError."""
    known = await _lock(connection, endpoint_id)
    if version is not None and version != known.version:
        message = (
            f"version {version} has been changed meanwhile: read version {known.version}, "
            "then change"
        )
        raise DomainError("CONFLICT", message, ("version",))
    row = await connection.fetchrow(
        "UPDATE webhook_endpoint SET name = $2, url = $3, is_enabled = $4, updated_at = $5, "
        "disabled_because = CASE WHEN $4 THEN NULL ELSE disabled_because END, "
        f"version = version + 1 WHERE id = $1 RETURNING {_COLUMNS}",
        endpoint_id,
        name,
        url,
        is_enabled,
        now,
    )
    return await _noted(connection, row, "UPDATE_WEBHOOK_ENDPOINT", by, now)


async def rotate_secret(
    connection: Connection, endpoint_id: int, *, by: str, now: datetime
) -> EndpointRow:
    """Give an endpoint a new secret; the ones before sign for a while still. Raises DomainError."""
    known = await _lock(connection, endpoint_id)
    nonces = rotated(known.nonces, secrets.token_hex(NONCE_BYTES), now)
    row = await connection.fetchrow(
        "UPDATE webhook_endpoint SET nonces = $2, updated_at = $3, version = version + 1 "
        f"WHERE id = $1 RETURNING {_COLUMNS}",
        endpoint_id,
        _kept(nonces),
        now,
    )
    return await _noted(connection, row, "ROTATE_WEBHOOK_SECRET", by, now)


async def delete_endpoint(
    connection: Connection, endpoint_id: int, *, by: str, now: datetime
) -> EndpointRow:
    """Delete an endpoint with its deliveries, unless a workflow calls it. Raises DomainError."""
    known = await _lock(connection, endpoint_id)
    calling = await connection.fetchval(
        "SELECT name FROM workflow WHERE deleted_at IS NULL AND actions @> $1 ORDER BY id LIMIT 1",
        [{"callWebhook": {"endpointId": endpoint_id}}],
    )
    if calling is not None:
        message = f"the workflow “{calling}” calls it: change that first"
        raise DomainError("ENDPOINT_IN_USE", message, ("id",))
    await connection.execute("DELETE FROM webhook_endpoint WHERE id = $1", endpoint_id)
    await note(
        connection,
        now,
        actor=by,
        action="DELETE_WEBHOOK_ENDPOINT",
        subject=f"WebhookEndpoint:{endpoint_id}",
    )
    return known


async def _lock(connection: Connection, endpoint_id: int) -> EndpointRow:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE id = $1 FOR UPDATE", endpoint_id
    )
    if row is None:
        raise DomainError("NOT_FOUND", "there is no such webhook endpoint", ("id",))
    return _row(row)


async def _noted(
    connection: Connection, record: Any, action: str, by: str, now: datetime
) -> EndpointRow:
    row = _row(record)
    await note(connection, now, actor=by, action=action, subject=f"WebhookEndpoint:{row.id}")
    return row
