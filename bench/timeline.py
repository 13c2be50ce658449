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
WARM_SECONDS = 0.5
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


Side = tuple[float, dict[str, float], list[float]]
"""Calls a second; CPU milliseconds a call of each process; how long each call took."""


async def timeline(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, stored: str, seconds: float
) -> tuple[Measure, Measure]:
    """Timelines a second, and what one costs; `stored` says how many events lie below."""
    sides: dict[str, list[Side]] = {"bare": [], "ours": []}
    for _ in range(ROUNDS):
        for name, url, path, token in (
            ("bare", bare_url, "/timeline", stage.manager_token),
            ("ours", stage.url, "/graphql", stage.manager_token),
        ):
            sides[name].append(await _side(stage, url, path, token, portfolio, seconds))
    ours, bare = (median([side[0] for side in sides[name]]) for name in ("ours", "bare"))
    latencies = [took for side in sides["ours"] for took in side[2]]
    cpu = {(name, part): _cpu(sides[name], part) for name in sides for part in _PARTS}
    beside = cpu["bare", "bare"] + cpu["bare", "postgres"]
    spent = cpu["ours", "web"] + cpu["ours", "postgres"]
    return Measure(
        f"timeline of 50 events, {stored} stored",
        f"{per_second(ours, 'queries')} ({milliseconds(latencies)})",
        f"bare route, one statement {per_second(bare, 'queries')}",
        ours / bare,
    ), Measure(
        "the same",
        f"CPU ms/query: web {cpu['ours', 'web']:.2f}, postgres {cpu['ours', 'postgres']:.2f}",
        f"route {cpu['bare', 'bare']:.2f}, postgres {cpu['bare', 'postgres']:.2f}",
        beside / spent,
    )


_PARTS = ("web", "bare", "postgres")


def _cpu(sides: list[Side], part: str) -> float:
    return median([side[1][part] for side in sides])


async def _side(
    stage: Stage, url: str, path: str, token: str, portfolio: Portfolio, seconds: float
) -> Side:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    bodies: list[Call] = [
        (path, headers, orjson.dumps({"query": DOCUMENT, "variables": variables}))
        for variables in _variables(portfolio)
    ]
    # Statements are planned anew five times on each connection before a plan is kept.
    await hammer(url, itertools.cycle(bodies), connections=CONNECTIONS, seconds=WARM_SECONDS)
    before = stage.cpu()
    calls = itertools.cycle(bodies)
    took, whole = await hammer(url, calls, connections=CONNECTIONS, seconds=seconds)
    after = stage.cpu()
    return len(took) / whole, {p: 1e3 * (after[p] - before[p]) / len(took) for p in _PARTS}, took


def _variables(portfolio: Portfolio) -> list[dict[str, Any]]:
    return [{"externalId": c.external_id, "first": 50} for c in portfolio.customers[:CUSTOMERS]]
