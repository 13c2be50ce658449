"""What became of campaigns, for a viewer: from counters that follow within seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import DomainError
from domain.parts import CSMS
from domain.viewer import Role
from domain.zones import zone_name
from resolvers.context import Context
from store import analysis, csms
from store.analysis import NOTHING, Bins, Counts, GroupRow, LinkRow
from store.campaigns import CampaignFilter

READERS = (Role.CSM, Role.MANAGER, Role.ADMIN)

LEAST_PORTFOLIOS = 3
"""Portfolios below which a CSM is shown no average: it would name a colleague."""


def require_reader(context: Context) -> None:
    """Refuse who may not read figures of customers. Raises DomainError FORBIDDEN."""
    context.require(*READERS)


async def totals(context: Context, campaign_id: int) -> Counts:
    """What became of the campaign among the viewer's recipients."""
    return await context.loaders.of(analysis.totals, campaign_id, NOTHING)


async def segments(context: Context, campaign_id: int) -> list[GroupRow]:
    """The same by segment; its name is the key, None for customers without one."""
    return await context.loaders.of(analysis.segments_of_campaigns, campaign_id, [])


async def csms_of_campaign(context: Context, campaign_id: int) -> list[GroupRow]:
    """The same by CSM; the key is their id, None for customers without one."""
    may_all = context.viewer.may_read_all
    figure = analysis.everybodys if may_all else analysis.csms_of_campaigns
    return await context.loaders.of(figure, campaign_id, [])


async def everybodys(context: Context, campaign_id: int) -> list[Counts]:
    """Every portfolio's without a name, for an average; none where it would tell of a colleague."""
    if not context.viewer.may_read:
        return []
    nobody: list[GroupRow] = []
    rows = await context.loaders.of(analysis.everybodys, campaign_id, nobody)
    found = [row.counts for row in rows if row.key[0] is not None]
    is_told = context.viewer.may_read_all or len(found) >= LEAST_PORTFOLIOS
    return found if is_told else []


async def bins(context: Context, campaign_id: int) -> Bins:
    """When people first acted: hours of their week, and classes of how long it took them."""
    return await context.loaders.of(analysis.bins_of_campaigns, campaign_id, {})


async def links(context: Context, campaign_id: int, first: int) -> list[LinkRow]:
    """The links that most people followed."""
    found: list[LinkRow] = await context.loaders.of(analysis.links_of_campaigns, campaign_id, [])
    return found[:first]


def added(counts: Sequence[Counts]) -> Counts:
    """Counts of several groups together; who is in two counts twice."""
    names = Counts.__dataclass_fields__
    return Counts(**{name: sum(getattr(c, name) for c in counts) for name in names})


async def performance(
    context: Context, chosen: CampaignFilter, by: str, timezone: str = "UTC"
) -> list[GroupRow]:
    """What became of campaigns by one of `store.analysis.GROUPS`. Raises DomainError."""
    context.require(*READERS)
    zone = zone_name(timezone)
    if zone is None:
        message = f"“{timezone[:80]}” is no time zone: give an IANA name, e.g. Europe/Berlin"
        raise DomainError("INVALID_TIMEZONE", message, ("timezone",))
    async with context.read() as connection:
        return await analysis.performance(connection, context.viewer, chosen, by=by, timezone=zone)


async def performance_of_segments(context: Context, chosen: CampaignFilter) -> list[GroupRow]:
    """What became of campaigns by segment of the customers reached."""
    context.require(*READERS)
    async with context.read() as connection:
        return await analysis.performance_of_segments(connection, context.viewer, chosen)


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """A CSM's portfolio (None: customers without a CSM, or all customers) and what it did."""

    csm_id: int | None
    customers: int | None
    group: GroupRow


@dataclass(frozen=True, slots=True)
class Portfolios:
    """The portfolios that the viewer may be told of, and what to compare them with.

    `everybody` has the counts of every portfolio without a name, for a prior and an average; empty
    where so few would name a colleague.
    """

    told: Sequence[PortfolioRow]
    everybody: Sequence[Counts]


async def portfolios(context: Context, chosen: CampaignFilter) -> Portfolios:
    """What became of campaigns in each portfolio: all of them, or a CSM's own alone."""
    context.require(*READERS)
    viewer = context.viewer
    async with context.read() as connection:
        found = await analysis.portfolios(connection, viewer, chosen)
    told = [row for row in found if viewer.may_read_all or row.key[0] == viewer.csm_id]
    ids = [int(row.key[0]) for row in told if row.key[0] is not None]
    async with context.read() as connection:
        customers = await analysis.customers_of_csms(connection, ids)
    everybody = [row.counts for row in found if row.key[0] is not None]
    if not viewer.may_read_all and len(everybody) < LEAST_PORTFOLIOS:
        everybody = []
    rows = []
    for row in told:
        csm_id = None if row.key[0] is None else int(row.key[0])
        rows.append(PortfolioRow(csm_id, customers.get(csm_id or 0), row))
    return Portfolios(rows, everybody)


async def portfolio(
    context: Context, csm_id: int | None, chosen: CampaignFilter
) -> tuple[PortfolioRow, Sequence[Counts]]:
    """One portfolio, and everybody's counts to compare it with. Raises DomainError.

    Without `csm_id` it is a CSM's own, and everybody's for who may read all.
    """
    context.require(*READERS)
    viewer = context.viewer
    wanted = viewer.csm_id if csm_id is None else csm_id
    if wanted is None:
        rows = await performance(context, chosen, "ALL")
        group = rows[0] if rows else GroupRow((None,), 0, NOTHING)
        return PortfolioRow(None, None, group), ()
    if await _csm(context, wanted) is None:
        raise DomainError("NOT_FOUND", "there is no such CSM", ("csmId",))
    found = await portfolios(context, chosen)
    for row in found.told:
        if row.csm_id == wanted:
            return row, found.everybody
    async with context.read() as connection:
        customers = await analysis.customers_of_csms(connection, [wanted])
    none = GroupRow((f"{CSMS}{wanted}",), 0, NOTHING)
    return PortfolioRow(wanted, customers.get(wanted, 0), none), found.everybody


async def _csm(context: Context, csm_id: int) -> csms.CsmRow | None:
    return await context.loaders.csms.load(csm_id)
