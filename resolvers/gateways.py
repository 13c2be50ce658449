"""What judging has learned: for those who see all."""

from domain.gateways import GatewayProfile
from domain.judging import JUDGE_VERSION
from resolvers.context import Context
from store import gateways
from store.paging import Page, Slice


async def list_gateways(context: Context, page: Page) -> Slice[GatewayProfile]:
    """A page of the newest profile of each domain, by domain."""
    async with context.read() as connection:
        return await gateways.list_gateways(connection, page)


async def count_gateways(context: Context) -> int:
    """How many domains have a profile."""
    async with context.read() as connection:
        return await gateways.count_gateways(connection)


async def count_outdated(context: Context) -> int:
    """How many recipients were last judged by an older version of the rules."""
    async with context.read() as connection:
        return await gateways.count_outdated(connection, JUDGE_VERSION)
