"""What the counters cost: ingest with them beside ingest without, by turns."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import asyncpg
import psutil

from bench.ingest import batches, end_to_end
from bench.measure import Measure, median, per_second
from bench.stage import Stage, beside
from demo.portfolio import Portfolio
from demo.signing import Signer
from store.counting import is_idle

LOOK_SECONDS = 0.1
COUNTED_SECONDS = 120.0
"""Longest wait until all is counted."""

WARM_UP = 4_000
"""Events before the other worker is measured: the first has seen as many and more."""


class Side(NamedTuple):
    """Events a second end to end, CPU microseconds an event until all was counted, and how many
    seconds after the last event that was."""

    rate: float
    cpu: dict[str, float]
    later: float


async def counting(
    stage: Stage, portfolio: Portfolio, *, events: int, rounds: int
) -> tuple[Measure, Measure]:
    """Writing with counters and without, in the same run."""
    sides: dict[str, list[Side]] = {"with": [], "without": []}
    await counted(stage.dsn)
    with beside(stage, "worker", module="bench.uncounted") as uncounted:
        workers = {"with": stage.processes["worker"], "without": uncounted}

        async def measure(name: str, run: str, events: int) -> Side:
            with _alone(workers, name):
                measured = replace(stage, processes={**stage.processes, "worker": workers[name]})
                return await _side(measured, portfolio, run, events, is_counted=name == "with")

        await measure("without", "warm-up", WARM_UP)
        for number in range(rounds):
            for name in ("with", "without") if number % 2 else ("without", "with"):
                sides[name].append(await measure(name, f"counters-{number}-{name}", events))
    return _rows(sides["with"], sides["without"])


@contextmanager
def _alone(workers: dict[str, psutil.Process], name: str) -> Iterator[None]:
    """One worker works; the other, which has nothing left to do, waits."""
    waiting = [worker for other, worker in workers.items() if other != name]
    for worker in waiting:
        worker.suspend()
    try:
        yield
    finally:
        for worker in waiting:
            worker.resume()


async def _side(
    stage: Stage, portfolio: Portfolio, run: str, events: int, *, is_counted: bool
) -> Side:
    requests = batches(portfolio, Signer(stage.secrets), events=events, run=f"{run}-{time.time()}")
    before = stage.cpu()
    found = await end_to_end(stage, requests)
    began = time.perf_counter()
    if is_counted:
        await counted(stage.dsn)
    later = time.perf_counter() - began
    cpu = {name: 1e6 * (used - before[name]) / events for name, used in stage.cpu().items()}
    return Side(found.rate, cpu, later)


async def counted(dsn: str) -> None:
    """Wait until nothing is left to be counted. Raises TimeoutError."""
    connection = await asyncpg.connect(dsn)
    try:
        deadline = time.monotonic() + COUNTED_SECONDS
        while not await is_idle(connection):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not all is counted after {COUNTED_SECONDS:.0f} s")
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


def _rows(counted: Sequence[Side], uncounted: Sequence[Side]) -> tuple[Measure, Measure]:
    rates = [median([side.rate for side in sides]) for sides in (counted, uncounted)]
    costs = [
        {part: median([side.cpu[part] for side in sides]) for part in ("web", "worker", "postgres")}
        for sides in (counted, uncounted)
    ]
    said = [", ".join(f"{part} {used:.0f}" for part, used in cost.items()) for cost in costs]
    later = median([side.later for side in counted])
    return (
        Measure(
            "writing with counters, end to end",
            f"{per_second(rates[0], 'events')}, all counted {later:.1f} s later",
            f"without {per_second(rates[1], 'events')}",
            rates[0] / rates[1],
        ),
        Measure(
            "the same, until all is counted",
            f"CPU µs/event: {said[0]}",
            f"without: {said[1]}",
            sum(costs[1].values()) / sum(costs[0].values()),
        ),
    )
