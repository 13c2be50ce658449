"""A query for a campaign and a page of its recipients, or figures of it, answered by one statement,
as those for a customer and a page of its timeline are (`customer_pages`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode

from resolvers import campaigns
from schema import at_once
from schema.analysis import figures_of
from schema.campaigns import Campaign
from schema.connections import PAGE_FIELDS
from schema.recipients import Recipient
from schema.scalars import Info
from schema.selections import Selected, is_alone, page_rows, selected
from store.figures import Figure
from store.joined import Wanted
from store.parts import Names
from store.recipients import BY_ADDRESS

ANSWERED = PAGE_FIELDS | {"totalCount"}


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What one statement is to read: for `recipients`, the field as it stands in the document."""

    recipients: FieldNode
    names: Names
    wanted: Wanted
    is_counted: bool


@dataclass(frozen=True, slots=True)
class WithFigures:
    """The same of a query for figures."""

    names: Names
    figures: Sequence[Figure[Any]]


async def read(info: Info, campaign_id: int) -> Campaign | None:
    """The campaign and all that the query asks of it; None where that takes more than a statement,
    or where only the usual way can say what is wrong."""
    found = at_once.of_operation(info, _at_once)
    if isinstance(found, WithFigures):
        row = await campaigns.campaign_with_figures(
            info.context, campaign_id, names=found.names, figures=found.figures
        )
        return None if row is None else Campaign.of(row)
    page = None if found is None else at_once.page_of(info, found.recipients, BY_ADDRESS)
    if found is None or page is None:
        return None
    beside = await campaigns.campaign_at_once(
        info.context,
        campaign_id,
        names=found.names,
        page=page,
        wanted=found.wanted,
        is_counted=found.is_counted,
    )
    return None if beside is None else Campaign.of_page(beside)


def _at_once(info: Info) -> AtOnce | WithFigures | None:
    if not is_alone(info):
        return None
    tree = selected(info)
    return _with_recipients(info, tree) if "recipients" in tree else _with_figures(tree)


def _with_recipients(info: Info, tree: Selected) -> AtOnce | None:
    recipients = at_once.below(info, "recipients")
    if recipients is None:
        return None
    page = tree["recipients"]
    own = {name: fields for name, fields in tree.items() if name != "recipients"}
    rows = page_rows(page)
    if not (
        Campaign.is_answered(own)
        and ANSWERED.issuperset(page)
        and Recipient.is_answered_beside(rows)
    ):
        return None
    return AtOnce(recipients, _names(own), Recipient.wanted(rows), "totalCount" in page)


def _with_figures(tree: Selected) -> WithFigures | None:
    asked = dict(tree.get("analysis", {}))
    if "funnel" in tree:
        asked["funnel"] = {}
    figures = figures_of(asked)
    own = {name: fields for name, fields in tree.items() if name not in ("funnel", "analysis")}
    if figures is None or not Campaign.is_answered(own):
        return None
    return WithFigures(_names(own), figures)


def _names(fields: Selected) -> Names:
    names = Campaign.columns(fields)
    return None if names is None else names | {"id"}
