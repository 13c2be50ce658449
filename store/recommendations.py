"""Reading recommendations: whoever sees the customer sees them, but for those held out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.recommending import LIVE, Kind, Status
from domain.viewer import Role, Viewer
from store.database import Connection
from store.paging import Args, Order, columns
from store.scope import scope

NO_DAY = datetime(9999, 12, 31, tzinfo=UTC)
"""Where what has no day it is due stands in the order."""


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """A recommendation; `address` is that of a person who is nobody's stakeholder yet."""

    id: int
    kind: str
    status: str
    customer_id: int
    stakeholder_id: int | None
    address: str | None = field(
        metadata={"sql": "(SELECT a.address FROM address a WHERE a.id = {t}.address_id)"}
    )
    workflow_id: int | None
    campaign_id: int | None
    reason: str
    priority: int
    parts: Sequence[tuple[str, int]]
    evidence: Sequence[tuple[int, str]]
    topics: Sequence[str]
    talking_points: Sequence[str]
    is_risk: bool
    due_at: datetime | None
    expires_at: datetime
    snoozed_until: datetime | None
    started_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    because: str | None
    created_at: datetime
    changed_at: datetime


_COLUMNS = columns(RecommendationRow, "r")

MORNING: Order[RecommendationRow] = Order(
    "MORNING",
    ("(-r.priority)", "(coalesce(r.due_at, '9999-12-31Z'::timestamptz))", "r.id"),
    (int, datetime, int),
    lambda row: (-row.priority, row.due_at or NO_DAY, row.id),
)
"""The most urgent first, of those the one due first."""

TO_DO = (Status.OPEN, Status.STARTED)
"""What is listed where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class RecommendationFilter:
    """What to list; None means all."""

    statuses: tuple[Status, ...] = TO_DO
    kinds: tuple[Kind, ...] | None = None
    csm_id: int | None = None
    is_risk: bool | None = None

    def sql(self, args: Args) -> str:
        """The condition, statuses written out so that partial indexes serve."""
        found = ["NOT r.is_held_out", _statuses(self.statuses)]
        if self.kinds is not None:
            found.append(f"r.kind = ANY({args.add(list(self.kinds))}::text[])")
        if self.csm_id is not None:
            found.append(f"r.csm_id = {args.add(self.csm_id)}::bigint")
        if self.is_risk is not None:
            found.append(f"r.is_risk = {args.add(self.is_risk)}::boolean")
        return " AND ".join(found)


def _statuses(statuses: Sequence[Status]) -> str:
    if not statuses:
        return "false"
    written = ", ".join(f"'{status}'" for status in statuses)
    is_closed = " AND r.closed_at IS NOT NULL" if LIVE.isdisjoint(statuses) else ""
    return f"r.status IN ({written}){is_closed}"


def of_viewer(viewer: Viewer) -> tuple[str, int | None]:
    """Recommendations a viewer sees. A CSM's own id finds theirs by index; the customer's row
    decides."""
    condition, value = scope(viewer)
    own = " AND r.csm_id = $1::bigint" if viewer.role is Role.CSM else ""
    return (
        f"recommendation r JOIN customer c ON c.id = r.customer_id WHERE {condition}{own}",
        value,
    )


async def count_recommendations(
    connection: Connection, viewer: Viewer, chosen: RecommendationFilter
) -> int:
    """How many recommendations the viewer sees."""
    args = Args(scope(viewer)[1])
    return int(await connection.fetchval(counting(viewer, chosen, args), *args))


def counting(viewer: Viewer, chosen: RecommendationFilter, args: Args) -> str:
    """The statement that counts them."""
    return f"SELECT count(*) FROM {of_viewer(viewer)[0]} AND {chosen.sql(args)}"


async def recommendations_by_ids(
    connection: Connection, viewer: Viewer, ids: Sequence[int]
) -> list[RecommendationRow]:
    """Those of these recommendations that the viewer sees."""
    source, value = of_viewer(viewer)
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM {source} AND r.id = ANY($2::bigint[]) AND NOT r.is_held_out",
        value,
        ids,
    )
    return [RecommendationRow(*record) for record in records]


async def count_of_customers(
    connection: Connection,
    viewer: Viewer,
    customer_ids: Sequence[int],
    *,
    chosen: RecommendationFilter,
) -> Mapping[int, int]:
    """How many recommendations each customer has."""
    source, value = of_viewer(viewer)
    args = Args(value)
    sql = (
        f"SELECT r.customer_id, count(*) FROM {source} AND {chosen.sql(args)} "
        f"AND r.customer_id = ANY({args.add(customer_ids)}::bigint[]) GROUP BY 1"
    )
    return dict(await connection.fetch(sql, *args))


_OF_RECIPIENTS = (
    "FROM recipient w JOIN match m ON m.address_id = w.address_id "
    "JOIN customer c ON c.id = m.customer_id JOIN recommendation r ON r.customer_id = c.id "
    "AND (r.stakeholder_id = m.stakeholder_id OR r.address_id = w.address_id "
    "OR (r.stakeholder_id IS NULL AND r.address_id IS NULL)) "
    "WHERE {condition} AND w.id = ANY($2::bigint[]) "
    "AND EXISTS (SELECT FROM jsonb_array_elements(r.evidence) e WHERE (e->>0)::bigint = w.id)"
)
"""Recommendations that rest on what recipients did."""


async def recommendations_of_recipients(
    connection: Connection, viewer: Viewer, recipient_ids: Sequence[int]
) -> Mapping[int, list[RecommendationRow]]:
    """What rests on each recipient, the latest first, whatever has become of it."""
    condition, value = scope(viewer)
    records = await connection.fetch(
        f"SELECT w.id, {_COLUMNS} {_OF_RECIPIENTS.format(condition=condition)} "
        "AND NOT r.is_held_out ORDER BY r.id DESC",
        value,
        recipient_ids,
    )
    found: dict[int, list[RecommendationRow]] = {}
    for recipient_id, *record in records:
        found.setdefault(recipient_id, []).append(RecommendationRow(*record))
    return found


async def held_out_recipients(
    connection: Connection, viewer: Viewer, recipient_ids: Sequence[int]
) -> Mapping[int, bool]:
    """Those of these recipients about whom nobody is told what is recommended."""
    condition, value = scope(viewer)
    records = await connection.fetch(
        f"SELECT DISTINCT w.id {_OF_RECIPIENTS.format(condition=condition)} AND r.is_held_out",
        value,
        recipient_ids,
    )
    return {row[0]: True for row in records}
