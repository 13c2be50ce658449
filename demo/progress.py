"""Progress for people: a bar on a terminal, now and then a line elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINES = 4
"""Lines per task where there is no terminal."""

Advance = Callable[[int], None]


class Shown:
    """Where tasks show their progress."""

    def __init__(self, console: Console, progress: Progress | None) -> None:
        self._console = console
        self._progress = progress

    def task(self, title: str, total: int) -> Advance:
        """Begin a task of `total` steps; call what is returned with each number of steps done."""
        if self._progress is None:
            return self._lines(title, total)
        progress = self._progress
        number = progress.add_task(title, total=total)
        return lambda steps: progress.update(number, advance=steps)

    def _lines(self, title: str, total: int) -> Advance:
        done = shown = 0

        def advance(steps: int) -> None:
            nonlocal done, shown
            done += steps
            if done * LINES // max(total, 1) > shown:
                shown = done * LINES // max(total, 1)
                self._console.print(f"{title}: {done:,} of {total:,}", highlight=False)

        return advance

    def say(self, text: str) -> None:
        """A line of its own."""
        self._console.print(text, highlight=False)


@contextmanager
def shown(console: Console | None = None) -> Iterator[Shown]:
    """Progress on standard error for as long as the block lasts."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield Shown(console, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        yield Shown(progress.console, progress)
