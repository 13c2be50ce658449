"""Bringing the database to the present schema, one process at a time."""

import secrets
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.api.migrate import migrate as apply_migrations

from store.database import Connection, Unavailable
from store.partitions import ensure_partitions

LOCK = 0x656D61696C
"""Key of the advisory lock that keeps two deployments from migrating at once."""


def tortoise_config(dsn: str) -> dict[str, Any]:
    """Tortoise's configuration for this database."""
    return {
        "connections": {"default": tortoise_connection(dsn)},
        "apps": {
            "store": {
                "models": ["store.models"],
                "migrations": "store.migrations",
                "default_connection": "default",
            }
        },
        "use_tz": True,
    }


def tortoise_connection(dsn: str) -> dict[str, Any]:
    """Tortoise reads no socket folders from a URL: hand it the parts of the DSN."""
    parts = urlsplit(dsn)
    options = parse_qs(parts.query)
    credentials: dict[str, Any] = {
        "host": options["host"][0] if "host" in options else parts.hostname,
        "port": parts.port or int(options.get("port", ["5432"])[0]),
        "user": unquote(parts.username) if parts.username else options.get("user", [None])[0],
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or options.get("dbname", ["postgres"])[0],
        "minsize": 1,
        "maxsize": 2,
    }
    if "sslmode" in options:
        credentials["ssl"] = options["sslmode"][0]
    return {"engine": "tortoise.backends.asyncpg", "credentials": credentials}


def latest_migration() -> str:
    """The name of the newest migration this code knows."""
    names = sorted(f.name for f in files("store.migrations").iterdir() if f.name[:4].isdigit())
    return names[-1].removesuffix(".py")


async def is_migrated(connection: Connection) -> bool:
    """Whether the database stands at the newest migration."""
    if not await connection.fetchval("SELECT to_regclass('tortoise_migrations') IS NOT NULL"):
        return False
    found = await connection.fetchval(
        "SELECT 1 FROM tortoise_migrations WHERE name = $1", latest_migration()
    )
    return found is not None


async def migrate(dsn: str) -> None:
    """Apply what is missing under an advisory lock, make partitions, settle the feed's epoch.

    Raises Unavailable.
    """
    try:
        connection = await asyncpg.connect(dsn)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Unavailable(f"PostgreSQL cannot be reached: {error}") from error
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        if not await is_migrated(connection):
            await apply_migrations(config=tortoise_config(dsn))
        await ensure_partitions(connection, datetime.now(UTC).date())
        await _settle_epoch(connection)
    finally:
        await Tortoise.close_connections()
        await connection.close()


async def _settle_epoch(connection: Connection) -> None:
    """Transaction ids mean nothing in another cluster: a restored dump starts a new feed."""
    async with connection.transaction():
        identifier = str(
            await connection.fetchval("SELECT system_identifier FROM pg_control_system()")
        )
        known = await connection.fetchval("SELECT system_identifier FROM feed_state")
        if known == identifier:
            return
        await connection.execute("DELETE FROM feed")
        await connection.execute("DELETE FROM feed_state")
        await connection.execute(
            "INSERT INTO feed_state (epoch, system_identifier, floor_xid, floor_id) "
            "VALUES ($1, $2, '0', 0)",
            secrets.token_hex(4),
            identifier,
        )
