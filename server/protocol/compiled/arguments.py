"""The arguments of a field as its resolver takes them, objects made of variables among them."""

from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_input_object_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution import Executor
from graphql.execution.values import (
    VariableValues,
    coerce_argument,
    get_argument_values,
    get_variable_values,
)
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry.relay import GlobalID
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.base import StrawberryMaybe, StrawberryOptional, get_object_definition

from server.protocol.compiled.fields import Field, NotCovered


@dataclass(frozen=True, slots=True)
class _Variable:
    """An argument that is a variable: what its resolver calls it, and what it is without a value
    (Undefined: not given)."""

    python_name: str
    name: str
    is_object: bool
    is_nullable: bool
    absent: Any


@dataclass(frozen=True, slots=True)
class Plain:
    """Arguments that need no more work than to be put together."""

    constants: dict[str, Any]
    variables: tuple[_Variable, ...]

    def values(self, executor: Executor[Any]) -> dict[str, Any] | None:
        """The arguments; None where graphql-core must read them, or say what is wrong."""
        given, found = executor.variable_values.coerced, self.constants.copy()
        for each in self.variables:
            value = given.get(each.name, each.absent)
            if value is None and not each.is_nullable:
                return None
            if each.is_object and each.name not in executor.objects:  # type: ignore[attr-defined]
                return None
            if value is not Undefined:
                found[each.python_name] = value
            elif not each.is_nullable:
                return None
        return found


def plain(schema: GraphQLSchema, field: Field) -> Plain | None:
    """A field's arguments where each is a variable, or the same in every execution and no object
    that executions would share."""
    assert field.strawberry is not None
    names = schema._strawberry_schema.config.name_converter  # type: ignore[attr-defined]
    known = {names.from_argument(each): each for each in field.strawberry.arguments}
    nodes = {node.name.value: node for node in field.nodes[0].arguments or ()}
    constants: dict[str, Any] = {}
    variables: list[_Variable] = []
    try:
        for name, definition in field.definition.args.items():
            argument, node = known[name], nodes.get(name)
            _check(definition, argument)
            if node is not None and isinstance(node.value, VariableNode):
                variables.append(_variable(definition, argument, node.value.name.value))
                continue
            values: dict[str, Any] = {}
            coerce_argument(values, field.nodes[0], name, definition, node, None, None)
            if name in values:
                constants[argument.python_name] = _constant(definition, node, values[name])
    except (NotCovered, GraphQLError):
        return None
    return Plain(constants, tuple(variables))


def _check(definition: GraphQLArgument, argument: StrawberryArgument) -> None:
    """Raise NotCovered unless Strawberry hands a scalar, a member of an enum or null over as
    graphql-core gives it."""
    type_: Any = argument.type
    while isinstance(type_, StrawberryOptional) and not isinstance(type_, StrawberryMaybe):
        type_ = type_.of_type
    if definition.out_name or isinstance(type_, StrawberryMaybe) or type_ is GlobalID:
        raise NotCovered


def _variable(definition: GraphQLArgument, argument: StrawberryArgument, name: str) -> _Variable:
    is_object = is_input_object_type(get_named_type(definition.type))
    absent = coerce_default_value(definition)
    if is_object and absent not in (None, Undefined):
        raise NotCovered
    if not (is_object or is_leaf_type(get_nullable_type(definition.type))):
        raise NotCovered
    is_nullable = not is_non_null_type(definition.type)
    return _Variable(argument.python_name, name, is_object, is_nullable, absent)


def _constant(definition: GraphQLArgument, node: ArgumentNode | None, value: Any) -> Any:
    """A value that stands in the document, or the default's. Variables within are not looked for,
    so that a list or an object is not covered."""
    is_plain = value is None or is_leaf_type(get_nullable_type(definition.type))
    if not is_plain or (node and isinstance(node.value, ObjectValueNode | ListValueNode)):
        raise NotCovered
    return value


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
