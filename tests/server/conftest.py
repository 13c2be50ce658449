"""A DATA_DIR for tests that start servers of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import embedded


@pytest.fixture
def folder() -> Iterator[Path]:
    """A DATA_DIR that PostgreSQL's own user may pass to; its servers end with the test."""
    path = Path(tempfile.mkdtemp(prefix="engagement-embedded-"))
    path.chmod(0o755)
    yield path
    embedded.stop_postgres(path)
    embedded.stop_valkey(path)
    shutil.rmtree(path, ignore_errors=True)
