"""Reading the counters: what became of campaigns, by whom, when and through which links.

Figures are of the viewer's part (`store.scope.scope_part`); they follow what happens within
seconds, as counting does. What is not held to be a bulk send has none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.parts import ALL, CSMS, segments_of
from domain.viewer import Viewer
from store.campaigns import CampaignFilter, FunnelRow, conditions
from store.counters import COUNTS, LINK_COUNTS
from store.database import Connection
from store.figures import Figure, Told
from store.paging import Args
from store.scope import scope_part

_SUMS = ", ".join(f"sum(n.{name})::bigint" for name in COUNTS)
_NUMBERS = f"ARRAY[{_SUMS}]"
_OF = "n.campaign_id = k.id AND NOT k.is_provisional"
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


def _totals(viewer: Viewer, args: Args) -> str:
    return (
        f"SELECT n.part, {_NUMBERS} FROM campaign_counter n "
        f"WHERE {_OF} AND n.part = {args.add(scope_part(viewer))} GROUP BY n.part"
    )


totals = Figure(_totals, lambda _, rows: Counts(*rows[0][1]) if rows else NOTHING)
"""What became of a campaign in all."""


def _same(name: str | None) -> str | int | None:
    return name


def _by_part(
    prefix_of: Callable[[Viewer], str | None],
    key_of: Callable[[str | None], str | int | None] = _same,
) -> Figure[list[GroupRow]]:
    """By part, of those that begin with what a viewer may know (see `_begins`), and by a key of the
    rest of its name."""

    def select(viewer: Viewer, args: Args) -> str:
        return (
            f"SELECT n.part, {_NUMBERS} FROM campaign_counter n "
            f"WHERE {_OF} AND {_begins(args, prefix_of(viewer))} "
            f"GROUP BY n.part {_HAS_SOME} ORDER BY n.part"
        )

    def made(viewer: Viewer, rows: Sequence[Told]) -> list[GroupRow]:
        prefix = prefix_of(viewer) or ""
        return [
            GroupRow((key_of(_name(part, prefix)),), 1, Counts(*counts)) for part, counts in rows
        ]

    return Figure(select, made)


def _csm_id(text: str | None) -> int | None:
    return int(text or 0) or None


def _segments(viewer: Viewer) -> str | None:
    part = scope_part(viewer)
    return None if part is None else segments_of(part)


def _csms(viewer: Viewer) -> str | None:
    part = scope_part(viewer)
    return CSMS if part == ALL else part


segments_of_campaigns = _by_part(_segments)
"""By segment of the customers reached; None stands for those without one."""

csms_of_campaigns = _by_part(_csms, _csm_id)
"""By CSM of the customers reached (None: they have none): all, or a CSM's own part alone."""

everybodys = _by_part(lambda _: CSMS, _csm_id)
"""By CSM, all of them whoever asks: for an average; to a CSM no other may be told by itself."""


def _begins(args: Args, prefix: str | None) -> str:
    """The condition on parts that begin with a prefix that ends in a slash, or on the one of that
    very name; without a prefix none is meant."""
    low = high = None
    if prefix is not None:
        low, high = prefix, prefix[:-1] + "0" if prefix.endswith("/") else prefix + "\x01"
    return f"n.part >= {args.add(low)} AND n.part < {args.add(high)}"


def _name(part: str, prefix: str) -> str | None:
    return part[len(prefix) :] or None if prefix.endswith("/") else part.rpartition("/")[2]


def _bins(viewer: Viewer, args: Args) -> str:
    return (
        "SELECT b.kind, array_agg(ARRAY[b.bin, b.recipients] ORDER BY b.bin) "
        "FROM (SELECT n.kind, n.bin, sum(n.recipients)::bigint AS recipients "
        "FROM campaign_bin_counter n "
        f"WHERE {_OF} AND n.part = {args.add(scope_part(viewer))} "
        f"GROUP BY n.kind, n.bin {_HAS_SOME}) b GROUP BY b.kind"
    )


bins_of_campaigns: Figure[Bins] = Figure(
    _bins, lambda _, rows: {kind: dict(bins) for kind, bins in rows}
)
"""When people first opened and clicked: hours of their week, and classes of delays."""

MOST_LINKS = 100
"""Links that are told of a campaign at most: as many as an answer may list."""


def _links(viewer: Viewer, args: Args, *, first: int = MOST_LINKS) -> str:
    sums = ", ".join(f"sum(n.{name})::bigint AS {name}" for name in LINK_COUNTS)
    return (
        f"SELECT l.url, ARRAY[{', '.join(f'l.{name}' for name in LINK_COUNTS)}] "
        f"FROM (SELECT min(n.url) AS url, {sums} FROM campaign_link_counter n "
        f"WHERE {_OF} AND n.part = {args.add(scope_part(viewer))} GROUP BY n.url_hash) l "
        "WHERE l.clickers_human > 0 OR l.clickers_machine > 0 ORDER BY l.clickers_human DESC, "
        f"l.clicks_human DESC, l.clickers_machine DESC, l.url LIMIT {int(first)}"
    )


links_of_campaigns = Figure(_links, lambda _, rows: [LinkRow(url, *told) for url, told in rows])
"""The links that were followed, those most people followed first; `first` of each campaign."""


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
    where += f" AND {_begins(args, prefix)}"
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
