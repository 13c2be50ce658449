"""What was selected below a field: so that a resolver reads at once what will be asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationType,
    SelectionSetNode,
)

from schema.scalars import Info

Selected = Mapping[str, "Selected"]
"""Names of fields in the schema, each with what is selected below it."""

KEPT = 1_000
"""Places in documents whose selections are remembered; with more, all are read again."""

DEEP = 6
"""How far below a field its selections are looked through; those further down seem to be none."""

T = TypeVar("T")

_known: dict[tuple[int, ...], tuple[Sequence[FieldNode], Selected]] = {}
_told: dict[tuple[int, Callable[[Selected], Any]], tuple[Selected, Any]] = {}


def selected(info: Info) -> Selected:
    """All that may be asked for below the field, as a tree.

    Also what a directive leaves out, and what a fragment on another type has: reading too much is
    slower, not wrong. A document's nodes are looked through once, as long as they are the same.
    """
    raw = info._raw_info
    nodes: Sequence[FieldNode] = raw.field_nodes
    place = tuple(map(id, nodes))
    if (known := _known.get(place)) is not None:
        return known[1]
    found: dict[str, Any] = {}
    for node in nodes:
        _add(found, node.selection_set, raw.fragments, (set(), DEEP))
    if len(_known) >= KEPT:
        _known.clear()
    # The nodes are held, so that their identity stays their own.
    _known[place] = nodes, found
    return found


def within(tree: Selected, *paths: str) -> Selected | None:
    """What is selected at paths (`edges.node`) below, merged; None where none of them is."""
    found: dict[str, Any] | None = None
    for path in paths:
        place: Selected | None = tree
        for name in path.split("."):
            place = None if place is None else place.get(name)
        if place is not None:
            found = _merged({} if found is None else found, place)
    return found


def told(tree: Selected, ask: Callable[[Selected], T]) -> T:
    """What follows from a tree that `selected` gave: worked out once, as that is the same again."""
    known = _told.get((id(tree), ask))
    if known is None:
        if len(_told) >= KEPT:
            _told.clear()
        # The tree is held, so that its identity stays its own.
        known = _told[id(tree), ask] = tree, ask(tree)
    found: T = known[1]
    return found


def page_rows(page: Selected) -> Selected:
    """What is selected of the rows of a page."""
    return within(page, "nodes", "edges.node") or {}


def is_alone(info: Info) -> bool:
    """Whether a root field is all that a query asks for, whatever its variables."""
    operation = info._raw_info.operation
    roots = operation.selection_set.selections
    return (
        operation.operation is OperationType.QUERY
        and len(roots) == 1
        and type(roots[0]) is FieldNode
    )


def _merged(into: dict[str, Any], tree: Selected) -> dict[str, Any]:
    for name, inner in tree.items():
        into[name] = _merged(dict(into.get(name, {})), inner)
    return into


def _add(
    into: dict[str, Any],
    selections: SelectionSetNode | None,
    fragments: Mapping[str, FragmentDefinitionNode],
    above: tuple[set[str], int],
) -> None:
    """Add selections to a place. `above` holds the fragments that are already there, each of which
    is looked through once, and how much further down to look."""
    spread, deep = above
    nodes: Iterable[Any] = selections.selections if selections else ()
    for node in nodes:
        if isinstance(node, FieldNode):
            below = into.setdefault(node.name.value, {})
            if deep:
                _add(below, node.selection_set, fragments, (set(), deep - 1))
        elif not isinstance(node, FragmentSpreadNode):
            _add(into, node.selection_set, fragments, above)
        elif (name := node.name.value) not in spread:
            spread.add(name)
            _add(into, fragments[name].selection_set, fragments, above)
