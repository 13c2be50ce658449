"""recordEngagement: one event and 500 events a call, beside a route that just inserts them."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson

from bench.ingest import drained
from bench.measure import Measure, median, per_second
from bench.stage import Stage
from bench.wire import Call, hammer
from demo.portfolio import Portfolio

CONNECTIONS = 8
ROUNDS = 2
DOCUMENT = """
mutation Record($input: RecordEngagementInput!) {
  recordEngagement(input: $input) {
    recorded duplicates unmatched rejected
    results { outcome }
    userErrors { message }
  }
}
"""


async def recording(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, size: int, seconds: float
) -> Measure:
    """Events a second by mutation with `size` events a call."""
    ours, bare = [], []
    for number in range(ROUNDS):
        run = f"mutation-{size}-{number}"
        bare.append(await _rate(bare_url, "/record", "", portfolio, f"{run}-bare", size, seconds))
        token = stage.integration_token
        ours.append(await _rate(stage.url, "/graphql", token, portfolio, run, size, seconds))
        await settle(stage)
    unit = "events"
    return Measure(
        f"recordEngagement, {size} event{'s' if size > 1 else ''} a call",
        per_second(median(ours), unit),
        f"bare route and INSERT {per_second(median(bare), unit)}",
        median(ours) / median(bare),
    )


async def settle(stage: Stage) -> None:
    """Let the worker finish, so that it does not run into the next round."""
    connection = await asyncpg.connect(stage.dsn)
    try:
        await drained(connection)
    finally:
        await connection.close()


async def _rate(
    url: str, path: str, token: str, portfolio: Portfolio, run: str, size: int, seconds: float
) -> float:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    calls = ((path, headers, body) for body in _bodies(portfolio, run, size))
    some: Iterator[Call] = iter(list(itertools.islice(calls, int(4_000 * seconds / size) + 20)))
    took, whole = await hammer(url, some, connections=CONNECTIONS, seconds=seconds)
    return len(took) * size / whole


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
