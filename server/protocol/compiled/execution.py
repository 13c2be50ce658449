"""One execution of a plan: values that are still awaited, errors, null propagation.

A resolver that returns an awaitable leaves its place in the answer open. When all that can be said
at once is said, the open places are awaited together (so that data loaders batch them), filled, and
what that opens is the next wave.

A path is (path above, key or index), and None at the root: cheap to make, written out only for an
error.
"""

from asyncio import gather
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import cached_property, lru_cache
from types import CoroutineType
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfo, located_error
from graphql.execution import ExecutionResult, Executor
from graphql.execution.executor import invalid_return_type_error
from graphql.pyutils import is_iterable

from server.protocol.compiled.arguments import Plain, arguments
from server.protocol.compiled.fields import Field

Path = tuple[Any, str | int] | None
Answered = dict[str, Any]
Complete = Callable[["Execution", Any, Path], Any]
Open = tuple[Awaitable[Any], Field, Complete, Answered, Path]
"""What is awaited: value, field, what completes it; the answer it belongs in, and its path."""

Select = Callable[["Execution", Any, Path, Answered], None]
"""Fills an object's answer from the object."""


class Infos(dict[Field, Any]):
    """What the resolver of each field gets to know; its path has no indices of lists.

    graphql-core's part is built for those that look at it; most want the context alone.
    """

    def __init__(self, executor: Executor[Any]) -> None:
        super().__init__()
        self._executor = executor
        schema = executor.schema._strawberry_schema  # type: ignore[attr-defined]
        self._info_class = _late(schema.config.info_class)

    def __missing__(self, field: Field) -> Any:
        found = self[field] = self._info_class(self._executor, field)
        return found


@lru_cache(maxsize=8)
def _late(info_class: type[Any]) -> type[Any]:
    """An info whose `_raw_info` is built when it is asked for."""

    class LateInfo(info_class):  # type: ignore[misc]
        def __init__(self, executor: Executor[Any], field: Field) -> None:
            self._executor, self._selected, self._field = executor, field, field.strawberry

        @cached_property
        def _raw_info(self) -> GraphQLResolveInfo[Any]:
            field: Field = self._selected
            return self._executor.build_resolve_info(
                field.definition, field.nodes, field.parent_type, field.path
            )

        @property
        def context(self) -> Any:
            return self._executor.context_value

    return LateInfo


