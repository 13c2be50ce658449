"""A customer's newest 50 events with campaign and recipient, beside a route with one statement."""

import itertools
from typing import Any

import orjson

from bench.measure import Measure, median, milliseconds, per_second
from bench.stage import Stage
from bench.wire import Call, hammer
from demo.portfolio import Portfolio

CONNECTIONS = 4
ROUNDS = 2
CUSTOMERS = 50
DOCUMENT = """
query Timeline($externalId: String!, $first: Int!) {
  customer(externalId: $externalId) {
    feedCursor
    events(first: $first) {
      nodes {
        id kind occurredAt actor url
        campaign { name subject }
        recipient { address delivery { status } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


async def timeline(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, stored: str, seconds: float
) -> Measure:
    """Timelines a second; `stored` says how many events lie below."""
    ours: list[float] = []
    bare: list[float] = []
    latencies: list[float] = []
    for _ in range(ROUNDS):
        found, whole = await _hammer(bare_url, "/timeline", "", portfolio, seconds)
        bare.append(len(found) / whole)
        found, whole = await _hammer(stage.url, "/graphql", stage.manager_token, portfolio, seconds)
        ours.append(len(found) / whole)
        latencies += found
    return Measure(
        f"timeline of 50 events, {stored} stored",
        f"{per_second(median(ours), 'queries')} ({milliseconds(latencies)})",
        f"bare route, one statement {per_second(median(bare), 'queries')}",
        median(ours) / median(bare),
    )


async def _hammer(
    url: str, path: str, token: str, portfolio: Portfolio, seconds: float
) -> tuple[list[float], float]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    bodies: list[Call] = [
        (path, headers, orjson.dumps({"query": DOCUMENT, "variables": variables}))
        for variables in _variables(portfolio)
    ]
    return await hammer(url, itertools.cycle(bodies), connections=CONNECTIONS, seconds=seconds)


def _variables(portfolio: Portfolio) -> list[dict[str, Any]]:
    return [{"externalId": c.external_id, "first": 50} for c in portfolio.customers[:CUSTOMERS]]
