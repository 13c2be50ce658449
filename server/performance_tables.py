"""What managers look at, as CSV: campaigns by what they have in common, and what came of advice."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request

from domain.errors import DomainError
from domain.rates import rate_of
from domain.text import shown
from resolvers import analysis, csms, customers
from resolvers import outcomes as resolve
from resolvers.analysis import PortfolioRow
from resolvers.context import Context
from schema import ids
from schema.groups import Learn, comparison, learner
from server.analysis import RATES
from server.exports import Place, Row, Table
from server.narrowing import OUTCOMES, camel, campaigns_chosen, read
from store.analysis import Counts, GroupRow
from store.outcomes import NEWEST, OutcomeGroup, OutcomeRow
from store.paging import Page

COUNTS = (*Counts.__dataclass_fields__,)
"""The counts that every table of groups has; then come the rates."""

COUNTED = (*(camel(name) for name in COUNTS), *RATES)

COMPARED = {"openRate": "open", "clickRate": "click", "replyRate": "reply",
            "unsubscribeRate": "unsubscribe"}  # fmt: skip
"""The rates in which groups are compared, by their names in JSON."""

BESIDE = ("Low", "High", "Adjusted", "AdjustedLow", "AdjustedHigh", "Usual", "Standing")
"""What stands beside each of them, after its name: the 95 % interval of the group's own rate; the
adjusted one and its interval; what is usual; where the group stands."""

BESIDE_RATES = tuple(f"{name}{what}" for name in COMPARED for what in BESIDE)

GROUPED: dict[str, tuple[str, tuple[str, ...]]] = {
    "types": ("TYPE", ("type",)),
    "topics": ("TOPIC", ("topic",)),
    "send-times": ("SEND_TIME", ("weekday", "hour")),
}
"""What campaigns are grouped by: as the store names it, and the columns of its key."""


def counted(counts: Counts) -> Row:
    """The columns of `COUNTED`."""
    rates = (rate_of(counts, name).value for name in RATES.values())
    return [*(getattr(counts, name) for name in COUNTS), *rates]


def beside(counts: Counts, learn: Learn) -> Row:
    """The columns of `BESIDE_RATES`; empty where nothing is known."""
    cells: list[object] = []
    for metric in COMPARED.values():
        found = comparison(counts, learn, metric)
        own = found.rate
        cells += [own.low, own.high, found.adjusted, found.low, found.high, found.usual]
        cells.append(found.standing.value)
    return cells


async def performance_table(request: Request, context: Context) -> Table:
    """`GET /api/performance/{by}.csv`: segments, types, topics, send-times or portfolios; query
    parameters narrow as CampaignFilter does."""
    by = request.path_params["by"]
    chosen, timezone = campaigns_chosen(request)
    if by == "portfolios":
        portfolios = await analysis.portfolios(context, chosen)
        return await _portfolios(context, portfolios.told, learner(portfolios.everybody))
    if by == "segments":
        key: tuple[str, ...] = ("segment",)
        found = await analysis.performance_of_segments(context, chosen)
    elif by in GROUPED:
        name, key = GROUPED[by]
        found = await analysis.performance(context, chosen, name, timezone)
    else:
        known = ", ".join(["portfolios", "segments", *GROUPED])
        raise DomainError("NOT_FOUND", f"there is no table {shown(by)}: ask for one of {known}")
    return _groups(by, key, found)


def _groups(by: str, key: Sequence[str], found: Sequence[GroupRow]) -> Table:
    learn = learner([row.counts for row in found])
    rows: list[Row] = [
        (*row.key, row.campaigns, *counted(row.counts), *beside(row.counts, learn)) for row in found
    ]
    return Table.whole(by, (*key, "campaigns", *COUNTED, *BESIDE_RATES), rows)


async def _portfolios(context: Context, found: Sequence[PortfolioRow], learn: Learn) -> Table:
    owners = await asyncio.gather(
        *(csms.csm(context, row.csm_id) for row in found if row.csm_id is not None)
    )
    named = {owner.id: owner.email for owner in owners if owner is not None}
    rows: list[Row] = [
        (
            named.get(row.csm_id or 0),
            row.customers,
            row.group.campaigns,
            *counted(row.group.counts),
            *beside(row.group.counts, learn),
        )
        for row in found
    ]
    columns = ("csm", "customers", "campaigns", *COUNTED, *BESIDE_RATES)
    return Table.whole("portfolios", columns, rows)


async def cases_table(request: Request, context: Context) -> Table:
    """`GET /api/outcomes/cases.csv`: what the figures of outcomes are made of."""
    asked = read(request, OUTCOMES)
    period = resolve.period(context, asked.get("since"), asked.get("until"))
    group = asked.get("group", OutcomeGroup.HIGH_ENGAGERS)
    success = asked.get("success")

    async def read_page(context: Context, page: Page) -> tuple[list[Row], Place]:
        found = await resolve.behind(context, period, group, success, page)
        rows = await asyncio.gather(*(_case(context, row) for row in found.rows))
        return list(rows), NEWEST.key(found.rows[-1]) if found.has_next else None

    return Table("cases", CASE_COLUMNS, read_page)


CASE_COLUMNS = (
    "customerId", "customer", "kind", "recommendedAt", "heldOut", "outcome", "success",
    "conversationAt", "replyId",
)  # fmt: skip


async def _case(context: Context, row: OutcomeRow) -> Row:
    customer = await customers.customer(context, row.customer_id)
    reply = None
    if row.reply_on is not None and row.reply_key is not None:
        reply = ids.encode_event(row.reply_on, row.reply_key)
    return (
        ids.encode("Customer", row.customer_id), None if customer is None else customer.name,
        row.kind, row.created_at, row.is_held_out, row.outcome, row.is_success, row.conversed_at,
        reply,
    )  # fmt: skip
