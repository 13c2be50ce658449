"""A query for a customer and a page of its timeline, answered by one statement.

That is what a dashboard asks for most. Whatever asks for more, or for less, is read as everything
else is: within a snapshot, one question after the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    Undefined,
    ValueNode,
    VariableNode,
)

from domain.errors import DomainError
from resolvers import cursors, customers
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
from store.paging import Page
from store.parts import Names

ARGUMENTS = frozenset({"first", "after"})
"""Arguments of `events` that say which page it is; with a filter more than a few may be read."""

KEPT = 1_000
"""Operations remembered at most."""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What one statement is to read: for `events`, the field as it stands in the document."""

    events: FieldNode
    names: Names
    has_cursor: bool
    reading: Reading


_known: dict[int, tuple[OperationDefinitionNode, AtOnce | None]] = {}


async def read(info: Info, owner: int | str, view: type[View]) -> CustomerPage | None:
    """The customer and all that the query asks of it; None where that takes more than a statement,
    or where only the usual way can say what is wrong. `owner` is the customer's id or external id,
    `view` its type."""
    raw = info._raw_info
    known = _known.get(id(raw.operation))
    if known is None:
        if len(_known) >= KEPT:
            _known.clear()
        # The node is held, so that its identity stays its own.
        known = _known[id(raw.operation)] = raw.operation, _at_once(info, view)
    found = known[1]
    page = None if found is None else _page(info, found.events)
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


def _at_once(info: Info, view: type[View]) -> AtOnce | None:
    operation = info._raw_info.operation
    if operation.operation is not OperationType.QUERY:
        return None
    roots = _plain(operation.selection_set.selections)
    fields = _plain(roots[0].selection_set.selections) if len(roots) == 1 else []  # type: ignore[union-attr]
    events = [field for field in fields if field.name.value == "events"]
    if len(events) != 1 or {node.name.value for node in events[0].arguments or ()} - ARGUMENTS:
        return None
    tree = selected(info)
    own = {name: below for name, below in tree.items() if name not in ("events", "feedCursor")}
    if not view.is_answered(own) or not _is_answered(tree["events"]):
        return None
    names = view.columns(own)
    return AtOnce(
        events[0],
        None if names is None else names | {"id"},
        "feedCursor" in tree,
        page_reading(tree["events"]),
    )


def _plain(selections: Iterable[Any]) -> list[FieldNode]:
    """Selections that are fields and nothing else, whatever the variables; else none."""
    found = list(selections)
    return found if all(type(n) is FieldNode and not n.directives for n in found) else []


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


def _page(info: Info, events: FieldNode) -> Page | None:
    """The page that is asked for; None where it cannot be."""
    given = {
        node.name.value: value
        for node in events.arguments or ()
        if (value := _value(node.value, info.variable_values)) is not Undefined
    }
    try:
        return cursors.page(NEWEST, given.get("first"), given.get("after"))
    except DomainError:
        return None


def _value(node: ValueNode, variables: Mapping[str, Any]) -> Any:
    """A number or text as it was validated; Undefined for a variable that was not given."""
    if isinstance(node, VariableNode):
        return variables.get(node.name.value, Undefined)
    if isinstance(node, IntValueNode):
        return int(node.value)
    return node.value if isinstance(node, StringValueNode) else None
