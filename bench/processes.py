"""One web process beside two on one listening socket: what a request costs, and what a delivery.

Two learn of what happened through Valkey, each by itself, and each reads it.
"""

import itertools
from dataclasses import replace
from statistics import mean

import orjson

from bench.broadcasting import Heard, our_crowd
from bench.measure import Measure, median, per_second
from bench.mutation import settle
from bench.stage import Stage, beside, free_port, wait_for
from bench.timeline import CUSTOMERS, DOCUMENT
from bench.wire import hammer
from demo.portfolio import Portfolio

CONNECTIONS = 8
"""So many that each of two processes has some."""

ROUNDS = 4
CROWDS = 2
WARM_SECONDS = 0.5
MUTATIONS, CROWD_SECONDS = 20.0, 10.0

Side = tuple[float, float, float]
"""Requests a second; CPU milliseconds a request of the web's processes and of PostgreSQL."""


async def processes(
    stage: Stage, portfolio: Portfolio, *, subscribers: int, seconds: float
) -> list[Measure]:
    """Timelines and deliveries by one web process and by two, by turns."""
    place = replace(stage, url=f"http://127.0.0.1:{free_port()}")
    with beside(place, "web", settings={"WEB_PROCESSES": "2"}) as web:
        two = replace(place, processes={**stage.processes, "web": web})
        wait_for(two.url + "/readyz")
        stages = {"one": stage, "two": two}
        asked: dict[str, list[Side]] = {"one": [], "two": []}
        heard: dict[str, list[Heard]] = {"one": [], "two": []}
        for number in range(ROUNDS):
            for name in _order(number):
                asked[name].append(await _timelines(stages[name], portfolio, seconds))
        for number in range(CROWDS):
            for name in _order(number):
                heard[name].append(
                    await our_crowd(
                        stages[name], portfolio,
                        subscribers=subscribers, rate=MUTATIONS, seconds=CROWD_SECONDS,
                    )
                )  # fmt: skip
                await settle(stage)
    return [_asked(asked["one"], asked["two"]), _heard(subscribers, heard["one"], heard["two"])]


def _order(number: int) -> tuple[str, str]:
    return ("two", "one") if number % 2 else ("one", "two")


async def _timelines(stage: Stage, portfolio: Portfolio, seconds: float) -> Side:
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {stage.manager_token}",
    }
    calls = [
        ("/graphql", headers, orjson.dumps({"query": DOCUMENT, "variables": variables}))
        for customer in portfolio.customers[:CUSTOMERS]
        for variables in ({"externalId": customer.external_id, "first": 50},)
    ]
    again = itertools.cycle(calls)
    await hammer(stage.url, again, connections=CONNECTIONS, seconds=WARM_SECONDS)
    before = stage.cpu()
    took, whole = await hammer(stage.url, again, connections=CONNECTIONS, seconds=seconds)
    used = {name: 1e3 * (value - before[name]) / len(took) for name, value in stage.cpu().items()}
    return len(took) / whole, used["web"], used["postgres"]


def _asked(one: list[Side], two: list[Side]) -> Measure:
    figures = [[median([side[n] for side in sides]) for n in range(3)] for sides in (two, one)]
    said = [
        f"{per_second(rate, 'queries')}, CPU ms/query: web {web:.2f}, postgres {postgres:.2f}"
        for rate, web, postgres in figures
    ]
    ratio = median([b[1] / a[1] for a, b in zip(two, one, strict=True)])
    return Measure("timelines by two web processes", said[0], f"by one: {said[1]}", ratio)


def _heard(subscribers: int, one: list[Heard], two: list[Heard]) -> Measure:
    costs = [mean(each.cost for each in heard) for heard in (two, one)]
    lost = [sum(each.expected - len(each.late) for each in heard) for heard in (two, one)]
    said = [
        f"CPU {1e6 * cost:.1f} µs a delivery, {n} lost" for cost, n in zip(costs, lost, strict=True)
    ]
    return Measure(
        f"{subscribers:,} subscribers through Valkey at two web processes, 20 mutations/s",
        said[0],
        f"in one process: {said[1]}",
        costs[1] / costs[0],
    )
