"""Pages of a campaign's recipients, each with what was selected of its matches, their customers and
stakeholders: one statement for them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.viewer import Viewer
from store.campaigns import CampaignRow, is_seen
from store.customers import CUSTOMER
from store.database import Connection
from store.joined import WHOLE, Table, Wanted, is_there, joined
from store.paging import Args, Page, Slice
from store.parts import Names, part
from store.recipients import BY_ADDRESS, RECIPIENT, MatchRow, RecipientFilter, RecipientRow, where
from store.scope import scope
from store.stakeholders import stakeholder_of


def _match(viewer: Viewer) -> str:
    return (
        "LEFT JOIN (match m JOIN customer c ON c.id = m.customer_id "
        f"AND {scope(viewer, 'c')[0]}) ON m.address_id = r.address_id"
    )


_MATCH = Table(
    MatchRow,
    "m",
    _match,
    {"customer": CUSTOMER, "stakeholder": stakeholder_of("m")},
    is_many=True,
)
_RECIPIENT = Table(RecipientRow, "r", is_there, {"matches": _MATCH})

_PLACED = frozenset({"address_id"})
"""What a row is read with in any case: its place in the order."""


async def recipients_of_campaigns(
    connection: Connection,
    viewer: Viewer,
    campaign_ids: Sequence[int],
    *,
    chosen: RecipientFilter,
    page: Page,
    wanted: Wanted = WHOLE,
) -> Mapping[int, Slice[RecipientRow]]:
    """A page of each campaign's recipients, of those that the viewer sees. The surest of a
    recipient's matches comes first."""
    read = joined(_RECIPIENT, wanted.with_names(_PLACED))
    condition, args = where(viewer, chosen)
    # How many there can be at most is written out: so the plan is kept.
    asked = ", ".join(f"({args.add(id_)}::bigint)" for id_ in campaign_ids)
    records = await connection.fetch(
        f"SELECT asked.id, {read.columns} FROM (VALUES {asked}) asked(id) "
        f"JOIN {_rows(args, condition, page)} ON true {read.joins(viewer)} {_order(wanted)}",
        *args,
    )
    return read.pages(records, page)


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """A campaign, as far as it was selected, with a page of its recipients; how many there are in
    all, where that was asked for."""

    campaign: CampaignRow
    recipients: Slice[RecipientRow]
    total: int | None


async def campaign_page(
    connection: Connection,
    viewer: Viewer,
    campaign_id: int,
    *,
    names: Names,
    page: Page,
    wanted: Wanted,
    is_counted: bool,
) -> CampaignPage | None:
    """The campaign and a page of its recipients; None where the viewer sees no such campaign."""
    campaign, read = part(CampaignRow, "k", names), joined(_RECIPIENT, wanted.with_names(_PLACED))
    condition, args = where(viewer, RecipientFilter())
    seen, _ = is_seen(viewer)
    count = f"SELECT count(*) FROM {RECIPIENT} WHERE r.campaign_id = asked.id AND {condition}"
    records = await connection.fetch(
        f"SELECT {campaign.sql}, {f'({count})' if is_counted else 'NULL::bigint'}, {read.columns} "
        f"FROM (VALUES ({args.add(campaign_id)}::bigint)) asked(id) "
        f"JOIN campaign k ON k.id = asked.id AND {seen} "
        f"LEFT JOIN {_rows(args, condition, page)} ON true {read.joins(viewer)} {_order(wanted)}",
        *args,
    )
    if not records:
        return None
    end = campaign.size
    rows = read.made([record for record in records if record[end + 1] is not None], end + 1)
    return CampaignPage(
        campaign.make(records[0][:end]),
        Slice(rows[: page.first], len(rows) > page.first),
        records[0][end],
    )


def _rows(args: Args, condition: str, page: Page) -> str:
    """The recipients of `asked.id` that are on a page, and one more, with their addresses."""
    found = (
        f"SELECT r.* FROM {RECIPIENT} WHERE r.campaign_id = asked.id AND {condition} "
        f"AND {BY_ADDRESS.beyond(args, page.after)} ORDER BY {BY_ADDRESS.sql} "
        f"LIMIT {page.first + 1}"
    )
    return f"(LATERAL ({found}) r JOIN address a ON a.id = r.address_id)"


def _order(wanted: Wanted) -> str:
    """By address, then campaign, then the surest match."""
    has_matches = any(name == "matches" for name, _ in wanted.beside)
    surest = ", m.confidence DESC, m.customer_id" if has_matches else ""
    return f"ORDER BY {BY_ADDRESS.sql}, r.id{surest}"
