"""Whether capture works: what waits, what failed, whom we could match."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slice


@dataclass(frozen=True, slots=True)
class PayloadRow:
    """A row of `payload` without what it carries."""

    received_on: date
    id: int
    provider: str
    received_at: datetime
    status: str
    attempts: int
    error: str | None
    size: int = field(metadata={"sql": "length({t}.body)"})


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Recipients of campaigns (provisional ones left out) by what they could be matched to."""

    recipients: int
    matched: int
    unconfirmed: int
    internal: int
    freemail: int
    unknown_domain: int
    ambiguous: int


NEWEST: Order[PayloadRow] = Order("NEWEST", ("p.id",), (int,), lambda row: (row.id,), True)

_COLUMNS = columns(PayloadRow, "p")

_FAILED = "status IN ('FAILED', 'PARTIAL')"


async def count_payloads(connection: Connection, status: str) -> int:
    """How many payloads are PENDING, or FAILED in whole or in part."""
    # The two partial indexes are found only when their condition stands in the statement.
    condition = {"PENDING": "status = 'PENDING'", "FAILED": _FAILED}[status]
    return int(await connection.fetchval(f"SELECT count(*) FROM payload p WHERE {condition}"))


async def oldest_pending(connection: Connection) -> datetime | None:
    """When the payload that has waited longest came in; None when none waits."""
    found: datetime | None = await connection.fetchval(
        "SELECT min(received_at) FROM payload WHERE status = 'PENDING'"
    )
    return found


async def list_failed(connection: Connection, page: Page) -> Slice[PayloadRow]:
    """Payloads that were set aside with their error, newest first."""
    args = Args(None)
    sql = (
        f"SELECT {_COLUMNS} FROM payload p WHERE {_FAILED} "
        f"AND $1::bigint IS NULL AND {NEWEST.beyond(args, page.after)} ORDER BY {NEWEST.sql}"
    )
    return await fetch_slice(connection, sql, args, row=PayloadRow, first=page.first)


async def payload_by_id(
    connection: Connection, received_on: date, payload_id: int
) -> PayloadRow | None:
    """A payload, whatever its status."""
    record = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM payload p WHERE p.received_on = $1 AND p.id = $2",
        received_on,
        payload_id,
    )
    return None if record is None else PayloadRow(*record)


async def coverage(connection: Connection) -> CoverageRow:
    """How far recipients could be matched."""
    record = await connection.fetchrow(
        """SELECT sum(n), sum(n) FILTER (WHERE reason IS NULL),
            sum(n) FILTER (WHERE reason IS NULL AND NOT is_sure),
            sum(n) FILTER (WHERE reason IN ('INTERNAL', 'ERASED')),
            sum(n) FILTER (WHERE reason = 'FREEMAIL'),
            sum(n) FILTER (WHERE reason = 'UNKNOWN_DOMAIN'),
            sum(n) FILTER (WHERE reason = 'AMBIGUOUS')
        FROM (SELECT sent.n, a.unmatched_reason AS reason, EXISTS (SELECT FROM match m
                WHERE m.address_id = a.id AND m.method <> 'DOMAIN') AS is_sure
            FROM (SELECT r.address_id, count(*) AS n FROM recipient r
                JOIN campaign k ON k.id = r.campaign_id AND NOT k.is_provisional
                GROUP BY r.address_id) sent
            JOIN address a ON a.id = sent.address_id) addressed"""
    )
    return CoverageRow(*(int(count or 0) for count in record))


async def failed_ids(connection: Connection, limit: int) -> Sequence[int]:
    """The payloads that were set aside, oldest first, at most `limit` of them."""
    records = await connection.fetch(
        f"SELECT id FROM payload p WHERE {_FAILED} ORDER BY id LIMIT $1", limit
    )
    return [record[0] for record in records]
