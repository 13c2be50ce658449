"""Digests, for a viewer: a CSM's own, and all of them for managers and admins."""

from datetime import date

from domain.errors import DomainError
from domain.viewer import Role
from domain.zones import zone_name
from resolvers.context import Context
from store import digests as store
from store.digests import DigestRow, DigestSettings
from store.paging import Page, Slice

READING = (Role.CSM, Role.MANAGER, Role.ADMIN)


async def digest(context: Context, digest_id: int) -> DigestRow | None:
    """The digest; None when there is none that the viewer may read."""
    async with context.read() as connection:
        return await store.digest_by_id(connection, context.viewer, digest_id)


async def digest_of(context: Context, csm_id: int | None, day: date | None) -> DigestRow | None:
    """A CSM's digest of a day, or their newest. Raises DomainError."""
    context.require(*READING)
    whose = csm_id if csm_id is not None else context.viewer.csm_id
    if whose is None:
        raise DomainError("INVALID_ARGUMENT", "say whose digest: give csmId", ("csmId",))
    async with context.read() as connection:
        return await store.digest_of(connection, context.viewer, whose, day)


async def digests(context: Context, csm_id: int | None, page: Page) -> Slice[DigestRow]:
    """A page of the digests that the viewer may read, the newest first. Raises DomainError."""
    context.require(*READING)
    async with context.read() as connection:
        return await store.list_digests(connection, context.viewer, csm_id, page)


async def count_digests(context: Context, csm_id: int | None) -> int:
    """How many that is in all."""
    async with context.read() as connection:
        return await store.count_digests(connection, context.viewer, csm_id)


async def settings(context: Context) -> DigestSettings | None:
    """What the viewer has chosen; None for who is no CSM."""
    if context.viewer.role is not Role.CSM or context.viewer.csm_id is None:
        return None
    async with context.read() as connection:
        return await store.digest_settings(connection, context.viewer.csm_id)


async def set_digest(context: Context, *, enabled: bool, timezone: str | None) -> DigestSettings:
    """Write down what a CSM chooses. Raises DomainError."""
    context.require(Role.CSM)
    zone = None if timezone is None else zone_name(timezone)
    if timezone is not None and zone is None:
        message = "that is no IANA time zone: give one such as Europe/Berlin, or null"
        raise DomainError("INVALID_TIMEZONE", message, ("timezone",))
    chosen = DigestSettings(enabled, zone)
    async with context.write() as connection:
        csm_id = context.viewer.csm_id
        if csm_id is None or not await store.set_digest(connection, csm_id, chosen):
            raise DomainError("NOT_FOUND", "there is no such CSM any more")
    return chosen
