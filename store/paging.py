"""Keyset pages: a total order, a place in it, and the rows that follow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Generic, TypeVar

from store.database import Connection

T = TypeVar("T")


@dataclass(frozen=True)
class Order(Generic[T]):
    """A total order of rows.

    `terms` are SQL expressions that are never null, the last of them unique; all run one way.
    `types` are their Python types, and `key` gives a row's values of them.
    """

    name: str
    terms: tuple[str, ...]
    types: tuple[type, ...]
    key: Callable[[T], tuple[Any, ...]]
    is_descending: bool = False

    @property
    def sql(self) -> str:
        """What follows ORDER BY."""
        return ", ".join(f"{term} DESC" if self.is_descending else term for term in self.terms)

    def beyond(self, args: "Args", after: tuple[Any, ...] | None) -> str:
        """The condition on rows that follow a place; true for the beginning."""
        if after is None:
            return "true"
        places = ", ".join(args.add(value) for value in after)
        return f"({', '.join(self.terms)}) {'<' if self.is_descending else '>'} ({places})"


@dataclass(frozen=True, slots=True)
class Page:
    """At most `first` rows that follow `after` (the values of the order's terms)."""

    first: int = 20
    after: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Slice(Generic[T]):
    """A page's rows, and whether more follow."""

    rows: Sequence[T] = ()
    has_next: bool = False


class Args(list[Any]):
    """A statement's arguments; `$1` is the value of the viewer's scope, where one is asked for."""

    def __init__(self, *scope_value: int | None) -> None:
        super().__init__(scope_value)

    def add(self, value: object) -> str:
        """The placeholder of a further argument."""
        self.append(value)
        return f"${len(self)}"


@lru_cache(maxsize=256)
def columns(row: type, alias: str, names: frozenset[str] | None = None) -> str:
    """A row class's select list: its fields in order, or those of some names, of the table under
    `alias`.

    A field's metadata may name its own expression as `sql`, in which {t} is the alias.
    """
    return ", ".join(
        field.metadata.get("sql", "{t}." + field.name).format(t=alias)
        for field in fields(row)
        if names is None or field.name in names
    )


async def fetch_slice(
    connection: Connection, sql: str, args: Args, *, row: Callable[..., T], first: int
) -> Slice[T]:
    """Run a statement that ends in its ORDER BY for one row more than the page holds."""
    records = await connection.fetch(f"{sql} LIMIT {args.add(first + 1)}", *args)
    rows = [row(*record) for record in records[:first]]
    return Slice(rows, len(records) > first)


async def fetch_slices(
    connection: Connection, sql: str, args: Args, *, row: Callable[..., T], first: int
) -> Mapping[int, Slice[T]]:
    """Run a statement whose first column is the owner of each row: one slice an owner.

    The statement limits each owner's rows to one more than the page holds.
    """
    found: dict[int, list[T]] = {}
    for owner, *values in await connection.fetch(sql, *args):
        found.setdefault(owner, []).append(row(*values))
    return {owner: Slice(rows[:first], len(rows) > first) for owner, rows in found.items()}


def matching(text: str) -> str:
    """A pattern for ILIKE that finds the text anywhere, taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
