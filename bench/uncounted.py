"""The worker as it would be without counters, to measure what these cost.

`python -m bench.uncounted worker` is `python -m server worker`, but no recipient is noted to be
counted and nothing counts. Analysis is wrong afterwards: for measurements alone.
"""

import asyncio
from collections.abc import Iterable

import jobs.counting
import store.counting
from store.database import Connection, Database


async def note_nobody(connection: Connection, recipient_ids: Iterable[int]) -> None:
    """Note nothing."""


async def count_nothing(database: Database) -> None:
    """Count nothing, for ever."""
    await asyncio.Event().wait()


def forget_counters() -> None:
    """Put nothing in the place of noting and of counting, before others take these by name."""
    store.counting.note_recipients = note_nobody
    jobs.counting.keep_counting = count_nothing


def main() -> None:
    """Be the server without counters."""
    forget_counters()
    from server import cli

    cli.main()


if __name__ == "__main__":
    main()
