"""Documents over any schema, drawn by hypothesis: what a client could write, mostly valid."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from hypothesis import strategies as st

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]
Written = tuple[str, dict[str, Any]]
"""A document and its variables."""

TEXTS = ("", "a", "no cursor", "2026-11-22T12:00:00Z", "never")


class _Document:
    """One document while it is drawn."""

    def __init__(
        self, draw: Draw, schema: GraphQLSchema, ids: Sequence[str], unasked: frozenset[str]
    ) -> None:
        self.draw = draw
        self.schema = schema
        self.ids = ids
        self.unasked = unasked
        self.aliases = 0
        self.declared: dict[str, str] = {}
        self.variables: dict[str, Any] = {}
        self.fragments: list[str] = []

    def one_of(self, values: Sequence[T]) -> T:
        value: T = self.draw(st.sampled_from(values))
        return value

    def is_so(self, share: int) -> bool:
        """True once in `share` times, and simplest when it is not."""
        return bool(self.draw(st.integers(0, share - 1)) == share - 1)

    def selection(self, kind: object, depth: int) -> str:
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType) and (
            isinstance(kind, GraphQLUnionType) or self.is_so(2)
        ):
            possible = self.one_of(sorted(t.name for t in self.schema.get_possible_types(kind)))
            inner = self.selection(self.schema.type_map[possible], depth)
            return f"{{ __typename {self.spread(possible, inner)} }}"
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        fields = [
            (name, field)
            for name, field in kind.fields.items()
            if name not in self.unasked and (depth > 0 or is_leaf_type(get_named_type(field.type)))
        ]
        if not fields:
            return "{ __typename }"
        chosen = self.draw(st.lists(st.sampled_from(fields), min_size=1, max_size=4))
        parts = [self.part(kind.name, name, field, depth) for name, field in chosen]
        return f"{{ {' '.join(parts)} }}"

    def part(self, owner: str, name: str, field: GraphQLField, depth: int) -> str:
        written = self.field(name, field, depth)
        if self.is_so(6):
            return self.spread(owner, f"{{ {written} __typename }}")
        return written

    def spread(self, kind: str, selection: str) -> str:
        if self.is_so(2):
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {kind} {selection}")
            return f"...{name}{self.directive()}"
        return f"... on {kind}{self.directive()} {selection}"

    def field(self, name: str, field: GraphQLField, depth: int) -> str:
        arguments = self.arguments(field)
        alias = ""
        if arguments or self.is_so(4):
            self.aliases += 1
            alias = f"a{self.aliases}: "
        named = get_named_type(field.type)
        below = "" if is_leaf_type(named) else f" {self.selection(named, depth - 1)}"
        return f"{alias}{name}{arguments}{self.directive()}{below}"

    def directive(self) -> str:
        if not self.is_so(8):
            return ""
        value = self.one_of(["true", "false", "$yes", "$no"])
        if value.startswith("$"):
            self.declared[value] = "Boolean!"
            self.variables[value[1:]] = value == "$yes"
        return f" @{self.one_of(['include', 'skip'])}(if: {value})"

    def arguments(self, field: GraphQLField) -> str:
        given = []
        for name, argument in field.args.items():
            is_required = is_non_null_type(argument.type) and not argument.default_value
            if is_required or self.is_so(3):
                given.append(f"{name}: {self.argument(argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def argument(self, kind: Any) -> str:
        """A literal, or a variable with such a value."""
        value = self.value(kind, 2)
        if not self.is_so(3):
            return written(value)
        name = f"v{len(self.declared)}"
        self.declared[f"${name}"] = str(kind)
        self.variables[name] = spoken(value)
        return f"${name}"

    def value(self, kind: Any, depth: int) -> Any:
        if is_non_null_type(kind):
            return self.value(kind.of_type, depth)
        if is_list_type(kind):
            return [self.value(kind.of_type, depth - 1) for _ in range(self.one_of([0, 1, 2]))]
        if isinstance(kind, GraphQLEnumType):
            return Name(self.one_of(sorted(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return {
                name: self.value(field.type, depth - 1)
                for name, field in kind.fields.items()
                if is_non_null_type(field.type) or (depth > 0 and self.is_so(3))
            }
        plain: Mapping[str, Sequence[Any]] = {
            "Int": (0, 1, 2, 50, -1, 101),
            "Float": (0, 0.5, 2),
            "Boolean": (False, True),
            "ID": (*self.ids, "nothing"),
        }
        return self.one_of(plain.get(kind.name, TEXTS))


class Name(str):
    """An enum's value: a name in the document, a text among variables."""


def written(value: Any) -> str:
    """A value as a literal."""
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {written(v)}' for name, v in value.items())}}}"
    return json.dumps(value)


def spoken(value: Any) -> Any:
    """A value as JSON has it."""
    return json.loads(json.dumps(value))


@st.composite
def documents(
    draw: Draw,
    schema: GraphQLSchema,
    *,
    depth: int,
    ids: Sequence[str] = (),
    unasked: frozenset[str] = frozenset(),
) -> Written:
    """A query with its variables; `ids` are worth asking for, fields named `unasked` are not."""
    assert schema.query_type is not None
    document = _Document(draw, schema, ids, unasked)
    selection = document.selection(schema.query_type, depth)
    declared = ", ".join(f"{name}: {kind}" for name, kind in document.declared.items())
    head = f"query ({declared})" if declared else "query"
    return "\n".join([f"{head} {selection}", *document.fragments]), document.variables
