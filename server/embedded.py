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


@contextmanager
def borrowed_postgres(data_dir: Path) -> Iterator[str]:
    """DSN of PostgreSQL on `data_dir`; stopped again afterwards where it did not run before."""
    was_running = postgres.running(data_dir.resolve())
    try:
        yield start_postgres(data_dir)
    finally:
        if not was_running:
            stop_postgres(data_dir)


@contextmanager
def borrowed_valkey(data_dir: Path) -> Iterator[str]:
    """URL of Valkey on `data_dir`; stopped again afterwards where it did not run before."""
    was_running = valkey.running(data_dir.resolve())
    try:
        yield start_valkey(data_dir)
    finally:
        if not was_running:
            stop_valkey(data_dir)
