"""Customer success managers: a CSM sees themselves, managers see all."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.viewer import Viewer
from store.database import Connection
from store.joined import Table
from store.paging import Args, Order, Page, Slice, columns, fetch_slice
from store.scope import scope


@dataclass(frozen=True, slots=True)
class CsmRow:
    """A row of `csm`."""

    id: int
    email: str
    name: str


BY_NAME: Order[CsmRow] = Order(
    "NAME", ("n.name", "n.id"), (str, int), lambda row: (row.name, row.id)
)

_COLUMNS = columns(CsmRow, "n")

_CSM = "(SELECT id, id AS csm_id, email, name FROM csm) n"
"""CSMs as the scope sees customers: each belongs to itself."""


def _csm(viewer: Viewer) -> str:
    return f"LEFT JOIN {_CSM} ON n.id = c.csm_id AND {scope(viewer, 'n')[0]}"


CSM_OF_CUSTOMER = Table(CsmRow, "n", _csm)
"""The CSM beside a customer `c`."""


async def csms_by_ids(
    connection: Connection, viewer: Viewer, ids: Sequence[int]
) -> Sequence[CsmRow]:
    """Those of the CSMs that the viewer may know of."""
    condition, value = scope(viewer, "n")
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM {_CSM} WHERE {condition} AND n.id = ANY($2::bigint[])",
        value,
        ids,
    )
    return [CsmRow(*record) for record in records]


async def list_csms(connection: Connection, viewer: Viewer, page: Page) -> Slice[CsmRow]:
    """The CSMs that the viewer may know of, by name."""
    condition, value = scope(viewer, "n")
    args = Args(value)
    sql = (
        f"SELECT {_COLUMNS} FROM {_CSM} WHERE {condition} "
        f"AND {BY_NAME.beyond(args, page.after)} ORDER BY {BY_NAME.sql}"
    )
    return await fetch_slice(connection, sql, args, row=CsmRow, first=page.first)


async def count_csms(connection: Connection, viewer: Viewer) -> int:
    """How many CSMs the viewer may know of."""
    condition, value = scope(viewer, "n")
    sql = f"SELECT count(*) FROM {_CSM} WHERE {condition}"
    return int(await connection.fetchval(sql, value))
