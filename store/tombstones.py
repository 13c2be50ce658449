"""What remains of people who were erased: that nothing more is to be kept of their addresses."""

from collections.abc import Iterable
from datetime import datetime

from domain.erasure import tombstone
from domain.policy import Policy
from store.database import Connection


async def erased_of(
    connection: Connection, addresses: Iterable[str], policy: Policy
) -> frozenset[str]:
    """Those of the normalised addresses that, or an alias of which, were erased."""
    # Most services have erased nobody, and then nothing need be hashed.
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM erased_address)"):
        return frozenset()
    hashes = {address: tombstone(address, policy) for address in addresses}
    rows = await connection.fetch(
        "SELECT hash FROM erased_address WHERE hash = ANY($1::bytea[])", list({*hashes.values()})
    )
    erased = {row[0] for row in rows}
    return frozenset(address for address, hash_ in hashes.items() if hash_ in erased)


async def bury(
    connection: Connection, addresses: Iterable[str], policy: Policy, now: datetime
) -> None:
    """Keep nothing more of these addresses and their aliases from now on."""
    await connection.execute(
        "INSERT INTO erased_address (hash, erased_at) SELECT hash, $2 FROM unnest($1::bytea[]) "
        "n(hash) ON CONFLICT (hash) DO NOTHING",
        sorted({tombstone(address, policy) for address in addresses}),
        now,
    )
