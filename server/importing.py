"""`python -m server import FILE`: a file of customers into the directory, in chunks."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from domain.directory import MAX_CUSTOMERS, ImportOutcome
from domain.errors import DomainError
from domain.policy import Policy
from jobs.queue import Wake
from resolvers.importing import Imported, take
from server.import_files import Item, open_items
from server.policy import policy_of
from server.progress import reading
from server.settings import Settings
from store.database import Database

SHOWN_ERRORS = 20
"""Errors that are printed; the others are counted."""


def import_customers(settings: Settings, file: Path) -> int:
    """Import a file; returns the exit code: 1 if anything in it was rejected."""
    return asyncio.run(_import(settings, file))


async def _import(settings: Settings, file: Path) -> int:
    database = Database(settings.database_url)
    wake = Wake(settings.redis_url)
    await database.connect()
    try:
        return await run_import(database, file, wake, policy=policy_of(settings), console=Console())
    finally:
        await wake.close()
        await database.close()


class Tally:
    """What became of the customers of a file so far."""

    def __init__(self) -> None:
        self.outcomes: Counter[ImportOutcome] = Counter()
        self.errors: list[str] = []
        self.error_count = 0

    def add(self, item: Item, errors: Sequence[DomainError]) -> None:
        """Note what is wrong with an item."""
        self.error_count += len(errors)
        for error in errors[: SHOWN_ERRORS - len(self.errors)]:
            field = list(error.field or ())
            # Fields begin with the item's place, which `where` puts in better words.
            self.errors.append(f"{item.where(field[1:])}: {error.message}")


async def run_import(
    database: Database, file: Path, wake: Wake, *, policy: Policy, console: Console
) -> int:
    """Import a file chunk by chunk with a progress bar, then say what became of it.

    Returns 0, or 1 if a customer was rejected or the file could not be read to its end; what was
    good is imported all the same.
    """
    tally = Tally()
    try:
        with file.open("rb") as opened, reading(console) as progress:
            items, read_bytes = open_items(file, opened)
            bar = progress.add_task(file.name, total=os.fstat(opened.fileno()).st_size)
            for chunk in _chunks(items):
                await _take(database, chunk, tally, policy)
                await wake.ingest()
                progress.update(bar, completed=read_bytes())
    except DomainError as error:
        tally.error_count += 1
        tally.errors.append(error.message)
    except OSError as error:
        tally.error_count += 1
        tally.errors.append(f"{file} cannot be read: {error.strerror}")
    _report(console, tally)
    return 1 if tally.error_count else 0


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Runs of items; what was read before an error in the file comes before the error."""
    chunk: list[Item] = []
    try:
        for item in items:
            chunk.append(item)
            if len(chunk) == MAX_CUSTOMERS:
                yield chunk
                chunk = []
    except DomainError:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


async def _take(database: Database, chunk: Sequence[Item], tally: Tally, policy: Policy) -> None:
    good = [item for item in chunk if not isinstance(item.content, DomainError)]
    placed = [((item.place,), item.content) for item in good]
    results = iter(await take(database, placed, now=datetime.now(UTC), policy=policy))
    for item in chunk:
        if isinstance(item.content, DomainError):
            result = Imported(ImportOutcome.REJECTED, errors=[item.content])
        else:
            result = next(results)
        tally.outcomes[result.outcome] += 1
        tally.add(item, result.errors)


def _report(console: Console, tally: Tally) -> None:
    table = Table("Customers", "", box=None)
    for outcome in ImportOutcome:
        table.add_row(outcome.lower(), f"{tally.outcomes[outcome]:,}")
    console.print(table)
    for error in tally.errors:
        console.print(error, style="red", markup=False, highlight=False, soft_wrap=True)
    if tally.error_count > len(tally.errors):
        console.print(f"and {tally.error_count - len(tally.errors):,} more", style="red")
