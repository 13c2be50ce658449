"""Reading stakeholders: whoever sees the customer sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.viewer import Viewer
from store.database import Connection
from store.joined import Table
from store.paging import Args, Order, Page, Slice, columns, fetch_slice, fetch_slices, matching
from store.scope import scope


@dataclass(frozen=True, slots=True)
class StakeholderRow:
    """A row of `stakeholder` with its addresses, the primary one first."""

    id: int
    customer_id: int
    external_id: str | None
    name: str | None
    title: str | None
    timezone: str | None
    tracking_consent: str
    addresses: list[str] = field(
        metadata={
            "sql": "ARRAY(SELECT known.address::text FROM stakeholder_address known "
            "WHERE known.stakeholder_id = {t}.id ORDER BY known.is_primary DESC, known.id)"
        }
    )
    is_suppressed: bool = field(
        metadata={
            "sql": "EXISTS (SELECT FROM stakeholder_address known "
            "JOIN address a ON a.address = known.address "
            "JOIN suppression p ON p.address_id = a.id WHERE known.stakeholder_id = {t}.id)"
        }
    )


BY_NAME: Order[StakeholderRow] = Order(
    "NAME",
    ("coalesce(s.name, '')", "s.id"),
    (str, int),
    lambda row: (row.name or "", row.id),
)

_COLUMNS = columns(StakeholderRow, "s")


def stakeholder_of(owner: str) -> Table:
    """The stakeholder beside rows under the alias `owner`, which hold its id."""

    def join(viewer: Viewer) -> str:
        condition, _ = scope(viewer, "employer")
        return (
            "LEFT JOIN (stakeholder s JOIN customer employer ON employer.id = s.customer_id "
            f"AND {condition}) ON s.id = {owner}.stakeholder_id"
        )

    return Table(StakeholderRow, "s", join)


async def stakeholders_by_ids(
    connection: Connection, viewer: Viewer, ids: Sequence[int]
) -> Sequence[StakeholderRow]:
    """Those of the stakeholders whose customer the viewer sees."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM stakeholder s JOIN customer c ON c.id = s.customer_id "
        f"WHERE {condition} AND s.id = ANY($2::bigint[])",
        value,
        ids,
    )
    return [StakeholderRow(*record) for record in records]


async def list_called(
    connection: Connection, viewer: Viewer, text: str, *, page: Page
) -> Slice[StakeholderRow]:
    """A page of the viewer's stakeholders with the text in name, title or an address."""
    where, args = _called(viewer, text)
    sql = (
        f"SELECT {_COLUMNS} FROM stakeholder s JOIN customer c ON c.id = s.customer_id "
        f"WHERE {where} AND {BY_NAME.beyond(args, page.after)} ORDER BY {BY_NAME.sql}"
    )
    return await fetch_slice(connection, sql, args, row=StakeholderRow, first=page.first)


async def count_called(connection: Connection, viewer: Viewer, text: str) -> int:
    """How many that is in all."""
    where, args = _called(viewer, text)
    sql = (
        f"SELECT count(*) FROM stakeholder s JOIN customer c ON c.id = s.customer_id WHERE {where}"
    )
    return int(await connection.fetchval(sql, *args))


def _called(viewer: Viewer, text: str) -> tuple[str, Args]:
    condition, value = scope(viewer, "c")
    args = Args(value)
    pattern = args.add(matching(text))
    return (
        f"{condition} AND (s.name ILIKE {pattern} OR s.title ILIKE {pattern} OR EXISTS (SELECT "
        "FROM stakeholder_address known WHERE known.stakeholder_id = s.id "
        f"AND known.address::text ILIKE {pattern}))"
    ), args


async def stakeholders_of_customers(
    connection: Connection, viewer: Viewer, customer_ids: Sequence[int], *, page: Page
) -> Mapping[int, Slice[StakeholderRow]]:
    """A page of each customer's stakeholders, by name."""
    condition, value = scope(viewer, "c")
    args = Args(value)
    sql = (
        f"SELECT c.id, found.* FROM customer c CROSS JOIN LATERAL (SELECT {_COLUMNS} "
        f"FROM stakeholder s WHERE s.customer_id = c.id AND {BY_NAME.beyond(args, page.after)} "
        f"ORDER BY {BY_NAME.sql} LIMIT {args.add(page.first + 1)}) found "
        f"WHERE {condition} AND c.id = ANY({args.add(customer_ids)}::bigint[])"
    )
    return await fetch_slices(connection, sql, args, row=StakeholderRow, first=page.first)


async def count_stakeholders(
    connection: Connection, viewer: Viewer, customer_ids: Sequence[int]
) -> Mapping[int, int]:
    """How many stakeholders each customer has."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        "SELECT s.customer_id, count(*) FROM stakeholder s "
        f"JOIN customer c ON c.id = s.customer_id WHERE {condition} "
        "AND c.id = ANY($2::bigint[]) GROUP BY s.customer_id",
        value,
        customer_ids,
    )
    return dict(records)
