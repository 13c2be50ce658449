"""Types whose fields are read from a row when they are asked for.

Of a page's rows most fields are never selected: nothing is made of them, and where a statement asks
for what was selected (`View.columns`), they are not even read. Compiled execution writes the
reading of a field straight into its Python (`READS`); everybody else just takes the attribute.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar, Self

from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from schema.selections import Selected, page_rows
from store.joined import Wanted

_READ = "read"
"""Under which metadata a field's `Read` is found."""


@dataclass(frozen=True, slots=True)
class Read:
    """How a field is read: of which columns of the row, and `made` of the one column's value, or of
    the whole row where there are several; None: the value as it is."""

    columns: tuple[str, ...]
    made: Callable[[Any], Any] | None = None

    @property
    def of(self) -> Callable[[Any], Any]:
        """From the row to the field's value; null stays null where it is one column's."""
        if len(self.columns) > 1:
            assert self.made is not None
            return self.made
        column, made = attrgetter(self.columns[0]), self.made
        if made is None:
            return column
        return lambda row: None if (value := column(row)) is None else made(value)


def read(*columns: str, made: Callable[[Any], Any] | None = None) -> Mapping[str, Read]:
    """A field's `metadata`: it is not the column of its own name, or something is made of that."""
    return {_READ: Read(columns, made)}


class View:
    """An object that is read from `row`. Fields without a resolver are columns of their names, if
    their metadata says nothing else. `needs` tells which columns resolvers use, `beside` which of
    them take a row that was read with this one, under the field's name, and make which view of it.
    """

    READS: ClassVar[Mapping[str, Read]] = {}
    NEEDS: ClassVar[Mapping[str, "Needs"]] = {}
    ANSWERED: ClassVar[frozenset[str]] = frozenset()
    BESIDE: ClassVar[Mapping[str, Callable[[], "type[View]"]]] = {}
    row: Any

    def __init_subclass__(
        cls,
        *,
        needs: Mapping[str, "Needs"] | None = None,
        answers: Mapping[str, "Needs"] | None = None,
        beside: Mapping[str, Callable[[], "type[View]"]] | None = None,
        **reads: Mapping[str, Read],
    ) -> None:
        own = {
            name: field.metadata.get(_READ, Read((name,)))
            for name, field in vars(cls).items()
            if isinstance(field, StrawberryField) and field.base_resolver is None
        }
        inherited = {name: metadata[_READ] for name, metadata in reads.items()}
        cls.READS = {**cls.READS, **own, **inherited}
        cls._of = {name: each.of for name, each in cls.READS.items()}
        columns = {name: each.columns for name, each in cls.READS.items()}
        answered = {**columns, **(answers or {}), "__typename": ()}
        cls.ANSWERED = frozenset(map(_in_schema, answered))
        cls.NEEDS = {_in_schema(name): n for name, n in {**answered, **(needs or {})}.items()}
        cls.BESIDE = beside or {}

    _of: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}

    @classmethod
    def of(cls, row: Any) -> Self:
        """From its row."""
        made = cls.__new__(cls)
        made.row = row
        return made

    def __getattr__(self, name: str) -> Any:
        found = self._of.get(name)
        if found is None:
            raise AttributeError(f"{type(self).__name__} has no {name}", name=name, obj=self)
        return found(self.row)

    @classmethod
    def columns(cls, fields: Selected) -> frozenset[str] | None:
        """The columns behind what is selected; None where that is not known: all there are."""
        found: set[str] = set()
        for name, below in fields.items():
            if name not in cls.NEEDS:
                return None
            needs = cls.NEEDS[name]
            columns = needs if isinstance(needs, tuple) else needs.columns(below)
            if columns is None:
                return None
            found.update(columns)
        return frozenset(found)

    @classmethod
    def wanted(cls, fields: Selected) -> Wanted:
        """What to read for what is selected, if that can be read beside the row as well."""
        there = [(name, view()) for name, view in cls.BESIDE.items() if name in fields]
        beside = tuple((name, view.wanted(fields[name])) for name, view in there)
        return Wanted(cls.columns(fields), beside)

    @classmethod
    def wanted_of_page(cls, page: Selected) -> Wanted:
        """The same for the rows of a page of which this is selected."""
        return cls.wanted(page_rows(page))

    @classmethod
    def is_answered_beside(cls, fields: Selected) -> bool:
        """Whether the row, and what was read beside it, answer all that is selected."""
        own = {name: below for name, below in fields.items() if name not in cls.BESIDE}
        return cls.is_answered(own) and all(
            view().is_answered_beside(fields[name])
            for name, view in cls.BESIDE.items()
            if name in fields
        )

    @classmethod
    def is_of_row(cls, name: str) -> bool:
        """Whether a field says what the row says, whoever asks and wherever."""
        return name in cls.ANSWERED

    @classmethod
    def is_answered(cls, fields: Selected) -> bool:
        """Whether the row answers all that is selected, and nothing more has to be read."""
        for name, below in fields.items():
            needs = cls.NEEDS.get(name, ())
            is_row = name in cls.ANSWERED if isinstance(needs, tuple) else needs.is_answered(below)
            if not is_row:
                return False
        return True


def _in_schema(name: str) -> str:
    return name if name.startswith("_") else to_camel_case(name)


Needs = tuple[str, ...] | type[View]
"""The columns that a resolver uses; or the view that it makes of the same row."""
