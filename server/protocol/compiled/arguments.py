"""The arguments of a field as its resolver takes them, objects made of variables among them."""

from typing import Any

from graphql import FieldNode, ObjectValueNode, Undefined, VariableNode
from graphql.execution import Executor
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import get_object_definition

from server.protocol.compiled.fields import Field


def arguments(executor: Executor[Any], field: Field, info: Any) -> dict[str, Any]:
    """A field's arguments. Raises GraphQLError."""
    assert field.strawberry is not None
    schema = executor.schema._strawberry_schema  # type: ignore[attr-defined]
    objects: frozenset[str] = executor.objects  # type: ignore[attr-defined]
    node = field.nodes[0]
    given = get_argument_values(field.definition, node, executor.variable_values)
    whole = {name: given.pop(name) for name in _named(node, objects) if name in given}
    members = [
        (name, member, given[name].pop(member))
        for name, member in _members_named(node, objects)
        if given.get(name) and member in given[name]
    ]
    found = convert_arguments(
        given,
        field.strawberry.arguments,
        scalar_registry=schema.schema_converter.scalar_registry,
        config=schema.config,
        info=info,
    )
    if whole or members:
        names = schema.config.name_converter
        known = {names.from_argument(each): each.python_name for each in field.strawberry.arguments}
        found.update({known[name]: value for name, value in whole.items()})
        for name, member, value in members:
            _put(found[known[name]], member, value, names)
    return found


def read_by_core(executor: Executor[Any]) -> VariableValues:
    """The values of variables as graphql-core reads them, which has to execute the operation."""
    given = {
        name: source.value
        for name, source in executor.variable_values.sources.items()
        if source.value is not Undefined
    }
    nodes = executor.operation.variable_definitions or ()
    values = get_variable_values(executor.schema, nodes, given)
    assert isinstance(values, VariableValues)  # they were plainly right
    return values


def _named(node: FieldNode, objects: frozenset[str]) -> list[str]:
    """The arguments that are a variable of which an object was made."""
    return [
        argument.name.value
        for argument in node.arguments or ()
        if isinstance(argument.value, VariableNode) and argument.value.name.value in objects
    ]


def _members_named(node: FieldNode, objects: frozenset[str]) -> list[tuple[str, str]]:
    """Of the arguments that are object literals, the members that are such a variable."""
    return [
        (argument.name.value, member.name.value)
        for argument in node.arguments or ()
        if isinstance(argument.value, ObjectValueNode)
        for member in argument.value.fields
        if isinstance(member.value, VariableNode) and member.value.name.value in objects
    ]


def _put(owner: Any, member: str, value: Any, names: Any) -> None:
    """Give an object the member of that name in the schema."""
    definition = get_object_definition(owner, strict=True)
    for field in definition.fields:
        if names.from_field(field) == member:
            setattr(owner, field.python_name, value)
