"""What is known of the fields of an operation before anything runs.

graphql-core itself collects the fields (merging, fragments, @skip and @include), so that their
order and their merging cannot differ from its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import (
    FieldDetailsList,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField

from schema.views import Read, View

DEFINITION = "strawberry-definition"
"""Under which extension Strawberry's definition of a field or type is found in graphql-core's."""

CONDITIONS = ("skip", "include")


class NotCovered(Exception):  # noqa: N818 - says what the operation is
    """The operation uses what compiled execution does not know: graphql-core executes it."""


@dataclass(frozen=True, eq=False)
class Field:
    """A selected field of one object type.

    `details` are graphql-core's, for each place in the document that selects it. `nullable` says
    of the field's value, the items of its list, and their items, whether they may be null.
    `parent` is the field that the selection stands in; None at the root.
    """

    number: int
    key: str
    parent: "Field | None"
    parent_type: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList
    nullable: tuple[bool, ...]
    named: GraphQLNamedType
    strawberry: StrawberryField | None
    is_event: bool

    @cached_property
    def nodes(self) -> list[FieldNode]:
        """The field in the document."""
        return [detail.node for detail in self.details]

    @property
    def name(self) -> str:
        """The field's name in the schema."""
        return self.details[0].node.name.value

    @cached_property
    def path(self) -> Path:
        """Where it stands in an answer, without the indices of lists; for `info` alone."""
        above = self.parent.path if self.parent else None
        return Path(above, self.key, self.parent_type.name)

    @property
    def is_typename(self) -> bool:
        """Whether it is answered by the type's own name."""
        return self.name == "__typename"

    @property
    def is_of_row(self) -> bool:
        """Whether what it says, with all that is selected below it, is said by the row alone."""
        definition = self.parent_type.extensions.get(DEFINITION)
        view = getattr(definition, "origin", None)
        return isinstance(view, type) and issubclass(view, View) and view.is_of_row(self.name)

    @property
    def beside(self) -> str | None:
        """The attribute of the row behind an object under which the value's one row may stand."""
        if len(self.nullable) > 1:
            return None
        definition = self.parent_type.extensions.get(DEFINITION)
        known = getattr(definition.origin, "BESIDE", ()) if definition else ()
        name = self.strawberry.python_name if self.strawberry else None
        return name if name in known else None

    @property
    def read(self) -> Read | None:
        """How it is read of the row behind an object; None: it is an attribute of the object."""
        definition = self.parent_type.extensions.get(DEFINITION)
        reads = getattr(definition.origin, "READS", None) if definition else None
        if not reads or self.strawberry is None or self.resolver or self.is_event:
            return None
        found: Read | None = reads.get(self.strawberry.python_name)
        return found

    @property
    def resolver(self) -> Callable[..., Any] | None:
        """The function that resolves it; None where it is an attribute of the object."""
        base = self.strawberry.base_resolver if self.strawberry else None
        return base.wrapped_func if base and not self.is_event else None  # type: ignore[return-value]


class Selections:
    """The fields of an operation, as one executor's variables let them be included."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor
        self._count = 0

    def root(self) -> tuple[GraphQLObjectType, list[Field]]:
        """The root type and its fields. Raises NotCovered."""
        executor = self._executor
        operation = executor.operation
        root = executor.schema.get_root_type(operation.operation)
        if root is None or operation.directives:
            raise NotCovered
        grouped = collect_fields(
            executor.schema, executor.fragments, executor.variable_values, root, operation
        ).grouped_field_set
        is_event = operation.operation is OperationType.SUBSCRIPTION
        return root, self._fields(grouped, root, None, is_event=is_event)

    def within(self, field: Field, type_: GraphQLObjectType) -> list[Field]:
        """The fields selected on a field's value of an object type. Raises NotCovered."""
        executor = self._executor
        grouped = collect_subfields(
            executor.schema, executor.fragments, executor.variable_values, executor.operation,
            type_, field.details,
        ).grouped_field_set  # fmt: skip
        return self._fields(grouped, type_, field, is_event=False)

    def types(self, field: Field) -> list[GraphQLObjectType]:
        """The object types that a field's value may have; none of a leaf."""
        if is_object_type(field.named):
            return [field.named]
        if is_abstract_type(field.named):
            return list(self._executor.schema.get_possible_types(field.named))
        return []

    def _fields(
        self,
        grouped: GroupedFieldSet,
        type_: GraphQLObjectType,
        parent: Field | None,
        *,
        is_event: bool,
    ) -> list[Field]:
        return [
            self._field(key, details, type_, parent, is_event=is_event)
            for key, details in grouped.items()
        ]

    def _field(
        self,
        key: str,
        details: FieldDetailsList,
        type_: GraphQLObjectType,
        parent: Field | None,
        *,
        is_event: bool,
    ) -> Field:
        name = details[0].node.name.value
        definition = self._executor.schema.get_field(type_, name)
        if definition is None or any(detail.defer_usage for detail in details):
            raise NotCovered
        strawberry = definition.extensions.get(DEFINITION)
        if name != "__typename" and not _is_covered(strawberry):
            raise NotCovered
        self._count += 1
        return Field(
            number=self._count,
            key=key,
            parent=parent,
            parent_type=type_,
            definition=definition,
            details=details,
            nullable=tuple(_nullable(definition.type)),
            named=get_named_type(definition.type),
            strawberry=strawberry,
            is_event=is_event,
        )


def _is_covered(field: object) -> bool:
    """Whether a field is one of Strawberry's, without any means to change what it returns."""
    return type(field) is StrawberryField and not field.extensions


def _nullable(type_: GraphQLOutputType) -> Iterator[bool]:
    yield not is_non_null_type(type_)
    inner = type_.of_type if is_non_null_type(type_) else type_
    if is_list_type(inner):
        yield from _nullable(inner.of_type)


def condition_variables(executor: Executor[Any]) -> tuple[str, ...]:
    """The variables that decide whether fields are included, sorted. Raises NotCovered."""
    found: set[str] = set()
    _read(executor.operation.selection_set, found)
    for fragment in executor.fragments.values():
        if fragment.variable_signatures or fragment.definition.directives:
            raise NotCovered
        _read(fragment.definition.selection_set, found)
    return tuple(sorted(found))


def _read(selections: SelectionSetNode, found: set[str]) -> None:
    for selection in selections.selections:
        for directive in selection.directives or ():
            _read_directive(directive, found)
        inner = getattr(selection, "selection_set", None)
        if inner is not None:
            _read(inner, found)


def _read_directive(directive: DirectiveNode, found: set[str]) -> None:
    if directive.name.value not in CONDITIONS:
        raise NotCovered
    for argument in directive.arguments or ():
        if isinstance(argument.value, VariableNode):
            found.add(argument.value.name.value)
