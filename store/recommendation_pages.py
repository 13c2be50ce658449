"""Pages of recommendations, each with what was selected of its customer, their CSM, the stakeholder
and the campaign: one statement a page.

The page's rows are found first, and their number is written out: whatever is joined to so few is
looked up by its key, and the plan is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.viewer import Viewer
from store.campaigns import CampaignRow, is_seen
from store.customers import CUSTOMER
from store.database import Connection
from store.joined import WHOLE, Joined, Table, Wanted, is_there, joined
from store.paging import Args, Page, Slice
from store.recommendations import (
    MORNING,
    RecommendationFilter,
    RecommendationRow,
    counting,
    of_viewer,
)
from store.scope import scope
from store.stakeholders import stakeholder_of


def _campaign(viewer: Viewer) -> str:
    # OFFSET 0 keeps the planner from asking of every campaign there is.
    return (
        "LEFT JOIN LATERAL (SELECT k.* FROM campaign k WHERE k.id = r.campaign_id "
        f"AND {is_seen(viewer)[0]} OFFSET 0) k ON true"
    )


_RECOMMENDATION = Table(
    RecommendationRow,
    "r",
    is_there,
    {
        "customer": CUSTOMER,
        "stakeholder": stakeholder_of("r"),
        "campaign": Table(CampaignRow, "k", _campaign),
    },
)

_PLACED = frozenset({"priority", "due_at"})
"""What a row is read with in any case, beside its id: its place in the order."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page, and how many rows the whole list has; None where that was not read with it."""

    page: Slice[RecommendationRow]
    total: int | None = None


async def list_recommendations(
    connection: Connection,
    viewer: Viewer,
    chosen: RecommendationFilter,
    page: Page,
    *,
    wanted: Wanted = WHOLE,
    is_counted: bool = False,
) -> Listed:
    """A page of what the viewer is to do, the most urgent first. Where it `is_counted`, and there
    is a row, the whole list is."""
    read = _read(wanted)
    source, value = of_viewer(viewer)
    args = Args(value)
    found = f"SELECT r.* FROM {source} AND {_narrowed(args, chosen, page)}"
    counted = f"({counting(viewer, chosen, args)}), " if is_counted else ""
    records = await connection.fetch(
        f"SELECT {counted}{read.columns} FROM ({found}) r JOIN customer c ON c.id = r.customer_id "
        f"{read.joins(viewer)} ORDER BY {MORNING.sql}",
        *args,
    )
    rows = read.made(records[: page.first], int(is_counted))
    total = records[0][0] if is_counted and records else None
    return Listed(Slice(rows, len(records) > page.first), total)


async def recommendations_of_customers(
    connection: Connection,
    viewer: Viewer,
    customer_ids: Sequence[int],
    *,
    chosen: RecommendationFilter,
    page: Page,
    wanted: Wanted = WHOLE,
) -> Mapping[int, Slice[RecommendationRow]]:
    """A page of each customer's recommendations, the most urgent first."""
    read = _read(wanted)
    condition, value = scope(viewer)
    args = Args(value)
    owned = args.add(customer_ids)
    found = (
        "SELECT r.* FROM recommendation r WHERE r.customer_id = c.id "
        f"AND {_narrowed(args, chosen, page)}"
    )
    records = await connection.fetch(
        f"SELECT c.id, {read.columns} FROM customer c CROSS JOIN LATERAL ({found}) r "
        f"{read.joins(viewer)} WHERE {condition} AND c.id = ANY({owned}::bigint[]) "
        f"ORDER BY {MORNING.sql}",
        *args,
    )
    return read.pages(records, page)


def _read(wanted: Wanted) -> Joined:
    return joined(_RECOMMENDATION, wanted.with_names(_PLACED))


def _narrowed(args: Args, chosen: RecommendationFilter, page: Page) -> str:
    """Which rows are a page's, and one more."""
    return (
        f"{chosen.sql(args)} AND {MORNING.beyond(args, page.after)} "
        f"ORDER BY {MORNING.sql} LIMIT {page.first + 1}"
    )
