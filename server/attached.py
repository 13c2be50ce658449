"""The servers a command works on: those of the URLs, or those of DATA_DIR."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from server import embedded
from server.settings import Settings, kept_secret_key, require_servers


@contextmanager
def attached(settings: Settings) -> Iterator[Settings]:
    """Settings with both URLs and the key; what is not set comes from the servers on DATA_DIR.

    Servers that do not run there are started for the moment. Raises ServerError, SettingsError.
    """
    if settings.database_url and settings.redis_url:
        yield require_servers(settings)
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with embedded.borrowed(settings.data_dir) as (database_url, redis_url):
        complete = with_servers(settings, database_url=database_url, redis_url=redis_url)
        _migrate(complete.database_url)
        yield complete


def with_servers(settings: Settings, *, database_url: str, redis_url: str) -> Settings:
    """Settings with these URLs where none are set, and with the key kept in DATA_DIR."""
    key = settings.secret_key.get_secret_value() or kept_secret_key(settings.data_dir)
    complete = settings.model_copy(
        update={
            "database_url": settings.database_url or database_url,
            "redis_url": settings.redis_url or redis_url,
            "secret_key": SecretStr(key),
        }
    )
    return require_servers(complete)


def _migrate(database_url: str) -> None:
    from store.migrate import migrate

    asyncio.run(migrate(database_url))
