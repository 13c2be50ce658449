"""Customer success managers, for a viewer."""

from resolvers.context import Context
from store import csms
from store.csms import CsmRow
from store.paging import Page, Slice


async def csm(context: Context, csm_id: int) -> CsmRow | None:
    """The CSM; None when there is none that the viewer may know of."""
    return await context.loaders.csms.load(csm_id)


async def csms_of_viewer(context: Context, page: Page) -> Slice[CsmRow]:
    """A page of the CSMs that the viewer may know of, by name."""
    async with context.read() as connection:
        return await csms.list_csms(connection, context.viewer, page)


async def count_csms(context: Context) -> int:
    """How many CSMs the viewer may know of."""
    async with context.read() as connection:
        return await csms.count_csms(connection, context.viewer)
