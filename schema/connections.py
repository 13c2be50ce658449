"""Connections with keyset cursors: rows that arrive meanwhile neither shift nor repeat others."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import strawberry

from resolvers import cursors
from store.paging import Order, Slice

PAGE_FIELDS = frozenset({"edges", "nodes", "pageInfo", "__typename"})
"""What a page's rows answer; the rest of a connection is counted."""

T = TypeVar("T")
Row = TypeVar("Row")


@strawberry.interface(description="Anything that has an id of its own and can be read by it.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque and stable; `node(id:)` finds the object by it."
    )


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more rows follow.")
    has_previous_page: bool = strawberry.field(
        description="Whether the page was asked for with `after`, so that rows precede it."
    )
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first row; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last row, for the next page's `after`; null on an empty page."
    )


@strawberry.type(description="A row of a page with its place in the list.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="The row's place, for `after`.")
    node: T = strawberry.field(description="The row.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    page: strawberry.Private[Slice[Any]]
    order: strawberry.Private[Order[Any]]
    after: strawberry.Private[str | None]
    node: strawberry.Private[Callable[[Any], Any]]
    count: strawberry.Private[Callable[[], Awaitable[int] | int]]

    @strawberry.field(description="The page's rows with their cursors.")
    def edges(self) -> list[Edge[T]]:
        rows = self.page.rows
        return [Edge(cursor=cursors.encode(self.order, r), node=self.node(r)) for r in rows]

    @strawberry.field(description="The page's rows.")
    def nodes(self) -> list[T]:
        return [self.node(row) for row in self.page.rows]

    @strawberry.field(description="Where the page stands in its list.")
    def page_info(self) -> PageInfo:
        rows = self.page.rows
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.after is not None,
            start_cursor=cursors.encode(self.order, rows[0]) if rows else None,
            end_cursor=cursors.encode(self.order, rows[-1]) if rows else None,
        )

    @strawberry.field(description="Rows of the whole list that pass its filter; counted on demand.")
    def total_count(self) -> int:
        return self.count()  # type: ignore[return-value]  # awaited by the executor


def connection(
    page: Slice[Row],
    *,
    order: Order[Row],
    after: str | None,
    node: Callable[[Row], Any],
    count: Callable[[], Awaitable[int] | int],
) -> Connection[Any]:
    """A page of rows as the contract gives it; what is not asked for is not made."""
    return Connection(page=page, order=order, after=after, node=node, count=count)
