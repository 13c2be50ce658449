"""Tables as CSV, streamed: page after page, however long they are.

Each page is read by itself, from what the viewer sees then, so that a long export holds up nothing.
An export that fails midway breaks the connection, so that nobody takes half for the whole.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from domain.viewer import Viewer
from resolvers.context import Context, Services, make_context
from server.answering import door
from server.csv_rows import lines
from store.paging import Page

PAGE = 1_000
"""Rows read at once."""

Row = Sequence[object]
Place = tuple[Any, ...] | None
"""Where a page begins: after this place of the table's order."""

ReadPage = Callable[[Context, Page], Awaitable[tuple[list[Row], Place]]]
"""Reads a page's rows and where the next begins; None at the end."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its columns' names; what it is of was checked already."""

    name: str
    columns: Sequence[str]
    read: ReadPage

    @classmethod
    def whole(cls, name: str, columns: Sequence[str], rows: list[Row]) -> Self:
        """One that is read at once: it is no longer than there are segments, links or CSMs."""

        async def read(_: Context, __: Page) -> tuple[list[Row], Place]:
            return rows, None

        return cls(name, columns, read)


Open = Callable[[Request, Context], Awaitable[Table]]


def export(open_table: Open) -> Callable[[Request], Awaitable[Response]]:
    """A door that streams a table; whatever is wrong with the request is told before it begins."""

    async def act(request: Request, context: Context) -> Response:
        table = await open_table(request, context)
        services = request.app.state.services
        first = await table.read(context, Page(PAGE))
        return StreamingResponse(
            _stream(table, first, context.viewer, services),
            media_type="text/csv; charset=utf-8; header=present",
            headers={
                "Content-Disposition": f'attachment; filename="{table.name}.csv"',
                "Cache-Control": "no-store",
            },
        )

    return door(act)


async def _stream(
    table: Table, first: tuple[list[Row], Place], viewer: Viewer, services: Services
) -> AsyncIterator[bytes]:
    rows, place = first
    yield lines([table.columns, *rows])
    while place is not None:
        context = make_context(viewer, services)
        try:
            rows, place = await table.read(context, Page(PAGE, place))
        finally:
            await context.close()
        yield lines(rows)


def exported(path: str, open_table: Open) -> Route:
    """The route of a table."""
    return Route(path, export(open_table), methods=["GET"])
