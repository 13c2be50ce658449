"""Where pulling stands: each source's cursor, moved together with what was fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from store.database import Connection, Database

LONGEST_ERROR = 500
"""Characters kept of why a source could not be pulled."""

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
"""Pauses after the first failure and after many in a row; each is twice the one before."""

Cursor = Mapping[str, Any]
"""How far a source was read, in JSON that only the source's own reader understands."""


class LeaseLost(Exception):  # noqa: N818 - what happened, for whoever held it
    """Another worker has taken the source over: what was fetched is its to fetch again."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A source lent to one worker; `holder` is that of this loan alone."""

    source: str
    holder: UUID
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Fetched:
    """Payloads of a source, all of one provider, and the cursor behind the last of them."""

    provider: str
    headers: Mapping[str, str]
    bodies: Sequence[bytes]
    received_at: datetime
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class PullRow:
    """A source as people see it; `error` is why the last attempt failed."""

    source: str
    pulled_at: datetime | None
    error: str | None
    due_at: datetime


_IS_DUE = """
SELECT coalesce((SELECT due_at <= now() AND coalesce(lease_until < now(), true)
    FROM pull WHERE source = $1), true)
"""

_TAKE = """
INSERT INTO pull (source, holder, lease_until) VALUES ($1, $2, now() + $3::interval)
ON CONFLICT (source) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
WHERE pull.due_at <= now() AND coalesce(pull.lease_until < now(), true)
RETURNING cursor
"""


async def take(database: Database, source: str, *, holder: UUID, lease: timedelta) -> Lease | None:
    """Borrow a source that is due and nobody holds; None when there is nothing to do."""
    async with database.connection() as connection:
        if not await connection.fetchval(_IS_DUE, source):
            return None
        row = await connection.fetchrow(_TAKE, source, holder, lease)
    return None if row is None else Lease(source, holder, row[0])


async def renew(database: Database, held: Lease, lease: timedelta) -> None:
    """Hold on to a source while it is slow to answer. Raises LeaseLost."""
    async with database.connection() as connection:
        await _set(connection, held, "lease_until = now() + $3::interval", lease)


async def keep(database: Database, held: Lease, fetched: Fetched, lease: timedelta) -> None:
    """Store what was fetched and move the cursor, both or neither. Raises LeaseLost."""
    async with database.transaction() as connection:
        await _set(
            connection,
            held,
            "cursor = $4, pulled_at = now(), error = NULL, failures = 0, "
            "lease_until = now() + $3::interval",
            lease,
            dict(fetched.cursor),
        )
        await connection.execute(
            "INSERT INTO payload (received_on, received_at, provider, headers, query, body) "
            "SELECT $1, $2, $3, $4, '', body FROM unnest($5::bytea[]) WITH ORDINALITY b(body, n) "
            "ORDER BY n",
            fetched.received_at.astimezone(UTC).date(),
            fetched.received_at,
            fetched.provider,
            dict(fetched.headers),
            list(fetched.bodies),
        )


async def rest(database: Database, held: Lease, pause: timedelta) -> None:
    """Give a source back that has nothing more for now. Raises LeaseLost."""
    async with database.connection() as connection:
        await _set(connection, held, "lease_until = NULL, due_at = now() + $3::interval", pause)


async def fail(database: Database, held: Lease, error: str, asked: timedelta) -> None:
    """Give a source back that could not be read, with the reason. Raises LeaseLost.

    It is left alone for twice as long after each failure in a row, and never shorter than `asked`.
    """
    async with database.connection() as connection:
        await _set(
            connection,
            held,
            "lease_until = NULL, error = $4, failures = failures + 1, due_at = now() + greatest("
            "$3::interval, least($6::interval, $5::interval * power(2, least(failures, 20))))",
            asked,
            error[:LONGEST_ERROR],
            FIRST_PAUSE,
            LONGEST_PAUSE,
        )


async def pulls(connection: Connection) -> list[PullRow]:
    """Every source that was ever asked, by name."""
    rows = await connection.fetch(
        "SELECT source, pulled_at, error, due_at FROM pull ORDER BY source"
    )
    return [PullRow(*row) for row in rows]


async def has_backlog(database: Database, payloads: int) -> bool:
    """Whether at least so many payloads wait to be worked off."""
    async with database.connection() as connection:
        waiting: int = await connection.fetchval(
            "SELECT count(*) FROM (SELECT FROM payload WHERE status = 'PENDING' LIMIT $1) p",
            payloads,
        )
    return waiting >= payloads


async def _set(connection: Connection, held: Lease, assignments: str, *values: Any) -> None:
    status: str = await connection.execute(
        f"UPDATE pull SET {assignments} WHERE source = $1 AND holder = $2 "
        "AND lease_until IS NOT NULL",
        held.source,
        held.holder,
        *values,
    )
    if status == "UPDATE 0":
        raise LeaseLost(f"another worker pulls {held.source}")
