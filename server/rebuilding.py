"""`python -m server rebuild`: derive everything again, or check that nothing differs."""

import asyncio

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from server.policy import policy_of
from server.settings import Settings
from store.database import Database
from store.rebuilding import EXAMPLES, Difference
from store.rebuilding import rebuild as derive


def rebuild(settings: Settings, *, is_check: bool) -> int:
    """Run it with a progress bar; the exit code: 1 when a check found a difference."""
    console = Console()
    with Progress(
        TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), console=console
    ) as progress:
        found = asyncio.run(_rebuild(settings, progress, is_check=is_check))
    for difference in found[:EXAMPLES]:
        console.print(f"{difference.table} {difference.id}: {difference.what}")
    if len(found) > EXAMPLES:
        console.print(f"… and {len(found) - EXAMPLES:,} more")
    verb = "differ" if is_check else "differed and were put right"
    console.print(f"{len(found):,} rows {verb}" if found else "no difference")
    return 1 if found and is_check else 0


async def _rebuild(settings: Settings, progress: Progress, *, is_check: bool) -> list[Difference]:
    tasks: dict[str, TaskID] = {}

    def report(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = progress.add_task(what, total=total)
        progress.update(tasks[what], completed=done)

    database = Database(settings.database_url)
    await database.connect()
    try:
        return await derive(database, policy_of(settings), is_check=is_check, report=report)
    finally:
        await database.close()
