"""API keys: who may come in with which token, of which only the hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from domain.errors import DomainError
from domain.viewer import Role
from store.database import Connection, Database
from store.paging import Args, Order, Page, Slice, columns, fetch_slice

MARK = "ce"
"""How every token begins, so that a leaked one is recognised."""

PREFIX_BYTES = 6
SECRET_BYTES = 32
"""Random bytes of a token's secret part: no search finds one, so a fast hash is enough."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A row of `api_key` without the hash."""

    id: int
    prefix: str
    role: str
    name: str
    csm_id: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


NEWEST: Order[KeyRow] = Order("NEWEST", ("t.id",), (int,), lambda row: (row.id,), True)

_COLUMNS = columns(KeyRow, "t")


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def prefix_of(token: str) -> str | None:
    """The part of a token that finds its key; None for what is no API key's."""
    mark, _, rest = token.partition("_")
    prefix, underscore, secret = rest.partition("_")
    is_ours = mark == MARK and underscore and secret and len(prefix) == 2 * PREFIX_BYTES
    return f"{MARK}_{prefix}" if is_ours and prefix.isascii() and prefix.isalnum() else None


async def create_api_key(
    database: Database,
    *,
    role: Role,
    name: str,
    csm_email: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a key and return its token, which nobody can read again. Raises DomainError.

    A CSM's key is for the CSM with that email; others have none.
    """
    async with database.transaction() as connection:
        csm_id = None
        if csm_email is not None:
            csm_id = await csm_by_email(connection, csm_email)
            if csm_id is None:
                message = f"no CSM has the address “{csm_email}”: import their customers first"
                raise DomainError("UNKNOWN_CSM", message, ("csm",))
        _, token = await insert_key(
            connection, role=role, name=name, csm_id=csm_id, expires_at=expires_at
        )
    return token


async def insert_key(
    connection: Connection,
    *,
    role: Role,
    name: str,
    csm_id: int | None,
    expires_at: datetime | None,
) -> tuple[KeyRow, str]:
    """Make a key; returns its row and its token. Raises DomainError."""
    if (role is Role.CSM) != (csm_id is not None):
        message = (
            "a CSM's key needs the CSM whose portfolio it reads: name them"
            if role is Role.CSM
            else f"a key of role {role.value} reads no single portfolio: name no CSM"
        )
        raise DomainError("INVALID_CSM", message, ("csmId",))
    prefix = f"{MARK}_{secrets.token_hex(PREFIX_BYTES)}"
    token = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    record = await connection.fetchrow(
        "INSERT INTO api_key AS t (prefix, digest, role, name, csm_id, expires_at) "
        f"VALUES ($1, $2, $3, $4, $5, $6) RETURNING {_COLUMNS}",
        prefix,
        digest(token),
        role.value,
        name,
        csm_id,
        expires_at,
    )
    return KeyRow(*record), token


async def key_by_prefix(connection: Connection, prefix: str) -> tuple[KeyRow, bytes] | None:
    """A key with the hash of its token, revoked and expired ones too."""
    record = await connection.fetchrow(
        f"SELECT {_COLUMNS}, t.digest FROM api_key t WHERE t.prefix = $1",
        prefix,
    )
    return None if record is None else (KeyRow(*record[:-1]), record[-1])


async def key_by_id(connection: Connection, key_id: int) -> KeyRow | None:
    """A key, revoked and expired ones too."""
    record = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM api_key t WHERE t.id = $1",
        key_id,
    )
    return None if record is None else KeyRow(*record)


async def list_keys(connection: Connection, page: Page) -> Slice[KeyRow]:
    """A page of all keys ever made, newest first."""
    args = Args(None)
    sql = (
        f"SELECT {_COLUMNS} FROM api_key t WHERE $1::bigint IS NULL "
        f"AND {NEWEST.beyond(args, page.after)} ORDER BY {NEWEST.sql}"
    )
    return await fetch_slice(connection, sql, args, row=KeyRow, first=page.first)


async def count_keys(connection: Connection) -> int:
    """How many keys were ever made."""
    return int(await connection.fetchval("SELECT count(*) FROM api_key"))


async def revoke_key(connection: Connection, key_id: int, at: datetime) -> KeyRow | None:
    """End a key; one that was revoked before keeps its time. None when there is none."""
    record = await connection.fetchrow(
        "UPDATE api_key t SET revoked_at = coalesce(revoked_at, $2) "
        f"WHERE t.id = $1 RETURNING {_COLUMNS}",
        key_id,
        at,
    )
    return None if record is None else KeyRow(*record)


async def csm_by_email(connection: Connection, email: str) -> int | None:
    """The CSM with that address, whatever its case."""
    found: int | None = await connection.fetchval(
        "SELECT id FROM csm WHERE lower(email) = lower($1) ORDER BY id LIMIT 1", email
    )
    return found


async def note(
    connection: Connection, at: datetime, *, actor: str, action: str, subject: str
) -> None:
    """Keep who did what to the access."""
    await connection.execute(
        "INSERT INTO audit (at, actor, action, subject) VALUES ($1, $2, $3, $4)",
        at,
        actor,
        action,
        subject,
    )
