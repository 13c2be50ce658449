"""Scalars and arguments that the whole contract shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, TypeVar

import strawberry
from graphql import GraphQLError

from domain import reports
from domain.errors import DomainError
from domain.events import CampaignType
from resolvers.context import Context

Info = strawberry.Info[Context, Any]
"""What a field gets to know of the operation."""

First = Annotated[
    int | None,
    strawberry.argument(description="Rows of the page at most: 0 to 100; null means 20."),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Begin after this cursor, an `endCursor` of the same list in the same order; "
        "null begins at the start."
    ),
]

Most = Annotated[int, strawberry.argument(description="How many at most, 0 to 100.")]
TypeOfNext = Annotated[
    CampaignType | None,
    strawberry.argument(description="Of which type the next campaign is; null: whichever."),
]

T = TypeVar("T")

Input = Annotated[T, strawberry.argument(description="What is to be done.")]
"""A mutation's one argument; its type says the rest."""


@dataclass(frozen=True, slots=True)
class Unparsable:
    """A time that could not be read: refused where it is used, so that it costs only its item."""

    text: str


def _write(value: datetime) -> str:
    if value.tzinfo is UTC:  # as the database gives it
        return value.isoformat()[:-6] + "Z"
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read(value: object) -> datetime | Unparsable:
    if not isinstance(value, str):
        raise GraphQLError("a DateTime is text in ISO 8601, e.g. 2026-11-22T14:00:00Z")
    try:
        return reports.instant(value)
    except DomainError:
        return Unparsable(value)


SCALARS: Mapping[object, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in ISO 8601 with its zone, e.g. 2026-11-22T14:00:00Z; given out "
        "in UTC.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_write,
        parse_value=_read,
    )
}


def instant(value: Any, *path: str) -> datetime:
    """A time argument as it must be. Raises DomainError INVALID_TIME with the path."""
    return reports.instant(value.text if isinstance(value, Unparsable) else value, *path)


def midnight(day: date | None) -> datetime | None:
    """The beginning, in UTC, of a day that the contract gives as an instant."""
    return None if day is None else datetime.combine(day, time(), UTC)
