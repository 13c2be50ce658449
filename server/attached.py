"""The servers a command works on: those of the URLs, or those of DATA_DIR."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pydantic import SecretStr

from server import embedded
from server.demo_settings import with_loaded_demo
from server.secret_key import kept_secret_key
from server.settings import Settings, require


@contextmanager
def attached(settings: Settings) -> Iterator[Settings]:
    """Settings with both URLs and the key; what is not set comes from the servers on DATA_DIR.

    Servers that do not run there are started for the moment. Raises ServerError, SettingsError.
    """
    with attached_database(settings) as found, ExitStack() as stack:
        redis_url = settings.redis_url or stack.enter_context(
            embedded.borrowed_valkey(settings.data_dir)
        )
        yield require(
            with_loaded_demo(found.model_copy(update={"redis_url": redis_url})),
            "database_url",
            "redis_url",
            "secret_key",
        )


@contextmanager
def attached_database(settings: Settings) -> Iterator[Settings]:
    """Settings with DATABASE_URL; an embedded database is brought to the present schema first."""
    if settings.database_url:
        yield settings
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with embedded.borrowed_postgres(settings.data_dir) as database_url:
        complete = with_servers(settings, database_url=database_url, redis_url="")
        _migrate(complete.database_url)
        yield complete


def with_servers(settings: Settings, *, database_url: str, redis_url: str) -> Settings:
    """Settings with these URLs, and with the key kept in DATA_DIR where none is set."""
    key = settings.secret_key.get_secret_value() or kept_secret_key(settings.data_dir)
    return settings.model_copy(
        update={
            "database_url": database_url,
            "redis_url": redis_url or settings.redis_url,
            "secret_key": SecretStr(key),
        }
    )


def _migrate(database_url: str) -> None:
    from store.migrate import migrate

    asyncio.run(migrate(database_url))
