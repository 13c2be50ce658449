"""Sources that are asked for what is new: for those who see all."""

from collections.abc import Sequence

from resolvers.context import Context
from store import pulls as store
from store.pulls import PullRow


async def pulls(context: Context) -> Sequence[PullRow]:
    """Every source that was ever asked, by name."""
    async with context.read() as connection:
        return await store.pulls(connection)
