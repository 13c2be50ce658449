"""Rows with other rows beside them, read by one statement: of each only what was selected."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from domain.viewer import Viewer
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
    What can be read `beside` them goes by the names of the rows' members. Their id comes first."""

    row: type
    alias: str
    join: Callable[[Viewer], str]
    beside: Mapping[str, "Table"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joined:
    """A table of which something is wanted."""

    table: Table
    part: Part
    beside: tuple["Joined", ...]

    @property
    def columns(self) -> str:
        """The select list: its own columns, then those of what stands beside it."""
        return ", ".join([self.part.sql, *(each.columns for each in self.beside)])

    @property
    def size(self) -> int:
        """How many columns that are."""
        return self.part.size + sum(each.size for each in self.beside)

    def joins(self, viewer: Viewer) -> str:
        """What is joined to the table."""
        return " ".join(f"{each.table.join(viewer)} {each.joins(viewer)}" for each in self.beside)

    def maker(self, at: int = 0) -> Callable[[Sequence[Any]], Any]:
        """What makes rows of records in which its columns begin `at` a place."""
        make, end = self.part.make, at + self.part.size
        beside, place = [], end
        for each in self.beside:
            beside.append(each._once(place))
            place += each.size
        if not beside:
            return lambda record: make(record[at:end])
        return lambda record: make((*record[at:end], *[one(record) for one in beside]))

    def _once(self, at: int) -> Callable[[Sequence[Any]], Any]:
        """The same of a table that is joined: None where nothing was, one row for each id."""
        make = self.maker(at)
        known: dict[int | None, Any] = {None: None}

        def one(record: Sequence[Any]) -> Any:
            key = record[at]
            if key not in known:
                known[key] = make(record)
            return known[key]

        return one


@lru_cache(maxsize=256)
def joined(table: Table, wanted: Wanted) -> Joined:
    """What is wanted of a table and of what can be read beside it."""
    wanted = wanted.with_names(frozenset({"id"}))
    names = [name for name, _ in wanted.beside]
    beside = tuple(joined(table.beside[name], below) for name, below in wanted.beside)
    return Joined(table, part(table.row, table.alias, wanted.names, *names), beside)
