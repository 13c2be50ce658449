"""Selections of every field of the contract, made from its introspection."""

from collections.abc import Iterable

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

Visited = set[tuple[str, str]]
"""(type, field) pairs that a selection has asked for."""

MAX_DEPTH = 6
"""Types on one path at most, connections among them; each is there once."""


SHALLOW = {
    ("HappenedCondition", "campaign"),
    ("Recommendation", "workflow"),
    ("WorkflowFiring", "customer"),
    ("WorkflowFiring", "evidence"),
    ("WorkflowFiring", "stakeholder"),
    ("WorkflowRun", "customer"),
    ("WorkflowRun", "evidence"),
    ("WorkflowRun", "stakeholder"),
}
"""Fields of which the id is asked for: what they lead to is walked from others, and a document
that followed all ways would be too large to run."""


def selection(
    schema: GraphQLSchema, kind: object, visited: Visited, path: tuple[str, ...] = ()
) -> str:
    """Every field of a type, and of what it leads to, but no type twice on one path."""
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        parts = [
            f"... on {possible.name} {selection(schema, possible, visited, path)}"
            for possible in schema.get_possible_types(kind)
        ]
        return "{ __typename " + " ".join(parts) + " }"
    assert isinstance(kind, GraphQLObjectType)
    inside = (*path, kind.name)
    fields = [
        part
        for name, field in kind.fields.items()
        for part in _field(schema, kind, name, field, visited, inside)
    ]
    return "{ __typename " + " ".join(fields) + " }"


def _field(
    schema: GraphQLSchema,
    owner: GraphQLObjectType,
    name: str,
    field: GraphQLField,
    visited: Visited,
    path: tuple[str, ...],
) -> Iterable[str]:
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        visited.add((owner.name, name))
        # One name may have another type at another node: an alias keeps them apart.
        yield f"{owner.name}_{name}: {name}"
        return
    if kind is owner:
        visited.add((owner.name, name))
        yield f"{owner.name}_{name}: {name} {{ __typename }}"
        return
    if (owner.name, name) in SHALLOW:
        visited.add((owner.name, name))
        yield f"{owner.name}_{name}: {name} {{ __typename id }}"
        return
    if kind.name in path or len(path) >= MAX_DEPTH:
        return
    visited.add((owner.name, name))
    if owner.name.endswith("Edge"):
        yield f"{owner.name}_{name}: {name} {{ __typename }}"
        return
    first = "(first: 50)" if "first" in field.args else ""
    yield f"{owner.name}_{name}: {name}{first} {selection(schema, kind, visited, path)}"


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
