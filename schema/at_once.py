"""Queries for one thing and one page below it: looked at once, to read both by one statement."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from graphql import (
    FieldNode,
    IntValueNode,
    NullValueNode,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    Undefined,
    ValueNode,
    VariableNode,
)

from domain.errors import DomainError
from resolvers import cursors
from schema.scalars import Info
from store.paging import Order, Page

KEPT = 1_000
"""Operations remembered at most."""

T = TypeVar("T")

_known: dict[int, tuple[OperationDefinitionNode, Any]] = {}


def of_operation(info: Info, ask: Callable[[Info], T]) -> T:
    """What a root field asks of its operation, whatever the variables: asked once for each."""
    operation = info._raw_info.operation
    known = _known.get(id(operation))
    if known is None:
        if len(_known) >= KEPT:
            _known.clear()
        # The node is held, so that its identity stays its own.
        known = _known[id(operation)] = operation, ask(info)
    found: T = known[1]
    return found


def below(info: Info, name: str) -> FieldNode | None:
    """The field of that name below the one root of a query; None where there are several, or where
    what there is depends on more than the document."""
    operation = info._raw_info.operation
    if operation.operation is not OperationType.QUERY:
        return None
    roots = _plain(operation.selection_set.selections)
    fields = _plain(roots[0].selection_set.selections) if len(roots) == 1 else []  # type: ignore[union-attr]
    found = [field for field in fields if field.name.value == name]
    return found[0] if len(found) == 1 else None


def _plain(selections: Iterable[Any]) -> list[FieldNode]:
    """Selections that are fields and nothing else, whatever the variables; else none."""
    found = list(selections)
    return found if all(type(n) is FieldNode and not n.directives for n in found) else []


def page_of(info: Info, field: FieldNode, order: Order[Any]) -> Page | None:
    """The page that a field asks for; None where it cannot be, and where it asks for more than a
    page: with a filter more than a few may be read."""
    given = {
        node.name.value: value
        for node in field.arguments or ()
        if (value := _value(node.value, info.variable_values)) is not Undefined
    }
    first, after = given.pop("first", None), given.pop("after", None)
    if any(value is not None for value in given.values()):
        return None
    try:
        return cursors.page(order, first, after)
    except DomainError:
        return None


def _value(node: ValueNode, variables: Mapping[str, Any]) -> Any:
    """A number, text or null as it was validated; Undefined for a variable that was not given."""
    if isinstance(node, VariableNode):
        return variables.get(node.name.value, Undefined)
    if isinstance(node, IntValueNode):
        return int(node.value)
    if isinstance(node, NullValueNode):
        return None
    return node.value if isinstance(node, StringValueNode) else node
