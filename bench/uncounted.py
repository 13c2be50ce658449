"""The worker as it would be without counters, to measure what these cost.

`python -m bench.uncounted worker` is `python -m server worker`, but no recipient is noted to be
counted and nothing counts. Analysis is wrong afterwards: for measurements alone.
"""

import asyncio
from collections.abc import Iterable

import jobs.counting
import store.counting
from store.database import Connection, Database


async def _note_nobody(connection: Connection, recipient_ids: Iterable[int]) -> None:
    return None


async def _count_nothing(database: Database) -> None:
    await asyncio.Event().wait()


def main() -> None:
    """Put nothing in the place of noting and of counting, and be the server."""
    store.counting.note_recipients = _note_nobody
    jobs.counting.keep_counting = _count_nothing
    # Only now: what follows from here takes both by name.
    from server import cli

    cli.main()


if __name__ == "__main__":
    main()
