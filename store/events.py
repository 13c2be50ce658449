"""Reading events: single ones by their ids, one recipient's, and those nobody can place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.viewer import Viewer
from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slice, fetch_slices
from store.scope import scope, scope_address

EventKey = tuple[date, bytes]
"""What identifies an event: the day of its fact, and its key of 16 bytes."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row of `event`, less what is only judged by: user agent and ip."""

    fact_on: date
    key: bytes
    recipient_id: int | None
    provider: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    url: str | None
    detail: str | None
    actor: str | None
    reasons: list[str]

    @property
    def id(self) -> EventKey:
        """What identifies the event."""
        return self.fact_on, self.key


NEWEST: Order[EventRow] = Order(
    "NEWEST",
    ("e.occurred_at", "e.fact_on", "e.key"),
    (datetime, date, bytes),
    lambda row: (row.occurred_at, row.fact_on, row.key),
    True,
)

COLUMNS = columns(EventRow, "e")

IS_PROJECTED = (
    "NOT EXISTS (SELECT FROM projection_queue q WHERE q.fact_on = e.fact_on AND q.key = e.key)"
)
"""What is not projected yet is about to come on the feed: to list it too would repeat it."""

_ASKED = "unnest($2::date[], $3::bytea[]) asked(fact_on, key) JOIN event e USING (fact_on, key)"


async def events_by_ids(
    connection: Connection, viewer: Viewer, ids: Sequence[EventKey]
) -> Sequence[EventRow]:
    """Those of the events whose recipient the viewer sees; of no recipient, for who sees all."""
    condition, value = scope_address(viewer, "r.address_id")
    records = await connection.fetch(
        f"SELECT {COLUMNS} FROM {_ASKED} LEFT JOIN recipient r ON r.id = e.recipient_id "
        f"LEFT JOIN campaign k ON k.id = r.campaign_id WHERE {condition} "
        "AND k.is_provisional IS NOT TRUE",
        value,
        [fact_on for fact_on, _ in ids],
        [key for _, key in ids],
    )
    return [EventRow(*record) for record in records]


async def recorded_events(
    connection: Connection, ids: Sequence[EventKey]
) -> Mapping[EventKey, EventRow]:
    """The events as they stand, for whoever has just reported them: not scoped."""
    records = await connection.fetch(
        f"SELECT {COLUMNS} FROM unnest($1::date[], $2::bytea[]) asked(fact_on, key) "
        "JOIN event e USING (fact_on, key)",
        [fact_on for fact_on, _ in ids],
        [key for _, key in ids],
    )
    rows = [EventRow(*record) for record in records]
    return {row.id: row for row in rows}


async def events_of_recipients(
    connection: Connection, viewer: Viewer, recipient_ids: Sequence[int], *, page: Page
) -> Mapping[int, Slice[EventRow]]:
    """A page of each recipient's events, newest first."""
    condition, value = scope_address(viewer, "r.address_id")
    args = Args(value)
    sql = (
        f"SELECT r.id, found.* FROM recipient r CROSS JOIN LATERAL (SELECT {COLUMNS} "
        "FROM event e WHERE e.recipient_id = r.id "
        "AND e.fact_on BETWEEN r.first_fact_on AND r.last_fact_on "
        f"AND {IS_PROJECTED} AND {NEWEST.beyond(args, page.after)} "
        f"ORDER BY {NEWEST.sql} LIMIT {args.add(page.first + 1)}) found "
        f"WHERE {condition} AND r.id = ANY({args.add(recipient_ids)}::bigint[])"
    )
    return await fetch_slices(connection, sql, args, row=EventRow, first=page.first)


async def human_acts(
    connection: Connection, viewer: Viewer, recipient_ids: Sequence[int], *, kind: str
) -> Mapping[int, list[EventRow]]:
    """The events of a kind in which people acted, by recipient, oldest first."""
    condition, value = scope_address(viewer, "r.address_id")
    records = await connection.fetch(
        f"SELECT r.id, {COLUMNS} FROM recipient r JOIN event e ON e.recipient_id = r.id "
        "AND e.fact_on BETWEEN r.first_fact_on AND r.last_fact_on "
        f"WHERE {condition} AND r.id = ANY($2::bigint[]) AND e.kind = $3 "
        f"AND e.actor IS DISTINCT FROM 'MACHINE' AND {IS_PROJECTED} "
        "ORDER BY e.occurred_at, e.fact_on, e.key",
        value,
        recipient_ids,
        kind,
    )
    found: dict[int, list[EventRow]] = {}
    for recipient_id, *record in records:
        found.setdefault(recipient_id, []).append(EventRow(*record))
    return found


async def count_of_recipients(
    connection: Connection, viewer: Viewer, recipient_ids: Sequence[int]
) -> Mapping[int, int]:
    """How many events each recipient has."""
    condition, value = scope_address(viewer, "r.address_id")
    records = await connection.fetch(
        "SELECT r.id, count(*) FROM recipient r JOIN event e ON e.recipient_id = r.id "
        "AND e.fact_on BETWEEN r.first_fact_on AND r.last_fact_on "
        f"WHERE {condition} AND {IS_PROJECTED} AND r.id = ANY($2::bigint[]) GROUP BY r.id",
        value,
        recipient_ids,
    )
    return dict(records)


async def list_orphans(connection: Connection, viewer: Viewer, page: Page) -> Slice[EventRow]:
    """Events that name no campaign and no known message, newest first, for who sees all."""
    condition, value = scope(viewer, "none")
    args = Args(value)
    sql = (
        f"SELECT {COLUMNS} FROM orphan o JOIN event e USING (fact_on, key) "
        f"WHERE {condition} AND {NEWEST.beyond(args, page.after)} ORDER BY {NEWEST.sql}"
    )
    return await fetch_slice(connection, sql, args, row=EventRow, first=page.first)


async def count_orphans(connection: Connection, viewer: Viewer) -> int:
    """How many events wait for a campaign."""
    condition, value = scope(viewer, "none")
    sql = f"SELECT count(*) FROM orphan WHERE {condition}"
    return int(await connection.fetchval(sql, value))