class Execution:
    """One execution of an operation, for one viewer."""

    def __init__(self, executor: Executor[Any]) -> None:
        self.executor = executor
        self.data: Answered | None = {}
        self.errors: list[GraphQLError] = []
        self.open: list[Open] = []
        self.nulled: set[Path] = set()
        self.info = Infos(executor)
        self.told: defaultdict[int, dict[int, tuple[Any, Answered]]] = defaultdict(dict)
        self._arguments: dict[int, dict[str, Any]] = {}

    async def run(self, selects: tuple[Select, ...]) -> ExecutionResult:
        """The answer. Each of `selects` is settled before the next one begins."""
        assert self.data is not None
        for select in selects:
            try:
                select(self, self.executor.root_value, None, self.data)
            except GraphQLError as error:
                self._add(error, None)
            await self._settle()
            if None in self.nulled:
                self.data = None
                break
        return ExecutionResult(self.data, self.errors or None)

    def arguments(self, field: Field, plain: Plain | None) -> dict[str, Any]:
        """A field's arguments as its resolver takes them. Raises GraphQLError."""
        if (found := self._arguments.get(field.number)) is None:
            found = plain.values(self.executor) if plain else None
            if found is None:
                found = arguments(self.executor, field, self.info[field])
            self._arguments[field.number] = found
        return found

    def tell(self, select: Select, number: int, source: Any, path: Path) -> Answered:
        """The answer of an object that says what its row says: made once for each row, which is
        held so that its identity stays its own. With an error in it, it is of its place alone."""
        row = source.row
        known = self.told[number].get(id(row))
        if known is not None:
            return known[1]
        answered: Answered = {}
        before = len(self.errors)
        select(self, source, path, answered)
        if len(self.errors) == before:
            self.told[number][id(row)] = row, answered
        return answered

    def failed(self, field: Field, path: Path, error: Exception, depth: int = 0) -> None:
        """Note an error where null may stand for the value; else raise it, for a place above."""
        located = located_error(error, field.nodes, _listed(path))
        if not field.nullable[depth]:
            raise located
        self._add(located, path)

    def abstract(self, field: Field, value: Any) -> str:
        """The name of a value's object type. Raises GraphQLError."""
        info = self.info[field]
        named: Any = field.named
        resolve = named.resolve_type or self.executor.type_resolver
        name = resolve(value, info._raw_info, named)
        executor = self.executor
        return executor.ensure_valid_runtime_type(
            name, named, field.details, info._raw_info, value
        ).name

    def unusual(self, field: Field, type_: GraphQLObjectType, value: Any) -> None:
        """Refuse an object that is no instance of the type's class, unless the type knows it."""
        if isinstance(value, Exception):
            raise value
        if type_.is_type_of and not type_.is_type_of(value, self.info[field]._raw_info):
            raise invalid_return_type_error(type_, value, field.details)

    def _add(self, error: GraphQLError, path: Path) -> None:
        if not self._is_nulled(path):
            self.nulled.add(path)
            self.errors.append(error)

    def _is_nulled(self, path: Path) -> bool:
        """Whether null stands in this place or in one above."""
        nulled = self.nulled
        while path is not None:
            if path in nulled:
                return True
            path = path[0]
        return None in nulled

    async def _settle(self) -> None:
        """Await what is open until nothing is."""
        while self.open:
            wave, self.open = self.open, []
            if self.nulled:
                wave = self._still_wanted(wave)
            values = await _awaited(wave)
            for (_, field, complete, answered, above), value in zip(wave, values, strict=True):
                path = (above, field.key)
                if self.nulled and self._is_nulled(path):
                    continue
                try:
                    if isinstance(value, BaseException):
                        raise value
                    answered[field.key] = complete(self, value, path)
                except Exception as error:
                    self._failed_late(field, path, error)

    def _still_wanted(self, wave: list[Open]) -> list[Open]:
        """What was opened below a null is let go before it begins."""
        wanted = []
        for each in wave:
            if not self._is_nulled((each[4], each[1].key)):
                wanted.append(each)
            elif isinstance(each[0], CoroutineType):
                each[0].close()
        return wanted

    def _failed_late(self, field: Field, path: Path, error: Exception) -> None:
        """Put null into the nearest place that may hold it, for a value that was awaited."""
        located = located_error(error, field.nodes, _listed(path))
        within: Field | None = field
        while path is not None and within is not None:
            if within.nullable[depth_of(path)]:
                self._replace(path)
                break
            if isinstance(path[1], str):
                within = within.parent
            path = path[0]
        self._add(located, path)

    def _replace(self, path: tuple[Any, str | int]) -> None:
        container: Any = self.data
        for key in _listed(path[0]):
            container = container[key]
        container[path[1]] = None


async def _awaited(wave: list[Open]) -> list[Any]:
    """The values, or what was raised for them; who waits alone needs no task of their own."""
    if len(wave) != 1:
        return await gather(*(each[0] for each in wave), return_exceptions=True)
    try:
        return [await wave[0][0]]
    except Exception as error:
        return [error]


def depth_of(path: tuple[Any, str | int]) -> int:
    """In how many lists of its field a place stands."""
    depth = 0
    place: Path = path
    while place is not None and not isinstance(place[1], str):
        depth += 1
        place = place[0]
    return depth


def _listed(path: Path) -> list[str | int]:
    keys: list[str | int] = []
    while path is not None:
        keys.append(path[1])
        path = path[0]
    return keys[::-1]


def missing(field: Field, depth: int) -> None:
    """Say that null stands where it must not. Raises TypeError as graphql-core does."""
    if not field.nullable[depth]:
        raise TypeError(
            f"Cannot return null for non-nullable field {field.parent_type}.{field.name}."
        )


def items(field: Field, value: Any) -> Any:
    """The items of what should be a list. Raises GraphQLError."""
    if isinstance(value, Exception):
        raise value
    if not is_iterable(value):
        raise GraphQLError(
            f"Expected Iterable, but did not find one for field '{field.parent_type}.{field.name}'."
        )
    return value


def leaf(field: Field, depth: int, value: Any) -> Any:
    """Serialise whatever is not of the usual class. Raises for what cannot be."""
    if isinstance(value, Exception):
        raise value
    if value is None:
        return missing(field, depth)
    return Executor.complete_leaf_value(field.named, value)  # type: ignore[arg-type]
