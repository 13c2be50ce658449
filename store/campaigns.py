"""Reading campaigns. Provisional ones are none yet: who sees all finds them by asking for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from domain.topics import topics_of
from domain.viewer import Viewer
from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slice, matching
from store.scope import scope, scope_address, scope_campaign


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A row of `campaign`; `topics` are names, `said_…` what a person said of it."""

    id: int
    provider: str
    external_id: str
    name: str
    subject: str | None
    tag: str | None
    type: str | None
    type_confidence: float | None
    topics: list[str]
    detection: str
    sent_at: datetime | None
    is_provisional: bool
    is_declared: bool
    signs: list[str]
    said_type: str | None
    said_bulk: bool | None
    said_at: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignFilter:
    """Each member that is set narrows; `search` looks in name and subject. `provisional` lists
    those instead of campaigns."""

    type: str | None = None
    search: str | None = None
    sent_since: datetime | None = None
    sent_until: datetime | None = None
    provider: str | None = None
    provisional: bool = False


UNSENT = datetime(1970, 1, 1, tzinfo=UTC)
"""Where campaigns of unknown send time stand among send times: before all others."""

_SENT = ("coalesce(k.sent_at, 'epoch')", "k.id")
_NAME = ("k.name", "k.id")

ORDERS: dict[str, Order[CampaignRow]] = {
    order.name: order
    for order in (
        Order[CampaignRow](
            "SENT_AT_DESC", _SENT, (datetime, int), lambda r: (r.sent_at or UNSENT, r.id), True
        ),
        Order[CampaignRow](
            "SENT_AT", _SENT, (datetime, int), lambda r: (r.sent_at or UNSENT, r.id)
        ),
        Order[CampaignRow]("NAME", _NAME, (str, int), lambda r: (r.name, r.id)),
        Order[CampaignRow]("NAME_DESC", _NAME, (str, int), lambda r: (r.name, r.id), True),
    )
}
"""By the names that the API gives them."""

_COLUMNS = columns(CampaignRow, "k")


async def campaigns_by_ids(
    connection: Connection, viewer: Viewer, ids: Sequence[int]
) -> Sequence[CampaignRow]:
    """Those of the campaigns that the viewer sees; who sees all also sees provisional ones."""
    seen, value = is_seen(viewer)
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM campaign k WHERE {seen} AND k.id = ANY($2::bigint[])",
        value,
        ids,
    )
    return [CampaignRow(*record) for record in records]


def is_seen(viewer: Viewer) -> tuple[str, int | None]:
    """The condition on a campaign `k` that is looked up by its id: that the viewer sees it.

    One recipient of the portfolio's is looked for in it, and the first is enough; OFFSET 0 keeps
    the planner from listing what else the portfolio was sent.
    """
    condition, value = scope(viewer, "scoped")
    if viewer.may_read_all:
        return condition, value
    return (
        "NOT k.is_provisional AND EXISTS (SELECT FROM customer scoped "
        "JOIN match reach ON reach.customer_id = scoped.id JOIN recipient sent "
        "ON (sent.campaign_id, sent.address_id) = (k.id, reach.address_id) "
        f"WHERE {condition} OFFSET 0)"
    ), value


async def ids_by_external_id(connection: Connection, external_id: str) -> list[int]:
    """The campaigns that some platform knows by this id; they are not scoped yet."""
    rows = await connection.fetch(
        "SELECT id FROM campaign WHERE external_id = $1 AND NOT is_provisional ORDER BY id",
        external_id,
    )
    return [row[0] for row in rows]


async def list_campaigns(
    connection: Connection,
    viewer: Viewer,
    chosen: CampaignFilter,
    *,
    order: Order[CampaignRow],
    page: Page,
) -> Slice[CampaignRow]:
    """The campaigns that reached a customer of the viewer's and pass the filter."""
    where, args = conditions(viewer, chosen)
    sql = (
        f"SELECT {_COLUMNS} FROM campaign k WHERE {where} "
        f"AND {order.beyond(args, page.after)} ORDER BY {order.sql}"
    )
    return await fetch_slice(connection, sql, args, row=CampaignRow, first=page.first)


async def count_campaigns(connection: Connection, viewer: Viewer, chosen: CampaignFilter) -> int:
    """How many campaigns pass the filter."""
    where, args = conditions(viewer, chosen)
    sql = f"SELECT count(*) FROM campaign k WHERE {where}"
    return int(await connection.fetchval(sql, *args))


