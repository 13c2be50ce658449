"""A query for a customer and a page of its timeline, answered by one statement.

That is what a dashboard asks for most. Whatever asks for more, or for less, is read as everything
else is: within a snapshot, one question after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import FieldNode

from resolvers import customers
from schema import at_once
from schema.campaigns import Campaign
from schema.connections import PAGE_FIELDS
from schema.events import Event, page_reading
from schema.recipients import Recipient
from schema.scalars import Info
from schema.selections import selected, within
from schema.views import View
from store.customer_pages import CustomerPage
from store.events import NEWEST
from store.mailed import Reading
from store.parts import Names


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What one statement is to read: for `events`, the field as it stands in the document."""

    events: FieldNode
    names: Names
    has_cursor: bool
    reading: Reading


async def read(info: Info, owner: int | str, view: type[View]) -> CustomerPage | None:
    """The customer and all that the query asks of it; None where that takes more than a statement,
    or where only the usual way can say what is wrong. `owner` is the customer's id or external id,
    `view` its type."""
    found = at_once.of_operation(info, partial(_at_once, view))
    page = None if found is None else at_once.page_of(info, found.events, NEWEST)
    if found is None or page is None:
        return None
    return await customers.customer_at_once(
        info.context,
        owner,
        names=found.names,
        has_cursor=found.has_cursor,
        page=page,
        reading=found.reading,
    )


def _at_once(view: type[View], info: Info) -> AtOnce | None:
    events = at_once.below(info, "events")
    if events is None:
        return None
    tree = selected(info)
    own = {name: below for name, below in tree.items() if name not in ("events", "feedCursor")}
    if not view.is_answered(own) or not _is_answered(tree["events"]):
        return None
    names = view.columns(own)
    return AtOnce(
        events,
        None if names is None else names | {"id"},
        "feedCursor" in tree,
        page_reading(tree["events"]),
    )


def _is_answered(page: Mapping[str, Any]) -> bool:
    """Whether a page of events with their mail answers all that is selected of it."""
    if not PAGE_FIELDS.issuperset(page):
        return False
    fields = dict(within(page, "nodes", "edges.node") or {})
    recipient, campaign = fields.pop("recipient", {}), fields.pop("campaign", {})
    return (
        Event.is_answered(fields)
        and Recipient.is_answered(recipient)
        and Campaign.is_answered(campaign)
    )
