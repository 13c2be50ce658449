"""recordEngagement: one event and 500 events a call, beside routes that just insert them.

One of these has a table of its own with as few columns and indexes as can be; the other stores the
rows that the service stores, in its tables. Recipients are known before the clock runs.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg
import orjson

from bench.ingest import drained
from bench.measure import Measure, median, milliseconds, per_second
from bench.stage import Stage
from bench.wire import Call, hammer, post_all
from demo.portfolio import Portfolio

ROUNDS = 2
FASTEST = 8_000
"""Events a second that calls are made for beforehand; no side is faster with one a call."""

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


class Side(NamedTuple):
    """Events a second; CPU microseconds an event of each process."""

    rate: float
    cpu: dict[str, float]


class Where(NamedTuple):
    """What is compared: its name, its address, path and token."""

    name: str
    url: str
    path: str
    token: str


def _routes(stage: Stage, bare_url: str) -> tuple[Where, ...]:
    return (
        Where("bare", bare_url, "/record", ""),
        Where("same", bare_url, "/record-same", ""),
        Where("ours", stage.url, "/graphql", stage.integration_token),
    )


async def recording(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, size: int, callers: int, seconds: float
) -> tuple[Measure, ...]:
    """Events a second by mutation with `size` events a call, and what one costs."""
    sides: dict[str, list[Side]] = {"bare": [], "same": [], "ours": []}
    for number in range(ROUNDS):
        # Of one for all rounds each recipient would have hundreds of events in the end.
        campaign = f"mutation-{size}-{callers}-{number}"
        await _open(stage, portfolio, campaign)
        with _worker_waiting(stage):
            for where in _routes(stage, bare_url):
                bodies = _bodies(portfolio, f"{number}-{where.name}", campaign, size)
                sides[where.name].append(await _side(stage, where, bodies, size, callers, seconds))
    await settle(stage)
    what = f"recordEngagement, {_count(size, 'event')} a call, {_count(callers, 'caller')}"
    return (
        *_beside(what, sides["ours"], sides["bare"], "bare route, a plain row"),
        *_beside(
            f"{what}, the same rows", sides["ours"], sides["same"], "bare route, the service's rows"
        ),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


def _beside(
    what: str, ours: Sequence[Side], bare: Sequence[Side], ceiling: str
) -> tuple[Measure, Measure]:
    rates = [median([side.rate for side in sides]) for sides in (ours, bare)]
    web, postgres = _cpu(ours, "web"), _cpu(ours, "postgres")
    route, beside = _cpu(bare, "bare"), _cpu(bare, "postgres")
    return (
        Measure(
            what,
            per_second(rates[0], "events"),
            f"{ceiling} {per_second(rates[1], 'events')}",
            rates[0] / rates[1],
        ),
        Measure(
            "the same",
            f"CPU µs/event: web {web:.0f}, postgres {postgres:.0f}",
            f"route {route:.0f}, postgres {beside:.0f}",
            beside / postgres,
        ),
    )


async def _open(stage: Stage, portfolio: Portfolio, campaign: str) -> None:
    """Have every reader a recipient of the campaign, and it a bulk send."""
    readers = len(portfolio.readers)
    calls = _calls("/graphql", stage.integration_token, _bodies(portfolio, "open", campaign, 500))
    answers = await post_all(stage.url, itertools.islice(calls, 1 + readers // 500), connections=2)
    if set(answers) != {200}:
        raise RuntimeError(f"the campaign was not opened: answers {answers}")
    await settle(stage)


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


def _cpu(sides: Sequence[Side], part: str) -> float:
    return median([side.cpu[part] for side in sides])


async def alone(stage: Stage, bare_url: str, portfolio: Portfolio) -> tuple[Measure, ...]:
    """How long one caller waits, one event at a time, the routes by turns."""
    took: dict[str, list[float]] = {"bare": [], "same": [], "ours": []}
    await _open(stage, portfolio, "alone")
    for number in range(ALONE_ROUNDS):
        for name, url, path, token in _routes(stage, bare_url):
            calls = _calls(path, token, _bodies(portfolio, f"{number}-{name}", "alone", 1))
            some = itertools.islice(calls, ALONE_CALLS)
            took[name] += (await hammer(url, some, connections=1, seconds=60.0))[0]
        await settle(stage)
    ours = median(took["ours"])
    return tuple(
        Measure(
            f"recordEngagement, 1 event a call, 1 caller{also}",
            milliseconds(took["ours"]),
            f"{ceiling} {milliseconds(took[name])}",
            median(took[name]) / ours,
        )
        for name, also, ceiling in (
            ("bare", "", "bare route, a plain row"),
            ("same", ", the same rows", "bare route, the service's rows"),
        )
    )


async def settle(stage: Stage) -> None:
    """Let the worker finish, so that it does not run into the next round."""
    connection = await asyncpg.connect(stage.dsn)
    try:
        await drained(connection)
    finally:
        await connection.close()


async def _side(
    stage: Stage, where: Where, bodies: Iterator[bytes], size: int, callers: int, seconds: float
) -> Side:
    calls = _calls(where.path, where.token, bodies)
    some = list(itertools.islice(calls, int(FASTEST * seconds / size) + 20 * callers))
    before = stage.cpu()
    took, whole = await hammer(where.url, some, connections=callers, seconds=seconds)
    events = len(took) * size
    used = {name: 1e6 * (spent - before[name]) / events for name, spent in stage.cpu().items()}
    return Side(events / whole, used)


def _calls(path: str, token: str, bodies: Iterator[bytes]) -> Iterator[Call]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    return ((path, headers, body) for body in bodies)


def _bodies(portfolio: Portfolio, run: str, campaign: str, size: int) -> Iterator[bytes]:
    readers = itertools.cycle(portfolio.readers)
    now = datetime.now(UTC).isoformat()
    for call in itertools.count():
        events = [
            _event(next(readers).address, f"{campaign}-{run}-{call}-{n}", campaign, now)
            for n in range(size)
        ]
        yield orjson.dumps({"query": DOCUMENT, "variables": {"input": {"events": events}}})


def _event(address: str, identity: str, campaign: str, now: str) -> dict[str, Any]:
    return {
        "provider": "bench",
        "providerEventId": identity,
        "campaign": {"externalId": campaign},
        "address": address,
        "kind": "CLICKED",
        "occurredAt": now,
        "url": "https://www.northlake.example/releases/26-1",
    }
