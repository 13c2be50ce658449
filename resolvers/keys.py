"""API keys: for admins."""

from datetime import datetime

from domain.errors import DomainError
from domain.text import is_storable
from domain.viewer import Role
from resolvers.context import Context
from store import access
from store.access import KeyRow
from store.paging import Page, Slice

MAX_NAME = 200
"""Characters of a key's name."""


def require_keeper(context: Context) -> None:
    """Refuse who may not see or change keys. Raises DomainError FORBIDDEN."""
    context.require(Role.ADMIN)


async def keys(context: Context, page: Page) -> Slice[KeyRow]:
    """A page of all keys ever made, newest first."""
    require_keeper(context)
    async with context.read() as connection:
        return await access.list_keys(connection, page)


async def count_keys(context: Context) -> int:
    """How many keys were ever made."""
    require_keeper(context)
    async with context.read() as connection:
        return await access.count_keys(connection)


async def key(context: Context, key_id: int) -> KeyRow | None:
    """A key; None when there is none or the viewer may not see it."""
    if context.viewer.role is not Role.ADMIN:
        return None
    async with context.read() as connection:
        return await access.key_by_id(connection, key_id)


async def create(
    context: Context, *, role: Role, name: str, csm_id: int | None, expires_at: datetime | None
) -> tuple[KeyRow, str]:
    """Make a key; returns its row and its token. Raises DomainError."""
    require_keeper(context)
    name = name.strip()
    if not (0 < len(name) <= MAX_NAME and is_storable(name)):
        message = f"a name has 1 to {MAX_NAME} characters, without NUL: say what the key is for"
        raise DomainError("INVALID_NAME", message, ("name",))
    now = context.services.now()
    if expires_at is not None and expires_at <= now:
        message = f"{expires_at.isoformat()} is past: give a later time, or null for never"
        raise DomainError("INVALID_TIME", message, ("expiresAt",))
    if csm_id is not None and await context.loaders.csms.load(csm_id) is None:
        raise DomainError("UNKNOWN_CSM", "there is no such CSM", ("csmId",))
    async with context.write() as connection:
        row, token = await access.insert_key(
            connection, role=role, name=name, csm_id=csm_id, expires_at=expires_at
        )
        await access.note(
            connection,
            now,
            actor=context.viewer.name,
            action="CREATE_API_KEY",
            subject=row.prefix,
        )
    return row, token


async def revoke(context: Context, key_id: int) -> KeyRow:
    """End a key. Raises DomainError NOT_FOUND."""
    require_keeper(context)
    now = context.services.now()
    async with context.write() as connection:
        row = await access.revoke_key(connection, key_id, now)
        if row is None:
            raise DomainError("NOT_FOUND", "there is no such key", ("id",))
        await access.note(
            connection,
            now,
            actor=context.viewer.name,
            action="REVOKE_API_KEY",
            subject=row.prefix,
        )
    return row
