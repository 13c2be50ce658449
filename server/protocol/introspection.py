"""How long the lists of the introspection types are, on average, in one schema."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_wrapping_type,
)

AverageLengths = Mapping[tuple[str, str], float]
"""(introspection type, field) → items that the field has on average."""


def average_lengths(schema: GraphQLSchema) -> AverageLengths:
    """Count the schema's parts, so that introspecting it can be priced by what there is to tell.

    `ofType` counts as the average number of wrappers (non-null, list) per wrapped or plain type.
    """
    types = list(schema.type_map.values())
    fields = [field for named in types for field in _fields(named)]
    arguments = sum(len(field.args) for field in fields)
    directives = schema.directives
    return {
        ("__Schema", "types"): float(len(types)),
        ("__Schema", "directives"): float(len(directives)),
        ("__Type", "fields"): _average([len(_fields(named)) for named in types]),
        ("__Type", "inputFields"): _average([_inputs(named) for named in types]),
        ("__Type", "enumValues"): _average([_values(named) for named in types]),
        ("__Type", "interfaces"): _average([_interfaces(named) for named in types]),
        ("__Type", "possibleTypes"): _average([_possible(schema, named) for named in types]),
        ("__Type", "ofType"): _wrapped(fields),
        ("__Field", "args"): arguments / max(1, len(fields)),
        ("__Directive", "args"): _average([len(directive.args) for directive in directives]),
        ("__Directive", "locations"): 1.0,
    }


def _average(lengths: Sequence[int]) -> float:
    return sum(lengths) / max(1, len(lengths))


def _fields(named: GraphQLNamedType) -> list[GraphQLField]:
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        return list(named.fields.values())
    return []


def _inputs(named: GraphQLNamedType) -> int:
    return len(named.fields) if isinstance(named, GraphQLInputObjectType) else 0


def _values(named: GraphQLNamedType) -> int:
    return len(named.values) if isinstance(named, GraphQLEnumType) else 0


def _interfaces(named: GraphQLNamedType) -> int:
    return (
        len(named.interfaces) if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) else 0
    )


def _possible(schema: GraphQLSchema, named: GraphQLNamedType) -> int:
    if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
        return len(schema.get_possible_types(named))
    return 0


def _wrapped(fields: Sequence[GraphQLField]) -> float:
    """The share of types that wrap another, over each field's chain of types."""
    wrappers = sum(_wrappers(field.type) for field in fields)
    return wrappers / max(1, wrappers + len(fields))


def _wrappers(wrapped: Any) -> int:
    count = 0
    while is_wrapping_type(wrapped):
        wrapped = wrapped.of_type
        count += 1
    return count
