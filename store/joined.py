"""Rows with other rows beside them, read by one statement: of each only what was selected."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from domain.viewer import Viewer
from store.paging import Page, Slice
from store.parts import Names, Part, part

NOT_READ: Any = object()
"""What stands beside a row where it was not asked for."""


def beside(row: Any, name: str) -> Any:
    """What was read beside a row, which may be None; NOT_READ where nothing was."""
    return getattr(row, name, NOT_READ)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read of a row: some of its columns (None: all), and what beside it."""

    names: Names = None
    beside: tuple[tuple[str, "Wanted"], ...] = ()

    def with_names(self, names: frozenset[str]) -> "Wanted":
        """The same, and these columns in any case."""
        return Wanted(None if self.names is None else self.names | names, self.beside)


WHOLE = Wanted()
"""Whole rows, with nothing beside them."""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Rows of a class under an alias; `join` is what joins them for a viewer, who sees them then.

    What can be read `beside` them goes by the names of the rows' members; what there are many of is
    a list. A row's first column is never null, and tells it from others where it is one of many
    rows' one.
    """

    row: type
    alias: str
    join: Callable[[Viewer], str]
    beside: Mapping[str, "Table"] = field(default_factory=dict)
    is_many: bool = False


def is_there(_: Viewer) -> str:
    """The join of a table that a statement reads in any case."""
    return ""


@dataclass(frozen=True, slots=True)
class Joined:
    """A table of which something is wanted."""

    table: Table
    part: Part
    beside: tuple[tuple[str, "Joined"], ...]

    @property
    def columns(self) -> str:
        """The select list: its own columns, then those of what stands beside it."""
        return ", ".join([self.part.sql, *(each.columns for _, each in self.beside)])

    @property
    def size(self) -> int:
        """How many columns that are."""
        return self.part.size + sum(each.size for _, each in self.beside)

    def joins(self, viewer: Viewer) -> str:
        """What is joined to the table."""
        return " ".join(
            f"{each.table.join(viewer)} {each.joins(viewer)}" for _, each in self.beside
        )

    def made(self, records: Iterable[Sequence[Any]], at: int) -> list[Any]:
        """The rows of records in which its columns begin `at` a place. The records of a row that
        has many beside it follow each other."""
        make, rows, last = self._maker(at), list[Any](), NOT_READ
        many = [name for name, each in self.beside if each.table.is_many]
        for record in records:
            row = make(record)
            if many and record[at] == last:
                for name in many:
                    getattr(rows[-1], name).extend(getattr(row, name))
            else:
                rows.append(row)
                last = record[at]
        return rows

    def pages(self, records: Sequence[Sequence[Any]], page: Page) -> Mapping[int, Slice[Any]]:
        """A page of each owner's rows, the owner standing first in a record; of each one row more
        than the page holds was read, if there is one."""
        owned: dict[int, list[Sequence[Any]]] = {}
        for record in records:
            owned.setdefault(record[0], []).append(record)
        pages = {owner: self.made(some, 1) for owner, some in owned.items()}
        return {
            owner: Slice(rows[: page.first], len(rows) > page.first)
            for owner, rows in pages.items()
        }

    def _maker(self, at: int) -> Callable[[Sequence[Any]], Any]:
        make, end = self.part.make, at + self.part.size
        beside, place = [], end
        for _, each in self.beside:
            beside.append(each._some(place) if each.table.is_many else each._once(place))
            place += each.size
        if not beside:
            return lambda record: make(record[at:end])
        return lambda record: make((*record[at:end], *[one(record) for one in beside]))

    def _once(self, at: int) -> Callable[[Sequence[Any]], Any]:
        """The same of a table that is joined: None where nothing was, one row for each id."""
        make = self._maker(at)
        known: dict[int | None, Any] = {None: None}

        def one(record: Sequence[Any]) -> Any:
            key = record[at]
            if key not in known:
                known[key] = make(record)
            return known[key]

        return one

    def _some(self, at: int) -> Callable[[Sequence[Any]], Any]:
        """The same where there may be many: a list of the one that the record holds, if any."""
        make = self._maker(at)
        return lambda record: [] if record[at] is None else [make(record)]


@lru_cache(maxsize=256)
def joined(table: Table, wanted: Wanted) -> Joined:
    """What is wanted of a table and of what can be read beside it; nothing else is."""
    key = fields(table.row)[0].name
    names = None if wanted.names is None else wanted.names | {key}
    beside = [(name, below) for name, below in wanted.beside if name in table.beside]
    return Joined(
        table,
        part(table.row, table.alias, names, *(name for name, _ in beside)),
        tuple((name, joined(table.beside[name], below)) for name, below in beside),
    )
