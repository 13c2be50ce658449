"""What came of recommendations: counted for a period, and each one behind the counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.follow_ups import CONTACTED, Outcome
from domain.outcomes import CONVERSION_WITHIN, HIGH_ENGAGEMENT, Converted
from domain.viewer import Viewer
from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slice
from store.scope import scope


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on, until before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class FollowUpCounts:
    """Recommendations about the highly engaged, how many of them led to contact, and how many may
    still."""

    shown: int
    contacted: int
    waiting: int


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Customers of a group, by what they did: a conversation or a reply, and a reply alone."""

    customers: int
    converted: int
    replied: int

    @property
    def conversions(self) -> Converted:
        """Who had a conversation or replied."""
        return Converted(self.customers, self.converted)

    @property
    def replies(self) -> Converted:
        """Who replied."""
        return Converted(self.customers, self.replied)


class OutcomeGroup(StrEnum):
    """What an outcome counts for."""

    HIGH_ENGAGERS = "HIGH_ENGAGERS"
    TREATED = "TREATED"
    HELD_OUT = "HELD_OUT"


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """A recommendation that was counted, and what came of it. `is_success`: contact was made, or
    the customer converted."""

    id: int
    customer_id: int
    kind: str
    is_held_out: bool
    created_at: datetime
    status: str
    outcome: str | None
    is_success: bool
    conversed_at: datetime | None
    reply_on: date | None
    reply_key: bytes | None


NEWEST: Order[OutcomeRow] = Order(
    "NEWEST", ("o.created_at", "o.id"), (datetime, int), lambda row: (row.created_at, row.id), True
)

_COLUMNS = columns(OutcomeRow, "o")


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


# Written out, so that the partial index serves.
_HIGH = f"r.kind IN ({_listed(HIGH_ENGAGEMENT)})"
_CONTACTED = _listed(tuple(CONTACTED))
_CONVERSED = _listed((Outcome.CONVERSATION, Outcome.MEETING))


def _engagers(args: Args, period: Period, condition: str) -> str:
    """Recommendations about the highly engaged that their CSM was shown. What was withdrawn does
    not count: a machine had acted, or the reply had been answered."""
    return f"""
    SELECT r.id, r.customer_id, r.kind, r.is_held_out, r.created_at, r.status, r.outcome,
        coalesce(r.outcome IN ({_CONTACTED}), false) AS is_success,
        NULL::timestamptz AS conversed_at, NULL::date AS reply_on, NULL::bytea AS reply_key
    FROM recommendation r JOIN customer c ON c.id = r.customer_id
    WHERE {condition} AND {_HIGH} AND NOT r.is_held_out AND r.status <> 'WITHDRAWN'
        AND r.created_at >= {args.add(period.since)} AND r.created_at < {args.add(period.until)}"""


def _customers(args: Args, period: Period, condition: str) -> str:
    """Each customer by their first recommendation of the period, withdrawn or not: what was drawn
    by lot is compared whole. A reply counts after the recommendation alone."""
    within = f"{args.add(CONVERSION_WITHIN)}::interval"
    since, until = args.add(period.since), args.add(period.until)
    return f"""
    SELECT s.*, (conversed_at IS NOT NULL OR reply_key IS NOT NULL) AS is_success,
        f.conversed_at, e.reply_on, e.reply_key
    FROM (SELECT DISTINCT ON (r.customer_id) r.id, r.customer_id, r.kind, r.is_held_out,
            r.created_at, r.status, r.outcome
        FROM recommendation r JOIN customer c ON c.id = r.customer_id
        WHERE {condition} AND {_HIGH} AND r.created_at >= {since} AND r.created_at < {until}
        ORDER BY r.customer_id, r.created_at, r.id) s
    LEFT JOIN LATERAL (SELECT min(completed_at) AS conversed_at FROM follow_up
        WHERE customer_id = s.customer_id AND outcome IN ({_CONVERSED})
            AND completed_at >= s.created_at AND completed_at < s.created_at + {within}) f ON true
    LEFT JOIN LATERAL (SELECT e.fact_on AS reply_on, e.key AS reply_key
        FROM match m
        JOIN recipient t ON t.address_id = m.address_id AND t.replied_at IS NOT NULL
            AND t.last_event_at > s.created_at
        JOIN event e ON e.recipient_id = t.id AND e.kind = 'REPLIED'
            AND e.fact_on >= ({since})::date - 1 AND e.occurred_at > s.created_at
            AND e.occurred_at < s.created_at + {within}
        WHERE m.customer_id = s.customer_id
        ORDER BY e.occurred_at, e.fact_on, e.key LIMIT 1) e ON true"""


async def follow_ups(connection: Connection, viewer: Viewer, period: Period) -> FollowUpCounts:
    """Recommendations about the highly engaged, and what was done about them."""
    condition, value = scope(viewer)
    args = Args(value)
    record = await connection.fetchrow(
        "SELECT count(*), count(*) FILTER (WHERE o.is_success), "
        "count(*) FILTER (WHERE o.status IN ('OPEN','STARTED','SNOOZED')) "
        f"FROM ({_engagers(args, period, condition)}) o",
        *args,
    )
    return FollowUpCounts(*record)


async def groups(
    connection: Connection, viewer: Viewer, period: Period
) -> tuple[GroupCounts, GroupCounts]:
    """Treated and held-out customers."""
    condition, value = scope(viewer)
    args = Args(value)
    rows = await connection.fetch(
        "SELECT o.is_held_out, count(*), count(*) FILTER (WHERE o.is_success), "
        "count(*) FILTER (WHERE o.reply_key IS NOT NULL) "
        f"FROM ({_customers(args, period, condition)}) o GROUP BY 1",
        *args,
    )
    found = {is_held_out: GroupCounts(*counts) for is_held_out, *counts in rows}
    nobody = GroupCounts(0, 0, 0)
    return found.get(False, nobody), found.get(True, nobody)


async def list_outcomes(
    connection: Connection,
    viewer: Viewer,
    period: Period,
    *,
    group: OutcomeGroup,
    is_success: bool | None,
    page: Page,
) -> Slice[OutcomeRow]:
    """A page of what a group's counts are made of, the newest first."""
    args, source = _chosen(viewer, period, group, is_success)
    sql = (
        f"SELECT {_COLUMNS} FROM {source} AND {NEWEST.beyond(args, page.after)} "
        f"ORDER BY {NEWEST.sql}"
    )
    return await fetch_slice(connection, sql, args, row=OutcomeRow, first=page.first)


async def count_outcomes(
    connection: Connection,
    viewer: Viewer,
    period: Period,
    *,
    group: OutcomeGroup,
    is_success: bool | None,
) -> int:
    """How many there are."""
    args, source = _chosen(viewer, period, group, is_success)
    return int(await connection.fetchval(f"SELECT count(*) FROM {source}", *args))


def _chosen(
    viewer: Viewer, period: Period, group: OutcomeGroup, is_success: bool | None
) -> tuple[Args, str]:
    condition, value = scope(viewer)
    args = Args(value)
    read = _engagers if group == OutcomeGroup.HIGH_ENGAGERS else _customers
    source = f"({read(args, period, condition)}) o WHERE true"
    if group != OutcomeGroup.HIGH_ENGAGERS:
        source += f" AND o.is_held_out = {args.add(group == OutcomeGroup.HELD_OUT)}::boolean"
    if is_success is not None:
        source += f" AND o.is_success = {args.add(is_success)}::boolean"
    return args, source
