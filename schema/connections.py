"""Connections with keyset cursors: rows that arrive meanwhile neither shift nor repeat others."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import strawberry

from resolvers import cursors
from store.paging import Order, Slice

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
    edges: list[Edge[T]] = strawberry.field(description="The page's rows with their cursors.")
    nodes: list[T] = strawberry.field(description="The page's rows.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in its list.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="Rows of the whole list that pass its filter; counted on demand.")
    async def total_count(self) -> int:
        return await self.count()


def connection(
    page: Slice[Row],
    *,
    order: Order[Row],
    after: str | None,
    node: Callable[[Row], Any],
    count: Callable[[], Awaitable[int]],
) -> Connection[Any]:
    """A page of rows as the contract gives it."""
    nodes: Sequence[Any] = [node(row) for row in page.rows]
    places = [cursors.encode(order, row) for row in page.rows]
    return Connection(
        edges=[Edge(cursor=c, node=n) for c, n in zip(places, nodes, strict=True)],
        nodes=list(nodes),
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=after is not None,
            start_cursor=places[0] if places else None,
            end_cursor=places[-1] if places else None,
        ),
        count=count,
    )
