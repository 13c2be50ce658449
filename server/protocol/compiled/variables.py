"""The variables of one operation, read at once: scalars as graphql-core would, inputs as objects.

An object made of a variable stands in `variable_values` where graphql-core has a dict. Arguments
that are such a variable, or an object literal that names it, take the object; where a variable is
used in any other way, graphql-core reads it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInputType,
    Node,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_input_object_type,
    is_non_null_type,
    visit,
)
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.type import GraphQLSchema

from server.protocol.compiled.fields import NotCovered
from server.protocol.compiled.inputs import NotPlain, Read, Readers

ARGUMENT = ("field", "argument")
MEMBER = ("field", "argument", "object_value", "object_field")
"""Below which nodes a variable may stand that was made an object."""


class Variable:
    """One variable: how it is read, and what it is where none is given."""

    def __init__(
        self, schema: GraphQLSchema, node: VariableDefinitionNode, readers: Readers
    ) -> None:
        signature = get_variable_signature(schema, node)
        if isinstance(signature, GraphQLError):
            raise NotCovered
        self.name = signature.name
        self.is_object = is_input_object_type(get_named_type(signature.type))
        self._signature: GraphQLVariableSignature = signature
        self._read: Read = readers.of(signature.type)
        self._absent = _absent(schema, node, signature.type, is_object=self.is_object)

    def take(
        self, given: Mapping[str, Any], sources: dict[str, Any], values: dict[str, Any]
    ) -> None:
        """Read the variable among those given. Raises NotPlain, or anything else."""
        value = given.get(self.name, Undefined)
        sources[self.name] = VariableValueSource(self._signature, value)
        if value is not Undefined:
            values[self.name] = self._read(value)
        elif self._absent is NotPlain:
            raise NotPlain
        elif self._absent is not Undefined:
            values[self.name] = self._absent


def _absent(
    schema: GraphQLSchema, node: VariableDefinitionNode, type_: GraphQLInputType, *, is_object: bool
) -> Any:
    """A variable's value where none is given: Undefined for none, NotPlain if it cannot be told."""
    if node.default_value is None:
        return NotPlain if is_non_null_type(type_) else Undefined
    found = get_variable_values(schema, [node], {})
    if is_object or isinstance(found, list):
        return NotPlain
    return found.coerced.get(node.variable.name.value, Undefined)


class Variables:
    """What reads the variables of one operation. Raises NotCovered where that cannot be done."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Collection[FragmentDefinitionNode],
        readers: Readers,
    ) -> None:
        nodes = operation.variable_definitions or ()
        self._variables = [Variable(schema, node, readers) for node in nodes]
        self.objects = frozenset(each.name for each in self._variables if each.is_object)
        if self.objects and (
            operation.operation is OperationType.SUBSCRIPTION
            or self.objects & _used_otherwise([operation, *fragments])
        ):
            raise NotCovered

    def values(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The values; None where not all are plainly right."""
        sources: dict[str, Any] = {}
        values: dict[str, Any] = {}
        try:
            for variable in self._variables:
                variable.take(given, sources, values)
        except Exception:  # whatever it was, graphql-core finds it and says so
            return None
        return VariableValues(sources, values)


class _Uses(Visitor):
    """Collects variables that stand anywhere but in arguments or the members of one."""

    def __init__(self) -> None:
        super().__init__()
        self.otherwise: set[str] = set()

    def enter_variable(
        self, node: VariableNode, _key: Any, parent: Any, _path: Any, ancestors: list[Any]
    ) -> None:
        above = tuple(each.kind for each in [*ancestors, parent] if isinstance(each, Node))
        is_definition = above[-1] == "variable_definition"
        if not is_definition and above[-2:] != ARGUMENT and above[-4:] != MEMBER:
            self.otherwise.add(node.name.value)


def _used_otherwise(nodes: Collection[Node]) -> set[str]:
    uses = _Uses()
    for node in nodes:
        visit(node, uses)
    return uses.otherwise
