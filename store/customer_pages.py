"""A customer with a page of its timeline and the feed's cursor, in one statement.

One statement sees one state: nobody has to begin a snapshot, and end it, for what is read at once.
"""

from dataclasses import dataclass
from functools import lru_cache

from domain.viewer import Viewer
from store.customers import CustomerRow
from store.database import Connection
from store.events import EventRow
from store.feed import EVENTS, cursor_of
from store.mailed import Reading, rows_of
from store.paging import Args, Page, Slice
from store.parts import Names, part
from store.scope import scope
from store.timeline import EventFilter, Found, is_whole, pages, slice_of

_CURSOR = 1
"""How many columns tell where the feed stands."""


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A customer, as far as it was selected, with what was read beside it."""

    customer: CustomerRow
    events: Slice[EventRow]
    feed_cursor: str | None


async def customer_page(
    connection: Connection,
    viewer: Viewer,
    owner: int | str,
    *,
    names: Names,
    has_cursor: bool,
    page: Page,
    reading: Reading,
) -> CustomerPage | None:
    """The customer of an id or external id; None where that needs a closer look: nobody was found
    whom the viewer sees, or the page may miss something, as `timelines` says."""
    condition, value = scope(viewer, "c")
    column = "id" if isinstance(owner, int) else "external_id"
    asked = condition, column, names, has_cursor, reading
    if page.after is None:
        sql, args = _of_first_page(*asked), [value, owner, page.first + 1]
    else:
        args = Args(value)
        sql = _statement(args, owner, page, *asked)
    records = await connection.fetch(sql, *args)
    begin = _CURSOR if has_cursor else 0
    customer = part(CustomerRow, "c", names)
    bound = begin + customer.size
    if not records:
        return None
    found = Found(rows_of(reading).made(records, bound + 1), records[-1][bound])
    if not is_whole(found, page):
        return None
    return CustomerPage(
        customer.make(records[0][begin:bound]),
        slice_of(found, page),
        cursor_of(records[0][0]) if has_cursor else None,
    )


def _statement(
    args: Args,
    owner: int | str,
    page: Page,
    condition: str,
    column: str,
    names: Names,
    has_cursor: bool,
    reading: Reading,
) -> str:
    owned = f"c.{column} = {args.add(owner)} AND {condition}"
    customer = part(CustomerRow, "c", names).sql
    newest = pages(args, None, EventFilter(), page, reading, is_bounded=True)
    stood = "stood.*, " if has_cursor else ""
    standing = f"CROSS JOIN ({EVENTS.standing}) stood" if has_cursor else ""
    return (
        f"SELECT {stood}asked.*, page.* FROM (SELECT {customer} FROM customer c WHERE {owned}) "
        f"asked {standing} CROSS JOIN LATERAL ({newest}) page"
    )


@lru_cache(maxsize=256)
def _of_first_page(
    condition: str, column: str, names: Names, has_cursor: bool, reading: Reading
) -> str:
    """The statement of a first page: its arguments are the scope's, the customer's id, and how many
    rows."""
    args = Args(None)
    sql = _statement(args, 0, Page(), condition, column, names, has_cursor, reading)
    assert len(args) == 3
    return sql
