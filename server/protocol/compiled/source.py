"""The Python of an operation: a function for each object type that a selection may meet.

What is written for `{ customer { name } }` reads, in essence:

    def select_1(execution, source, path, answered):
        value = source.name
        answered["name"] = value if type(value) is str else leaf(field_1, 0, value)

with each field in a `try` of its own, which costs nothing while nothing fails. Nothing of a
client's text becomes part of it but response keys, as literals.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    OperationType,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution import Executor
from strawberry.execution import optimized_is_awaitable

from schema.views import Read
from server.protocol.answer import instant
from server.protocol.compiled.arguments import plain
from server.protocol.compiled.execution import Select, items, leaf, missing
from server.protocol.compiled.fields import DEFINITION, Field, NotCovered, Selections

USUAL = {
    "String": "type({value}) is str",
    "ID": "type({value}) is str",
    "Int": "type({value}) is int and -2147483648 <= {value} <= 2147483647",
    "Float": "type({value}) is float and {value} - {value} == 0.0",
    "Boolean": "({value} is True or {value} is False)",
}
"""When a value of a built-in scalar is written as it is."""

Selects = dict[GraphQLObjectType, str]
"""Object types that a value may have, with the name of the function that fills their answers."""

MAX_SOURCE = 1_000_000
"""Characters of the Python of one operation; what would be longer is not compiled."""


class Writer:
    """Writes the functions of one operation."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._schema = executor.schema
        self._selections = Selections(executor)
        self._is_serial = executor.operation.operation is OperationType.MUTATION
        self._lines: list[str] = []
        self._size = 0
        self._of_rows: set[str] = set()  # names of functions whose answer is the row's alone
        self._known: dict[str, Any] = {
            "items": items,
            "leaf": leaf,
            "missing": missing,
            "is_awaitable": optimized_is_awaitable,
            "datetime": datetime,
            "UTC": UTC,
        }

    def compiled(self) -> tuple[tuple[Select, ...], int]:
        """The functions that answer, in order, and their size. Raises NotCovered."""
        root, fields = self._selections.root()
        parts = [[field] for field in fields] if self._is_serial else [fields]
        names = [self._select(root, part, f"root_{i}") for i, part in enumerate(parts)]
        exec(compile("\n".join(self._lines), "<operation>", "exec"), self._known)  # noqa: S102
        return tuple(self._known[name] for name in names), self._size

    def _write(self, indent: int, line: str) -> None:
        self._size += len(line) + indent
        if self._size > MAX_SOURCE:
            raise NotCovered
        self._lines.append(" " * indent + line)

    def _name(self, kind: str, field: Field, value: Any) -> str:
        """What a value is called in the functions."""
        name = f"{kind}_{field.number}"
        self._known[name] = value
        return name

    def _select(self, type_: GraphQLObjectType, fields: list[Field], name: str) -> str:
        """Write the function that fills an object's answer; what it calls is written before."""
        completes = {
            field.number: self._complete(field)
            for field in fields
            if field.resolver or not is_leaf_type(field.named) or len(field.nullable) > 1
        }
        self._write(0, f"def {name}(execution, source, path, answered):")
        if any(field.read or field.beside for field in fields):
            self._write(1, "row = source.row")
        said = [field for field in fields if not field.is_typename]
        if said and all(field.is_of_row for field in said):
            self._of_rows.add(name)
        for field in fields:
            self._field(field, type_, completes.get(field.number))
        self._write(1, "pass")
        return name

    def _field(self, field: Field, type_: GraphQLObjectType, complete: str | None) -> None:
        key = repr(field.key)
        if field.is_typename:
            self._write(1, f"answered[{key}] = {type_.name!r}")
            return
        known = self._name("field", field, field)
        self._write(1, "try:")
        indent = self._told(field, key) if complete else 2
        self._write(indent, f"value = {self._value(field)}")
        if complete is None:
            self._write(indent, f"answered[{key}] = {self._leaf(field, 'value', 0)}")
        elif field.resolver is None:
            self._write(indent, f"answered[{key}] = {complete}(execution, value, (path, {key}))")
        else:
            self._resolved(field, complete, key, indent)
        self._write(1, "except Exception as error:")
        self._write(2, f"answered[{key}] = execution.failed({known}, (path, {key}), error)")

    def _told(self, field: Field, key: str) -> int:
        """Write how what a row alone says is told where that row stands beside this one: without a
        resolver, and once for each. Returns the indent of what is done where it does not."""
        select = f"select_{field.number}_{field.named.name}"
        if field.beside is None or select not in self._of_rows:
            return 2
        self._write(2, f"beside = getattr(row, {field.beside!r}, None)")
        self._write(2, "if beside is not None:")
        self._write(3, f"told = execution.told[{field.number}].get(id(beside))")
        view = f"class_type_{field.number}_{field.named.name}.of(beside)"
        made = f"execution.tell({select}, {field.number}, {view}, (path, {key}))"
        self._write(3, f"answered[{key}] = told[1] if told else {made}")
        self._write(2, "else:")
        return 3

    def _resolved(self, field: Field, complete: str, key: str, indent: int) -> None:
        """What a resolver returned: a value, or what will be one."""
        opened = f"(value, field_{field.number}, {complete}, answered, path)"
        assert field.strawberry is not None
        if field.strawberry.is_async:
            self._write(indent, f"answered[{key}] = None")
            self._write(indent, f"execution.open.append({opened})")
            return
        class_ = f"class_type_{field.number}_{field.named.name}"
        usual = f"type(value) is not {class_} and " if class_ in self._known else ""
        self._write(indent, f"if {usual}is_awaitable(value):")
        self._write(indent + 1, f"answered[{key}] = None")
        self._write(indent + 1, f"execution.open.append({opened})")
        self._write(indent, "else:")
        self._write(indent + 1, f"answered[{key}] = {complete}(execution, value, (path, {key}))")

    def _value(self, field: Field) -> str:
        """The expression that reads or resolves a field of `source`."""
        if field.is_event:
            return "source"
        assert field.strawberry is not None
        base = field.strawberry.base_resolver
        if (read := field.read) is not None:
            return self._read(field, read)
        if field.resolver is None or base is None:
            return f"source.{field.strawberry.python_name}"
        given = ["source"] if base.self_parameter else []
        for parameter in (base.parent_parameter, base.root_parameter):
            given += [f"{parameter.name}=source"] if parameter else []
        if base.info_parameter:
            given.append(f"{base.info_parameter.name}=execution.info[field_{field.number}]")
        if field.strawberry.arguments:
            taken = self._name("plain", field, plain(self._schema, field))
            given.append(f"**execution.arguments(field_{field.number}, {taken})")
        return f"{self._name('resolve', field, field.resolver)}({', '.join(given)})"

    def _read(self, field: Field, read: Read) -> str:
        """The expression that reads a field of `row`. A member of an enum is written by its value
        (see `_member`), without being made."""
        if len(read.columns) == 1 and (read.made is None or _is_member(field, read)):
            return f"row.{read.columns[0]}"
        return f"{self._name('read', field, read.of)}(row)"

    def _leaf(self, field: Field, value: str, depth: int) -> str:
        """The expression that serialises a leaf, with the usual class first."""
        if (read := field.read) is not None and _is_member(field, read):
            return self._member(field, read, value)
        slow = f"leaf(field_{field.number}, {depth}, {value})"
        usual, written = self._usual(field, field.named, value)
        if field.nullable[depth]:
            slow = f"None if {value} is None else {slow}"
        return f"{written} if {usual} else {slow}" if usual else slow

    def _member(self, field: Field, read: Read, value: str) -> str:
        """The expression that writes a member of an enum by the value that a column holds. The
        table's keys are plain text: that is looked up faster than what is but equal to text."""
        assert isinstance(field.named, GraphQLEnumType)
        members = {member.value: name for member, name in _members(field.named).items()}
        written = self._name("written", field, members)
        slow = f"leaf(field_{field.number}, 0, {self._name('read', field, read.of)}(row))"
        found = f"{written}.get({value}) or {slow}"
        return f"None if {value} is None else {found}" if field.nullable[0] else found

    def _usual(self, field: Field, named: GraphQLNamedType, value: str) -> tuple[str, str]:
        """When a leaf is as usual, and what is written of it then."""
        if isinstance(named, GraphQLEnumType) and (members := _members(named)):
            class_ = self._name("class", field, type(next(iter(members))))
            written = self._name("written", field, members)
            return f"type({value}) is {class_}", f"{written}[{value}]"
        if _is_instant(named):
            return f"type({value}) is datetime and {value}.tzinfo is UTC", value
        return USUAL.get(named.name, "").format(value=value), value

    def _complete(self, field: Field) -> str:
        """Write the function that completes a field's value, whatever it is."""
        selects = {
            type_: self._select(
                type_, self._selections.within(field, type_), f"select_{field.number}_{type_.name}"
            )
            for type_ in self._selections.types(field)
        }
        self._name("field", field, field)
        name = f"complete_{field.number}"
        self._write(0, f"def {name}(execution, value_0, path_0):")
        self._completed(field, field.definition.type, 0, selects, 1)
        self._write(1, "return done_0")
        return name

    def _completed(
        self, field: Field, type_: GraphQLOutputType, depth: int, selects: Selects, indent: int
    ) -> None:
        """Write what leaves in `done_…` what is said of `value_…`."""
        inner = type_.of_type if is_non_null_type(type_) else type_
        if is_leaf_type(inner):
            self._write(indent, f"done_{depth} = {self._leaf(field, f'value_{depth}', depth)}")
            return
        self._write(indent, f"if value_{depth} is None:")
        self._write(indent + 1, f"done_{depth} = missing(field_{field.number}, {depth})")
        self._write(indent, "else:")
        if is_list_type(inner):
            self._list(field, inner.of_type, depth, selects, indent + 1)
        elif is_abstract_type(inner):
            self._abstract(field, depth, selects, indent + 1)
        else:
            (found,) = selects.items()
            self._object(field, depth, found, indent + 1)

    def _object(
        self, field: Field, depth: int, found: tuple[GraphQLObjectType, str], indent: int
    ) -> None:
        type_, select = found
        known = f"type_{field.number}_{type_.name}"
        self._known[known] = type_
        self._known[f"class_{known}"] = type_.extensions[DEFINITION].origin
        self._write(indent, f"if type(value_{depth}) is not class_{known}:")
        self._write(indent + 1, f"execution.unusual(field_{field.number}, {known}, value_{depth})")
        if depth == 0 and select in self._of_rows:  # of a list each item has a row of its own
            told = f"{select}, {field.number}, value_{depth}, path_{depth}"
            self._write(indent, f"done_{depth} = execution.tell({told})")
            return
        self._write(indent, f"done_{depth} = {{}}")
        self._write(indent, f"{select}(execution, value_{depth}, path_{depth}, done_{depth})")

    def _abstract(self, field: Field, depth: int, selects: Selects, indent: int) -> None:
        value = f"value_{depth}"
        self._write(indent, f"if isinstance({value}, Exception): raise {value}")
        self._write(indent, f"name = execution.abstract(field_{field.number}, {value})")
        for number, found in enumerate(selects.items()):
            self._write(indent, f"{'elif' if number else 'if'} name == {found[0].name!r}:")
            self._object(field, depth, found, indent + 1)

    def _list(
        self, field: Field, inner: GraphQLOutputType, depth: int, selects: Selects, indent: int
    ) -> None:
        value, below = f"value_{depth}", depth + 1
        known = f"field_{field.number}"
        self._write(indent, f"if type({value}) is not list: {value} = items({known}, {value})")
        self._write(indent, f"done_{depth} = []")
        self._write(indent, f"for index_{below}, value_{below} in enumerate({value}):")
        self._write(indent + 1, f"path_{below} = (path_{depth}, index_{below})")
        self._write(indent + 1, "try:")
        self._completed(field, inner, below, selects, indent + 2)
        self._write(indent + 2, f"done_{depth}.append(done_{below})")
        self._write(indent + 1, "except Exception as error:")
        failed = f"execution.failed({known}, path_{below}, error, {below})"
        self._write(indent + 2, f"done_{depth}.append({failed})")


def _is_member(field: Field, read: Read) -> bool:
    """Whether a column holds the value of an enum's member, which is equal to the member."""
    return (
        isinstance(read.made, type)
        and issubclass(read.made, StrEnum)
        and isinstance(field.named, GraphQLEnumType)
        and len(field.nullable) == 1
        and read.made in {type(member) for member in _members(field.named)}
    )


def _is_instant(named: GraphQLNamedType) -> bool:
    """Whether a type is the scalar of instants, written as `answer.encode` writes them: faster, so
    that they may stand in answers as they are."""
    return (
        isinstance(named, GraphQLScalarType)
        and named.name == "DateTime"
        and named.coerce_output_value(_INSTANT) == instant(_INSTANT)
    )


_INSTANT = datetime(2026, 11, 22, 9, 5, 7, 1020, UTC)


def _members(type_: GraphQLEnumType) -> dict[Any, str]:
    """An enum's members with their names; none where members are not what it is made of."""
    definition = type_.extensions.get(DEFINITION)
    class_ = definition.wrapped_cls if definition else ()
    try:
        return {member: type_.coerce_output_value(member) for member in class_}
    except GraphQLError:
        return {}
