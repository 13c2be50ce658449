"""Selections of every field of the contract, made from its introspection.

They are made as what a parser makes of a document: reading that takes longer than running it.
"""

from collections.abc import Iterable

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    NameNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
)

Visited = set[tuple[str, str]]
"""(type, field) pairs that a selection has asked for."""

MAX_DEPTH = 6
"""Types on one path at most, connections among them; each is followed once."""


def selection(
    schema: GraphQLSchema, kind: object, visited: Visited, path: tuple[str, ...] = ()
) -> SelectionSetNode:
    """Every field of a type, and of what it leads to; of a type that comes again on one path, its
    own fields."""
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        parts: list[SelectionNode] = [
            InlineFragmentNode(
                type_condition=NamedTypeNode(name=NameNode(value=possible.name)),
                selection_set=selection(schema, possible, visited, path),
            )
            for possible in schema.get_possible_types(kind)
        ]
        return SelectionSetNode(selections=(TYPE, *parts))
    assert isinstance(kind, GraphQLObjectType)
    inside = (*path, kind.name)
    fields = [
        part
        for name, field in kind.fields.items()
        for part in _field(schema, kind, name, field, visited, inside)
    ]
    return SelectionSetNode(selections=(TYPE, *fields))


def _field(
    schema: GraphQLSchema,
    owner: GraphQLObjectType,
    name: str,
    field: GraphQLField,
    visited: Visited,
    path: tuple[str, ...],
) -> Iterable[FieldNode]:
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        below = None
    elif owner.name.endswith("Edge"):
        below = SelectionSetNode(selections=(TYPE,))
    elif kind.name in path:
        below = _leaves(kind)
    elif len(path) >= MAX_DEPTH:
        return
    else:
        below = selection(schema, kind, visited, path)
    visited.add((owner.name, name))
    yield _asked(owner, name, field, below)


def _leaves(kind: object) -> SelectionSetNode:
    assert isinstance(kind, GraphQLObjectType)
    leaves = [
        _asked(kind, name, field, None)
        for name, field in kind.fields.items()
        if is_leaf_type(get_named_type(field.type))
    ]
    return SelectionSetNode(selections=(TYPE, *leaves))


def _asked(
    owner: GraphQLObjectType, name: str, field: GraphQLField, below: SelectionSetNode | None
) -> FieldNode:
    return FieldNode(
        # One name may have another type at another node: an alias keeps them apart.
        alias=NameNode(value=f"{owner.name}_{name}"),
        name=NameNode(value=name),
        arguments=FIRST if "first" in field.args else (),
        selection_set=below,
    )


TYPE = FieldNode(name=NameNode(value="__typename"))
FIRST = (ArgumentNode(name=NameNode(value="first"), value=IntValueNode(value="50")),)


def reachable(schema: GraphQLSchema, roots: Iterable[GraphQLObjectType]) -> Visited:
    """Every (type, field) that can be asked for below the roots."""
    found: Visited = set()
    waiting: list[GraphQLObjectType] = list(roots)
    while waiting:
        kind = waiting.pop()
        for name, field in kind.fields.items():
            if (kind.name, name) in found:
                continue
            found.add((kind.name, name))
            named = get_named_type(field.type)
            if isinstance(named, GraphQLObjectType):
                waiting.append(named)
            elif isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
                waiting += schema.get_possible_types(named)
    return found
