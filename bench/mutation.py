"""recordEngagement: one event and 500 events a call, beside a route that just inserts them."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson

from bench.ingest import drained
from bench.measure import Measure, median, milliseconds, per_second
from bench.stage import Stage
from bench.wire import Call, hammer
from demo.portfolio import Portfolio

CONNECTIONS = 8
ROUNDS = 2
ALONE_ROUNDS = 3
ALONE_CALLS = 100
DOCUMENT = """
mutation Record($input: RecordEngagementInput!) {
  recordEngagement(input: $input) {
    recorded duplicates unmatched rejected
    results { outcome }
    userErrors { message }
  }
}
"""


Side = tuple[float, dict[str, float]]
"""Events a second; CPU microseconds an event of each process."""


async def recording(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, size: int, seconds: float
) -> tuple[Measure, ...]:
    """Events a second by mutation with `size` events a call, what one costs, and for single events
    how long a caller waits whom nobody is beside."""
    sides: dict[str, list[Side]] = {"bare": [], "ours": []}
    for number in range(ROUNDS):
        await settle(stage)
        with _worker_waiting(stage):
            for name, *where in _routes(stage, bare_url):
                run = f"mutation-{size}-{number}-{name}"
                sides[name].append(await _side(stage, where, portfolio, run, size, seconds))
    await settle(stage)
    ours, bare = (median([side[0] for side in sides[name]]) for name in ("ours", "bare"))
    cpu = {(name, part): _cpu(sides[name], part) for name in sides for part in _PARTS}
    found = (
        Measure(
            f"recordEngagement, {size} event{'s' if size > 1 else ''} a call",
            per_second(ours, "events"),
            f"bare route and INSERT {per_second(bare, 'events')}",
            ours / bare,
        ),
        Measure(
            "the same",
            f"CPU µs/event: web {cpu['ours', 'web']:.0f}, postgres {cpu['ours', 'postgres']:.0f}",
            f"route {cpu['bare', 'bare']:.0f}, postgres {cpu['bare', 'postgres']:.0f}",
            cpu["bare", "postgres"] / cpu["ours", "postgres"],
        ),
    )
    return found if size > 1 else (*found, await _alone(stage, bare_url, portfolio))


@contextmanager
def _worker_waiting(stage: Stage) -> Iterator[None]:
    """Have the worker, which has nothing left to do, begin afterwards: its projection is measured
    with the ingest, and here would count as the route's."""
    worker = stage.processes["worker"]
    worker.suspend()
    try:
        yield
    finally:
        worker.resume()


_PARTS = ("web", "bare", "postgres")


def _cpu(sides: list[Side], part: str) -> float:
    return median([side[1][part] for side in sides])


def _routes(stage: Stage, bare_url: str) -> tuple[tuple[str, str, str, str], ...]:
    """What is compared: its name, its address, path and token."""
    return (
        ("bare", bare_url, "/record", ""),
        ("ours", stage.url, "/graphql", stage.integration_token),
    )


async def _alone(stage: Stage, bare_url: str, portfolio: Portfolio) -> Measure:
    """One caller, one event at a time, the two routes by turns."""
    took: dict[str, list[float]] = {"bare": [], "ours": []}
    for number in range(ALONE_ROUNDS):
        for name, url, path, token in _routes(stage, bare_url):
            calls = _calls(path, token, portfolio, f"alone-{number}-{name}", 1)
            some = itertools.islice(calls, ALONE_CALLS)
            took[name] += (await hammer(url, some, connections=1, seconds=60.0))[0]
        await settle(stage)
    ours, bare = median(took["ours"]), median(took["bare"])
    return Measure(
        "the same, one caller", milliseconds(took["ours"]), milliseconds(took["bare"]), bare / ours
    )


async def settle(stage: Stage) -> None:
    """Let the worker finish, so that it does not run into the next round."""
    connection = await asyncpg.connect(stage.dsn)
    try:
        await drained(connection)
    finally:
        await connection.close()


async def _side(
    stage: Stage, where: list[str], portfolio: Portfolio, run: str, size: int, seconds: float
) -> Side:
    url, path, token = where
    calls = _calls(path, token, portfolio, run, size)
    some: Iterator[Call] = iter(list(itertools.islice(calls, int(4_000 * seconds / size) + 20)))
    before = stage.cpu()
    took, whole = await hammer(url, some, connections=CONNECTIONS, seconds=seconds)
    events = len(took) * size
    used = {name: 1e6 * (spent - before[name]) / events for name, spent in stage.cpu().items()}
    return events / whole, used


def _calls(path: str, token: str, portfolio: Portfolio, run: str, size: int) -> Iterator[Call]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    return ((path, headers, body) for body in _bodies(portfolio, run, size))


def _bodies(portfolio: Portfolio, run: str, size: int) -> Iterator[bytes]:
    readers = itertools.cycle(portfolio.readers)
    now = datetime.now(UTC).isoformat()
    for call in itertools.count():
        events = [_event(next(readers).address, f"{run}-{call}-{n}", run, now) for n in range(size)]
        yield orjson.dumps({"query": DOCUMENT, "variables": {"input": {"events": events}}})


def _event(address: str, identity: str, run: str, now: str) -> dict[str, Any]:
    return {
        "provider": "bench",
        "providerEventId": identity,
        "campaign": {"externalId": run},
        "address": address,
        "kind": "CLICKED",
        "occurredAt": now,
        "url": "https://www.northlake.example/releases/26-1",
    }
