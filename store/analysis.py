"""Reading the counters: what became of campaigns, by whom, when and through which links.

Figures are of the viewer's part (`store.scope.scope_part`); they follow what happens within
seconds, as counting does. What is not held to be a bulk send has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.parts import ALL, CSMS, segments_of
from domain.viewer import Viewer
from store.campaigns import CampaignFilter, FunnelRow, conditions
from store.counters import COUNTS, LINK_COUNTS
from store.database import Connection
from store.scope import scope_part

_SUMS = ", ".join(f"sum(n.{name})::bigint" for name in COUNTS)
_CAMPAIGNS = "JOIN campaign k ON k.id = n.campaign_id AND NOT k.is_provisional"
_HAS_SOME = "HAVING sum(n.recipients) > 0"


@dataclass(frozen=True, slots=True)
class Counts(FunnelRow):
    """Unique recipients as in the funnel, those engaged, and sums of what they did."""

    engaged: int = 0
    opens_human: int = 0
    opens_machine: int = 0
    clicks_human: int = 0
    clicks_machine: int = 0

    @property
    def bounced(self) -> int:
        """Whose mail came back, hard or soft."""
        return self.bounced_hard + self.bounced_soft

    @property
    def external(self) -> int:
        """Everybody but the company's own."""
        return self.recipients - self.internal

    @property
    def matched(self) -> int:
        """Those who are some customer's."""
        return self.external - self.unmatched


NOTHING = Counts()


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Unique recipients who followed a link, and how often it was followed."""

    url: str
    clickers_human: int
    clickers_machine: int
    clicks_human: int
    clicks_machine: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """What some recipients did: `key` says which, `campaigns` of how many campaigns."""

    key: tuple[str | int | None, ...]
    campaigns: int
    counts: Counts


Bins = Mapping[str, Mapping[int, int]]
"""Kind of bin (`store.counters.BINS`) → bin → recipients."""


async def totals(
    connection: Connection, viewer: Viewer, campaign_ids: Sequence[int]
) -> Mapping[int, Counts]:
    """What became of each campaign in all."""
    rows = await connection.fetch(
        f"SELECT n.campaign_id, {_SUMS} FROM campaign_counter n {_CAMPAIGNS} "
        "WHERE n.campaign_id = ANY($1::bigint[]) AND n.part = $2 GROUP BY 1",
        campaign_ids,
        scope_part(viewer),
    )
    return {campaign_id: Counts(*counts) for campaign_id, *counts in rows}


async def segments_of_campaigns(
    connection: Connection, viewer: Viewer, campaign_ids: Sequence[int]
) -> Mapping[int, list[GroupRow]]:
    """By segment of the customers reached; None stands for those without one."""
    part = scope_part(viewer)
    return {} if part is None else await _parts(connection, campaign_ids, segments_of(part))


async def csms_of_campaigns(
    connection: Connection, viewer: Viewer, campaign_ids: Sequence[int]
) -> Mapping[int, list[GroupRow]]:
    """By CSM of the customers reached (None: they have none): all, or a CSM's own part alone."""
    part = scope_part(viewer)
    if part is None:
        return {}
    found = await _parts(connection, campaign_ids, CSMS if part == ALL else part)
    return {
        campaign: [GroupRow((_csm_id(row.key[0]),), row.campaigns, row.counts) for row in rows]
        for campaign, rows in found.items()
    }


def _csm_id(text: str | int | None) -> int | None:
    return int(text or 0) or None


async def _parts(
    connection: Connection, campaign_ids: Sequence[int], prefix: str
) -> Mapping[int, list[GroupRow]]:
    """The parts that begin with a prefix that ends in a slash, or the one of that very name."""
    rows = await connection.fetch(
        f"SELECT n.campaign_id, n.part, {_SUMS} FROM campaign_counter n {_CAMPAIGNS} "
        f"WHERE n.campaign_id = ANY($1::bigint[]) AND {_BEGINS} "
        f"GROUP BY 1, 2 {_HAS_SOME} ORDER BY 1, 2",
        campaign_ids,
        *_range(prefix),
    )
    found: dict[int, list[GroupRow]] = {}
    for campaign_id, part, *counts in rows:
        row = GroupRow((_name(part, prefix),), 1, Counts(*counts))
        found.setdefault(campaign_id, []).append(row)
    return found


_BEGINS = "n.part >= $2 AND n.part < $3"


def _range(prefix: str) -> tuple[str, str]:
    """The least name of a part that is meant, and the least that follows them all."""
    if prefix.endswith("/"):
        return prefix, prefix[:-1] + "0"
    return prefix, prefix + "\x01"


def _name(part: str, prefix: str) -> str | None:
    return part[len(prefix) :] or None if prefix.endswith("/") else part.rpartition("/")[2]


async def everybodys(
    connection: Connection, _: Viewer, campaign_ids: Sequence[int]
) -> Mapping[int, list[Counts]]:
    """Every portfolio's counts, for an average; none of it may be told by itself."""
    found = await _parts(connection, campaign_ids, CSMS)
    return {
        campaign: [row.counts for row in rows if row.key[0] != "0"]
        for campaign, rows in found.items()
    }


