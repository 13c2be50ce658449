"""The Python that reads inputs: from JSON straight to the objects that resolvers take.

graphql-core walks a variable's value along its type and makes dicts of it, Strawberry walks these
and makes objects. Here one function for each input type does both. It knows only what is plainly
right: of anything else it raises `NotPlain`, and graphql-core, which reads the value anew, finds
the errors or the value in the words of its own.
"""

from collections.abc import Callable
from dataclasses import MISSING
from enum import Enum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    Undefined,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry.relay import GlobalID
from strawberry.types.base import (
    StrawberryContainer,
    StrawberryMaybe,
    StrawberryObjectDefinition,
)
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

from server.protocol.compiled.fields import DEFINITION, NotCovered
from server.protocol.compiled.source import USUAL

Read = Callable[[Any], Any]
"""From a value's JSON to what a resolver takes; raises whatever it likes where it is not plain."""


class NotPlain(Exception):  # noqa: N818 - says what the value is
    """The value is not plainly right: graphql-core reads it, or says what is wrong."""


class Readers:
    """The readers of one schema's input types, each written when it is first needed.

    `name_of` tells a field's name in the schema.
    """

    def __init__(self, name_of: Callable[[StrawberryField], str]) -> None:
        self._name_of = name_of
        self._readers: dict[str, Read] = {}
        self._objects: dict[str, Read | None] = {}
        self._known: dict[str, Any] = {
            "NotPlain": NotPlain,
            "Undefined": Undefined,
            "missing": MISSING,
        }
        self._count = 0

    def of(self, type_: GraphQLInputType) -> Read:
        """What reads a value of the type. Raises NotCovered."""
        key = str(type_)
        if key not in self._readers:
            lines = ["def read(value_0):", *self._value(type_, 0, 1), " return done_0"]
            self._readers[key] = self._compiled(lines)
        return self._readers[key]

    def _compiled(self, lines: list[str]) -> Read:
        exec(compile("\n".join(lines), "<inputs>", "exec"), self._known)  # noqa: S102
        read: Read = self._known["read"]
        return read

    def _name(self, value: Any) -> str:
        """What a value is called in the functions."""
        self._count += 1
        name = f"known_{self._count}"
        self._known[name] = value
        return name

    def _value(self, type_: GraphQLInputType, depth: int, indent: int) -> list[str]:
        """Lines that leave in `done_…` what `value_…` reads as."""
        value, done, pad = f"value_{depth}", f"done_{depth}", " " * indent
        if is_non_null_type(type_):
            inner = self._given(type_.of_type, depth, indent)
            return [f"{pad}if {value} is None: raise NotPlain", *inner]
        return [
            f"{pad}if {value} is None: {done} = None",
            f"{pad}else:",
            *self._given(type_, depth, indent + 1),
        ]

    def _given(self, type_: GraphQLInputType, depth: int, indent: int) -> list[str]:
        """The same of a value that is not null."""
        value, done, pad = f"value_{depth}", f"done_{depth}", " " * indent
        if is_list_type(type_):
            return [
                f"{pad}if type({value}) is not list: raise NotPlain",
                f"{pad}{done} = []",
                f"{pad}for value_{depth + 1} in {value}:",
                *self._value(type_.of_type, depth + 1, indent + 1),
                f"{pad} {done}.append(done_{depth + 1})",
            ]
        if is_input_object_type(type_):
            return [f"{pad}{done} = {self._name(self._object(type_))}({value})"]
        return [pad + line for line in self._leaf(type_, value, done)]

    def _leaf(self, type_: Any, value: str, done: str) -> list[str]:
        if usual := USUAL.get(type_.name):
            return [f"if not ({usual.format(value=value)}): raise NotPlain", f"{done} = {value}"]
        if isinstance(type_, GraphQLEnumType):
            members = self._name({name: type_.coerce_input_value(name) for name in type_.values})
            return [
                f"if type({value}) is not str: raise NotPlain",
                f"{done} = {members}[{value}]",
            ]
        return [
            f"{done} = {self._name(type_.coerce_input_value)}({value})",
            f"if {done} is Undefined: raise NotPlain",
        ]

    def _object(self, type_: GraphQLInputObjectType) -> Read:
        key = type_.name
        if key not in self._objects:
            self._objects[key] = None  # until it is known: a type within itself is not covered
            self._objects[key] = self._written(type_)
        if (found := self._objects[key]) is None:
            raise NotCovered
        return found

    def _written(self, type_: GraphQLInputObjectType) -> Read:
        """Write the function that reads objects of a type."""
        definition: StrawberryObjectDefinition | None = type_.extensions.get(DEFINITION)
        if definition is None or not _is_covered(type_, definition):
            raise NotCovered
        fields = {self._name_of(field): field for field in definition.fields}
        made = self._name(definition.origin)
        lines = [
            "def read(value):",
            " if type(value) is not dict: raise NotPlain",
            " get, count = value.get, 0",
        ]
        given = []
        for number, (key, known) in enumerate(type_.fields.items()):
            field = fields[key]
            if not _is_plain(field, definition) or known.out_name:
                raise NotCovered
            lines += self._field(key, known, field, number)
            given.append(f"{field.python_name}=done_{number}")
        lines += [" if count != len(value): raise NotPlain", f" return {made}({', '.join(given)})"]
        return self._compiled(lines)

    def _field(
        self, key: str, known: GraphQLInputField, field: StrawberryField, number: int
    ) -> list[str]:
        absent = "raise NotPlain"
        if not is_required_input_field(known):
            absent = f"done_{number} = {self._name(_absent(known, field))}"
        return [
            f" value_{number} = get({key!r}, missing)",
            f" if value_{number} is missing: {absent}",
            " else:",
            "  count += 1",
            *self._value(known.type, number, 2),
        ]


def _is_covered(type_: GraphQLInputObjectType, definition: StrawberryObjectDefinition) -> bool:
    """Whether Strawberry makes objects of the type from their fields, and from nothing else."""
    return (
        definition.from_input is None
        and not definition.is_graphql_generic
        and definition.concrete_of is None
        and not type_.is_one_of
        and type_.out_type is GraphQLInputObjectType.out_type
    )


def _is_plain(field: StrawberryField, definition: StrawberryObjectDefinition) -> bool:
    """Whether Strawberry takes a field's value as graphql-core gives it."""
    type_: Any = field.resolve_type(type_definition=definition)
    while isinstance(type_, StrawberryContainer | LazyType):
        if isinstance(type_, StrawberryMaybe):
            return False
        type_ = type_.resolve_type() if isinstance(type_, LazyType) else type_.of_type
    return type_ is not GlobalID


def _absent(known: GraphQLInputField, field: StrawberryField) -> Any:
    """What an object has where a field is left out. Raises NotCovered for what objects share."""
    value = coerce_default_value(known)
    if value is Undefined:
        value = None if field.default_value is MISSING else field.default_value
        if field.default_factory is not MISSING:
            raise NotCovered
        return value
    if value is not None and not isinstance(value, str | int | float | Enum):
        raise NotCovered
    return value
