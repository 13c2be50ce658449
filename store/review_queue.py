"""The review queue: addresses nobody could be matched to with certainty, each by one recipient."""

from domain.viewer import Viewer
from store.database import Connection
from store.paging import Args, Order, Page, Slice, columns, fetch_slice
from store.recipients import RecipientRow
from store.scope import scope

QUEUE: Order[RecipientRow] = Order("QUEUE", ("a.id",), (int,), lambda row: (row.address_id,))
"""Addresses in the order in which we first heard of them."""

_COLUMNS = columns(RecipientRow, "r")

_QUEUE = (
    "address a CROSS JOIN LATERAL (SELECT sent.* FROM recipient sent "
    "JOIN campaign k ON k.id = sent.campaign_id AND NOT k.is_provisional "
    "WHERE sent.address_id = a.id ORDER BY sent.id DESC LIMIT 1) r"
)
"""Each address with its newest recipient; those of provisional campaigns alone do not wait."""


def _waiting(viewer: Viewer) -> tuple[str, Args]:
    condition, value = scope(viewer, "c")
    proposed = (
        "a.id IN (SELECT m.address_id FROM match m JOIN customer c ON c.id = m.customer_id "
        f"WHERE m.method = 'DOMAIN' AND {condition})"
    )
    if viewer.may_read_all:
        return f"(a.unmatched_reason NOT IN ('INTERNAL', 'ERASED') OR {proposed})", Args(value)
    return proposed, Args(value)


async def list_to_review(connection: Connection, viewer: Viewer, page: Page) -> Slice[RecipientRow]:
    """The newest recipient of each waiting address, those waiting longest first.

    Managers see all; a CSM what is proposed, by domain, for their customers.
    """
    where, args = _waiting(viewer)
    sql = (
        f"SELECT {_COLUMNS} FROM {_QUEUE} WHERE {where} "
        f"AND {QUEUE.beyond(args, page.after)} ORDER BY {QUEUE.sql}"
    )
    return await fetch_slice(connection, sql, args, row=RecipientRow, first=page.first)


async def count_to_review(connection: Connection, viewer: Viewer) -> int:
    """How many addresses wait."""
    where, args = _waiting(viewer)
    sql = f"SELECT count(*) FROM {_QUEUE} WHERE {where}"
    return int(await connection.fetchval(sql, *args))