async def bins_of_campaigns(
    connection: Connection, viewer: Viewer, campaign_ids: Sequence[int]
) -> Mapping[int, Bins]:
    """When people first opened and clicked: hours of their week, and classes of delays."""
    rows = await connection.fetch(
        "SELECT n.campaign_id, n.kind, n.bin, sum(n.recipients)::bigint "
        f"FROM campaign_bin_counter n {_CAMPAIGNS} WHERE n.campaign_id = ANY($1::bigint[]) "
        f"AND n.part = $2 GROUP BY 1, 2, 3 {_HAS_SOME} ORDER BY 1, 2, 3",
        campaign_ids,
        scope_part(viewer),
    )
    found: dict[int, dict[str, dict[int, int]]] = {}
    for campaign_id, kind, bin_, recipients in rows:
        found.setdefault(campaign_id, {}).setdefault(kind, {})[bin_] = recipients
    return found


async def links_of_campaigns(
    connection: Connection, viewer: Viewer, campaign_ids: Sequence[int], *, first: int
) -> Mapping[int, list[LinkRow]]:
    """The links that were followed, those most people followed first; `first` of each campaign."""
    sums = ", ".join(f"sum(n.{name})::bigint AS {name}" for name in LINK_COUNTS)
    rows = await connection.fetch(
        f"SELECT asked.id, found.* FROM unnest($1::bigint[]) asked(id) CROSS JOIN LATERAL "
        f"(SELECT min(n.url) AS url, {sums} FROM campaign_link_counter n {_CAMPAIGNS} "
        "WHERE n.campaign_id = asked.id AND n.part = $2 GROUP BY n.url_hash "
        "HAVING sum(n.clickers_human) > 0 OR sum(n.clickers_machine) > 0 "
        "ORDER BY clickers_human DESC, clicks_human DESC, clickers_machine DESC, url LIMIT $3) "
        "found",
        campaign_ids,
        scope_part(viewer),
        first,
    )
    found: dict[int, list[LinkRow]] = {}
    for campaign_id, *link in rows:
        found.setdefault(campaign_id, []).append(LinkRow(*link))
    return found


GROUPS = {
    "ALL": ("", "NULL::text"),
    "TYPE": ("", "k.type"),
    "TOPIC": ("CROSS JOIN LATERAL jsonb_array_elements_text(k.topics) topic(name)", "topic.name"),
    "SEND_TIME": (
        "CROSS JOIN LATERAL (SELECT k.sent_at AT TIME ZONE {zone} AS at) there",
        "extract(isodow FROM there.at)::int, extract(hour FROM there.at)::int",
    ),
    "PART": ("", "n.part"),
}
"""What campaigns may be grouped by: what to join, and the key's expressions."""


async def performance(
    connection: Connection,
    viewer: Viewer,
    chosen: CampaignFilter,
    *,
    by: str,
    timezone: str = "UTC",
) -> list[GroupRow]:
    """What became of the viewer's part of the campaigns chosen, by one of GROUPS but PART."""
    where, args = conditions(viewer, chosen)
    joined, key = GROUPS[by]
    if by == "SEND_TIME":
        joined = joined.format(zone=args.add(timezone))
        where += " AND k.sent_at IS NOT NULL"
    return await _grouped(
        connection, f"{joined} WHERE {where} AND n.part = {args.add(scope_part(viewer))}", key, args
    )


async def performance_of_segments(
    connection: Connection, viewer: Viewer, chosen: CampaignFilter
) -> list[GroupRow]:
    """What became of the viewer's part of the campaigns chosen, by segment."""
    part = scope_part(viewer)
    if part is None:
        return []
    prefix = segments_of(part)
    rows = await _across_parts(connection, viewer, chosen, prefix)
    return [GroupRow((_name(str(r.key[0]), prefix),), r.campaigns, r.counts) for r in rows]


async def portfolios(
    connection: Connection, viewer: Viewer, chosen: CampaignFilter
) -> list[GroupRow]:
    """What became of the campaigns chosen in every portfolio, by CSM (None: customers without).

    A CSM's own may be told; of the others only what they have in common.
    """
    rows = await _across_parts(connection, viewer, chosen, CSMS)
    return [
        GroupRow((_csm_id(str(r.key[0]).removeprefix(CSMS)),), r.campaigns, r.counts) for r in rows
    ]


async def _across_parts(
    connection: Connection, viewer: Viewer, chosen: CampaignFilter, prefix: str
) -> list[GroupRow]:
    where, args = conditions(viewer, chosen)
    low, high = (args.add(bound) for bound in _range(prefix))
    where += f" AND n.part >= {low} AND n.part < {high}"
    return await _grouped(connection, f"WHERE {where}", GROUPS["PART"][1], args)


async def _grouped(
    connection: Connection, rest: str, key: str, args: Sequence[object]
) -> list[GroupRow]:
    rows = await connection.fetch(
        f"SELECT ARRAY[{key}] AS key, count(DISTINCT n.campaign_id), {_SUMS} "
        f"FROM campaign_counter n JOIN campaign k ON k.id = n.campaign_id {rest} "
        f"GROUP BY 1 {_HAS_SOME} ORDER BY 1",
        *args,
    )
    return [GroupRow(tuple(key), n, Counts(*counts)) for key, n, *counts in rows]


async def customers_of_csms(connection: Connection, csm_ids: Sequence[int]) -> Mapping[int, int]:
    """How many customers each CSM has; callers pass CSMs that the viewer may know of."""
    rows = await connection.fetch(
        "SELECT csm_id, count(*) FROM customer WHERE csm_id = ANY($1::bigint[]) GROUP BY 1", csm_ids
    )
    return dict(rows)
