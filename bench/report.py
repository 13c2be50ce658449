"""The table of measurements, and its place in docs/performance.md."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import psutil

from bench.measure import Measure

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def table(rows: Sequence[Measure]) -> str:
    """The rows as Markdown."""
    lines = ["| what | ours | ceiling, same run | ratio |", "|---|---|---|---:|"]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(f"| {row.what} | {row.ours} | {row.ceiling} | {ratio} |")
    return "\n".join(lines)


async def machine(dsn: str) -> str:
    """What it was measured on, without a name of host or person."""
    connection = await asyncpg.connect(dsn)
    version = str(await connection.fetchval("SHOW server_version")).split(" ")[0]
    await connection.close()
    memory = psutil.virtual_memory().total / 2**30
    busy = os.getloadavg()[2] / (os.cpu_count() or 1)
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, PostgreSQL {version}; "
        f"load per core over the last quarter of an hour {busy:.1f}"
    )


def write(facts: str, rows: Sequence[Measure], page: Path = PAGE) -> None:
    """Put the table between the markers; the rest of the page stays. Raises ValueError."""
    text = page.read_text()
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise ValueError(f"{page.name} has no place for the table: {BEGIN} … {END}")
    today = datetime.now(UTC).date()
    found = f"{BEGIN}\n\nMeasured on {today}: {facts}.\n\n{table(rows)}\n\n{END}"
    page.write_text(before + found + after)
