"""Reading customers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.scoring import LEAST_DELIVERED
from domain.viewer import Viewer
from store.csms import CSM_OF_CUSTOMER
from store.database import Connection
from store.joined import Table, is_there
from store.paging import Args, Order, Page, Slice, columns, fetch_slice, matching
from store.scope import scope


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A row of `customer` with the domains declared to be its own, sorted."""

    id: int
    external_id: str | None
    name: str
    segment: str | None
    timezone: str | None
    renews_on: date | None
    csm_id: int | None
    created_at: datetime
    mass: float
    mass_before: float
    delivered: int
    last_engaged_at: datetime
    dark_at: datetime
    domains: list[str] = field(
        metadata={
            "sql": "ARRAY(SELECT owned.domain::text FROM customer_domain owned "
            "WHERE owned.customer_id = {t}.id ORDER BY 1)"
        }
    )


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Each member that is set narrows; `search` looks in name, external id and domains.

    `least_mass` and `most_mass` bound the stored sum of the score, `dark_by` when it goes dark.
    """

    search: str | None = None
    segment: str | None = None
    csm_id: int | None = None
    least_mass: float | None = None
    most_mass: float | None = None
    dark_by: datetime | None = None


NEVER = date(9999, 12, 31)
"""Where customers without a renewal date stand among renewal dates: last."""

ORDERS: dict[str, Order[CustomerRow]] = {
    order.name: order
    for order in (
        Order[CustomerRow]("NAME", ("c.name", "c.id"), (str, int), lambda r: (r.name, r.id)),
        Order[CustomerRow](
            "NAME_DESC", ("c.name", "c.id"), (str, int), lambda r: (r.name, r.id), True
        ),
        Order[CustomerRow](
            "RENEWS_ON",
            (f"coalesce(c.renews_on, '{NEVER}')", "c.id"),
            (date, int),
            lambda r: (r.renews_on or NEVER, r.id),
        ),
        Order[CustomerRow](
            "CREATED_AT_DESC",
            ("c.created_at", "c.id"),
            (datetime, int),
            lambda r: (r.created_at, r.id),
            True,
        ),
        Order[CustomerRow](
            "MOST_ENGAGED", ("c.mass", "c.id"), (float, int), lambda r: (r.mass, r.id), True
        ),
        Order[CustomerRow](
            "LAST_ENGAGED_AT",
            ("c.last_engaged_at", "c.id"),
            (datetime, int),
            lambda r: (r.last_engaged_at, r.id),
        ),
        Order[CustomerRow](
            "DARK_AT", ("c.dark_at", "c.id"), (datetime, int), lambda r: (r.dark_at, r.id)
        ),
    )
}
"""By the names that the API gives them."""

_COLUMNS = columns(CustomerRow, "c")


CUSTOMER = Table(CustomerRow, "c", is_there, {"csm": CSM_OF_CUSTOMER})
"""The customer `c` that a statement scopes its rows by, beside them."""


async def customers_by_ids(
    connection: Connection, viewer: Viewer, ids: Sequence[int]
) -> Sequence[CustomerRow]:
    """Those of the customers that the viewer sees."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM customer c WHERE {condition} AND c.id = ANY($2::bigint[])",
        value,
        ids,
    )
    return [CustomerRow(*record) for record in records]


async def customer_by_external_id(
    connection: Connection, viewer: Viewer, external_id: str
) -> CustomerRow | None:
    """The customer with that id in the company's own system, if the viewer sees it."""
    condition, value = scope(viewer, "c")
    record = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM customer c WHERE {condition} AND c.external_id = $2",
        value,
        external_id,
    )
    return None if record is None else CustomerRow(*record)


async def list_customers(
    connection: Connection,
    viewer: Viewer,
    chosen: CustomerFilter,
    *,
    order: Order[CustomerRow],
    page: Page,
) -> Slice[CustomerRow]:
    """The viewer's customers that pass the filter."""
    where, args = _where(viewer, chosen)
    sql = (
        f"SELECT {_COLUMNS} FROM customer c WHERE {where} "
        f"AND {order.beyond(args, page.after)} ORDER BY {order.sql}"
    )
    return await fetch_slice(connection, sql, args, row=CustomerRow, first=page.first)


async def count_customers(connection: Connection, viewer: Viewer, chosen: CustomerFilter) -> int:
    """How many customers pass the filter."""
    where, args = _where(viewer, chosen)
    sql = f"SELECT count(*) FROM customer c WHERE {where}"
    return int(await connection.fetchval(sql, *args))


def _where(viewer: Viewer, chosen: CustomerFilter) -> tuple[str, Args]:
    condition, value = scope(viewer, "c")
    args = Args(value)
    terms = [condition]
    if chosen.search is not None:
        text = args.add(matching(chosen.search))
        terms.append(
            f"(c.name ILIKE {text} OR c.external_id ILIKE {text} OR EXISTS (SELECT FROM "
            f"customer_domain owned WHERE owned.customer_id = c.id AND owned.domain ILIKE {text}))"
        )
    if chosen.segment is not None:
        terms.append(f"c.segment = {args.add(chosen.segment)}")
    if chosen.least_mass is not None:
        least = args.add(chosen.least_mass)
        terms.append(f"c.mass >= {least} AND c.delivered >= {LEAST_DELIVERED}")
    if chosen.most_mass is not None:
        terms.append(f"c.mass < {args.add(chosen.most_mass)}")
    if chosen.dark_by is not None:
        terms.append(f"c.dark_at <= {args.add(chosen.dark_by)}")
    if chosen.csm_id is not None:
        terms.append(f"c.csm_id = {args.add(chosen.csm_id)}")
    return " AND ".join(terms), args
