"""Upkeep: one job after the other, whatever becomes of any."""

from collections.abc import Awaitable, Callable

import pytest

from jobs.upkeep import each
from store.database import Unavailable


@pytest.mark.parametrize(
    ("error", "done"),
    [(ValueError("an odd partition"), ["first", "last"]), (Unavailable("away"), ["first"])],
)
async def test_a_job_that_fails_stops_no_other_unless_postgresql_is_away(
    error: Exception, done: list[str]
) -> None:
    found: list[str] = []

    def job(name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            if name == "failing":
                raise error
            found.append(name)

        return run

    await each([job("first"), job("failing"), job("last")])
    assert found == done
