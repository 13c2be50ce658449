"""PostgreSQL and Valkey on a DATA_DIR: what `run` and the tests live on when no URLs are set."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from server import postgres, valkey


def start_postgres(data_dir: Path, settings: Mapping[str, str] | None = None) -> str:
    """Start or adopt PostgreSQL on `data_dir`; its DSN. Raises ServerError. Main thread only."""
    return postgres.start(data_dir.resolve(), settings)


def start_valkey(data_dir: Path) -> str:
    """Start or adopt Valkey on `data_dir`; its URL. Raises ServerError. Main thread only."""
    return valkey.start(data_dir.resolve())


def stop_postgres(data_dir: Path) -> None:
    """Stop PostgreSQL on `data_dir`, whoever started it."""
    postgres.stop(data_dir.resolve())


def stop_valkey(data_dir: Path) -> None:
    """Stop Valkey on `data_dir`, whoever started it."""
    valkey.stop(data_dir.resolve())


def is_running(data_dir: Path) -> bool:
    """Whether both servers run on `data_dir`."""
    folder = data_dir.resolve()
    return postgres.running(folder) is not None and valkey.running(folder) is not None


@contextmanager
def borrowed(data_dir: Path) -> Iterator[tuple[str, str]]:
    """DSN and URL of the servers on `data_dir`; those that did not run stop again afterwards."""
    folder = data_dir.resolve()
    had_postgres, had_valkey = postgres.running(folder), valkey.running(folder)
    try:
        yield postgres.start(folder), valkey.start(folder)
    finally:
        if not had_valkey:
            valkey.stop(folder)
        if not had_postgres:
            postgres.stop(folder)