def conditions(viewer: Viewer, chosen: CampaignFilter) -> tuple[str, Args]:
    """What holds of the campaigns `k` that the viewer sees and that pass the filter."""
    condition, value = scope_campaign(viewer, "k.id")
    args = Args(value)
    shown = "NOT k.is_provisional"
    if chosen.provisional:
        shown = "k.is_provisional" if viewer.may_read_all else "false"
    terms = [condition, shown]
    if chosen.type is not None:
        terms.append(f"k.type = {args.add(chosen.type)}")
    if chosen.search is not None:
        text = args.add(matching(chosen.search))
        terms.append(f"(k.name ILIKE {text} OR k.subject ILIKE {text})")
    if chosen.sent_since is not None:
        terms.append(f"k.sent_at >= {args.add(chosen.sent_since)}")
    if chosen.sent_until is not None:
        terms.append(f"k.sent_at < {args.add(chosen.sent_until)}")
    if chosen.provider is not None:
        terms.append(f"k.provider = {args.add(chosen.provider)}")
    return " AND ".join(terms), args


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """Unique recipients of one campaign, of those the viewer sees."""

    recipients: int = 0
    internal: int = 0
    unmatched: int = 0
    delivered: int = 0
    openers_human: int = 0
    openers_machine: int = 0
    clickers_human: int = 0
    clickers_machine: int = 0
    repliers: int = 0
    forwarders: int = 0
    unsubscribers: int = 0
    bounced_hard: int = 0
    bounced_soft: int = 0
    complained: int = 0
    rejected: int = 0


STEPS = {
    "recipients": "true",
    "internal": "a.unmatched_reason IN ('INTERNAL', 'ERASED')",
    "unmatched": "a.unmatched_reason NOT IN ('INTERNAL', 'ERASED')",
    "delivered": "r.status IN ('DELIVERED', 'COMPLAINED')",
    "openers_human": "r.opens_human > 0",
    "openers_machine": "r.opens_machine > 0",
    "clickers_human": "r.clicks_human > 0",
    "clickers_machine": "r.clicks_machine > 0",
    "repliers": "r.replied_at IS NOT NULL",
    "forwarders": "r.forwarded_at IS NOT NULL",
    "unsubscribers": "r.unsubscribed_at IS NOT NULL",
    "bounced_hard": "r.status = 'HARD_BOUNCED'",
    "bounced_soft": "r.status = 'SOFT_BOUNCED'",
    "complained": "r.status = 'COMPLAINED'",
    "rejected": "r.status = 'REJECTED'",
    "engaged": "r.engaged",
}
"""Who counts at each step of the funnel. Whoever was erased is nobody to be matched."""

_COUNTS = ", ".join(f"count(*) FILTER (WHERE {STEPS[step.name]})" for step in fields(FunnelRow))


async def funnels(
    connection: Connection, viewer: Viewer, campaign_ids: Sequence[int]
) -> Mapping[int, FunnelRow]:
    """What became of each campaign among the recipients that the viewer sees."""
    condition, value = scope_address(viewer, "r.address_id")
    records = await connection.fetch(
        f"SELECT r.campaign_id, {_COUNTS} FROM recipient r "
        f"JOIN address a ON a.id = r.address_id WHERE {condition} "
        "AND r.campaign_id = ANY($2::bigint[]) GROUP BY r.campaign_id",
        value,
        campaign_ids,
    )
    return {campaign_id: FunnelRow(*counts) for campaign_id, *counts in records}


async def link_topics(
    connection: Connection, links: Sequence[tuple[int, str]]
) -> Mapping[tuple[int, str], Sequence[str]]:
    """The topics of links by (campaign, url): those declared, else what the URL itself tells.

    Callers pass links of recipients that the viewer sees.
    """
    records = await connection.fetch(
        "SELECT l.campaign_id, l.url, l.topics FROM campaign_link l "
        "JOIN unnest($1::bigint[], $2::text[]) asked(campaign_id, url) USING (campaign_id, url)",
        [campaign_id for campaign_id, _ in links],
        [url for _, url in links],
    )
    declared = {(campaign_id, url): topics for campaign_id, url, topics in records}
    return {link: declared.get(link) or topics_of(link[1]) for link in links}


async def declare_types(connection: Connection, types: Mapping[tuple[str, str], str]) -> None:
    """Keep the types told for campaigns, by (provider, external id), where they have none."""
    ordered = sorted(types)
    await connection.execute(
        "UPDATE campaign k SET declared_type = told.type "
        "FROM unnest($1::text[], $2::text[], $3::text[]) told(provider, external_id, type) "
        "WHERE k.provider = told.provider AND k.external_id = told.external_id "
        "AND k.declared_type IS NULL",
        [provider for provider, _ in ordered],
        [external_id for _, external_id in ordered],
        [types[campaign] for campaign in ordered],
    )
