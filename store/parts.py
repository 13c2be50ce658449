"""Rows of which only some columns were read: what was not selected is neither sent nor decoded."""

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import Any

from store.paging import columns

Names = frozenset[str] | None
"""Columns of a row class by their names; None: all of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some columns of a row class: their select list, how many they are, and what makes a row.

    Such a row reads like the class. A column that was not read is no attribute of it: to ask for it
    is a fault of ours, and an AttributeError.
    """

    sql: str
    size: int
    make: Callable[[Sequence[Any]], Any]


@lru_cache(maxsize=256)
def part(row: type, alias: str, names: Names, *beside: str) -> Part:
    """Some columns of the table under `alias`, in the row class's order. What stands in `beside`
    are further members, given after the columns."""
    own = [field.name for field in fields(row) if names is None or field.name in names]
    if names is None and not beside:
        return Part(columns(row, alias), len(own), lambda values: row(*values))
    made = namedtuple(row.__name__, [*own, *beside])  # type: ignore[misc]
    # As `_make`, less its check of how many there are, which the select list says already.
    return Part(columns(row, alias, names), len(own), partial(tuple.__new__, made))
