"""Many subscribers of one customer while mutations come in: lateness, CPU and memory of each.

Beside it a bare route that sends as many bytes to as many sockets at the same pace.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import psutil

from bench.listening import OPENING, OPENING_TRIES, SUBSCRIPTION, customer_id
from bench.measure import Measure, milliseconds, percentile
from bench.mutation import DOCUMENT, settle
from bench.sockets import Listener, connect
from bench.stage import Stage
from bench.wire import Wire
from demo.portfolio import Portfolio

LAST_SECONDS = 5.0
"""After the last mutation; what has not arrived by then counts as lost."""

OPENING_EVENTS = 40
"""What makes the campaign a bulk send, so that its events are told at once."""

Say = Callable[[Wire], Awaitable[object]]
"""Has one message sent to everybody."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a crowd heard: seconds from each request to each arrival, and from the first arrival of
    a message to its last; server CPU seconds, bytes of memory for the crowd."""

    late: list[float]
    spreads: list[float]
    expected: int
    cpu: float
    memory: int
    crowd: int
    size: int

    @property
    def cost(self) -> float:
        """CPU seconds a delivery."""
        return self.cpu / max(1, len(self.late))

    def said(self) -> str:
        """The figures of one side."""
        lost = self.expected - len(self.late)
        return (
            f"{milliseconds(self.late)}, spread {1e3 * percentile(self.spreads, 0.5):.1f} ms, "
            f"CPU {1e6 * self.cost:.1f} µs a delivery, "
            f"{self.memory / self.crowd / 1024:.1f} KiB a subscriber, {lost} lost"
        )


class Crowd:
    """Listeners, each with the instants at which its messages came."""

    def __init__(self) -> None:
        self.came: dict[Listener, list[float]] = {}
        self.size = 0

    def on_text(self, listener: Listener, text: bytes, at: float) -> None:
        """Note an arrival."""
        if b'"next"' not in text[:80]:
            raise RuntimeError(f"a subscriber was told {text[:300]!r}")
        self.size = len(text)
        self.came.setdefault(listener, []).append(at)

    async def gather(self, url: str, path: str, token: str, payload: object, count: int) -> None:
        """Open `count` sockets and subscribe each, under an id of its own as clients do."""
        gate = asyncio.Semaphore(OPENING)

        async def one(number: int) -> None:
            async with gate:
                listener = await self._patiently(url, path, token)
                self.came[listener] = []
                message = {"id": f"{number:036d}", "type": "subscribe", "payload": payload}
                listener.send(json.dumps(message))

        await asyncio.gather(*map(one, range(count)))
        await asyncio.sleep(1 + count / 1_000)

    async def _patiently(self, url: str, path: str, token: str) -> Listener:
        for _ in range(OPENING_TRIES):
            with suppress(ConnectionError):
                return await connect(url, path, token, self.on_text)
            await asyncio.sleep(0.5)
        return await connect(url, path, token, self.on_text)

    def leave(self) -> None:
        """Close every socket."""
        for listener in self.came:
            listener.close()


async def our_crowd(
    stage: Stage, portfolio: Portfolio, *, subscribers: int, rate: float, seconds: float
) -> Heard:
    """What subscribers of one customer hear from the stage's web process, and what it takes."""
    record = _recorder(stage, portfolio)
    async with Wire(stage.url) as wire:
        for number in range(OPENING_EVENTS):
            await record(wire, portfolio.readers[number].address)
    await settle(stage)
    payload = {
        "query": SUBSCRIPTION,
        "variables": {"customerId": await customer_id(stage, portfolio.customers[0].external_id)},
    }
    address = portfolio.customers[0].stakeholders[0].addresses[0]

    async def say(wire: Wire) -> object:
        return await record(wire, address)

    place = (stage.url, "/graphql", stage.manager_token)
    return await _heard(stage.processes["web"], place, payload, say, subscribers, rate, seconds)


async def broadcasting(
    stage: Stage,
    bare_url: str,
    portfolio: Portfolio,
    *,
    subscribers: int,
    rate: float,
    seconds: float,
) -> list[Measure]:
    """So many subscribers of one customer, at `rate` messages a second."""
    ours = await our_crowd(stage, portfolio, subscribers=subscribers, rate=rate, seconds=seconds)
    await settle(stage)

    async def say_bare(wire: Wire) -> object:
        return await wire.post(f"/broadcast?size={ours.size}", {}, b"x" * 700)

    place = (bare_url, "/listen", "")
    ceiling = await _heard(_bare(), place, {}, say_bare, subscribers, rate, seconds)
    return [
        Measure(
            f"{subscribers:,} subscribers, {rate:g} mutations/s: CPU",
            ours.said(),
            f"bare broadcast {ceiling.said()}",
            ceiling.cost / ours.cost,
        ),
        Measure(
            f"{subscribers:,} subscribers, {rate:g} mutations/s: first delivery to last",
            f"{1e3 * percentile(ours.spreads, 0.5):.1f} ms",
            f"{1e3 * percentile(ceiling.spreads, 0.5):.1f} ms",
            percentile(ceiling.spreads, 0.5) / percentile(ours.spreads, 0.5),
        ),
    ]


async def _heard(
    server: psutil.Process,
    place: tuple[str, str, str],
    payload: object,
    say: Say,
    subscribers: int,
    rate: float,
    seconds: float,
) -> Heard:
    """Gather a crowd, have it told `rate` messages a second, and see what came."""
    before = _memory(server)
    crowd = Crowd()
    await crowd.gather(*place, payload, subscribers)
    grown = _memory(server) - before
    began, used = [], _cpu(server)
    async with Wire(place[0]) as wire:
        start = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            began.append(time.perf_counter())
            await say(wire)
        deadline = time.monotonic() + LAST_SECONDS
        while time.monotonic() < deadline and not _is_whole(crowd, len(began)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    used = _cpu(server) - used
    crowd.leave()
    await asyncio.sleep(1)
    late = [
        at - first for came in crowd.came.values() for first, at in zip(began, came, strict=False)
    ]
    return Heard(
        late, _spreads(list(crowd.came.values())), len(began) * subscribers, used, grown,
        subscribers, crowd.size,
    )  # fmt: skip


def _bare() -> psutil.Process:
    """The bare route's process, a child of ours."""
    children = psutil.Process().children()
    return next(child for child in children if "bench.bare" in child.cmdline())


def _spreads(came: Sequence[list[float]]) -> list[float]:
    rounds = list(zip(*came, strict=False))
    return [max(at) - min(at) for at in rounds] or [LAST_SECONDS]


def _is_whole(crowd: Crowd, messages: int) -> bool:
    return all(len(came) >= messages for came in crowd.came.values())


def _cpu(server: psutil.Process) -> float:
    """CPU seconds of a process and its living children."""
    times = [each.cpu_times() for each in (server, *server.children(recursive=True))]
    return float(sum(time.user + time.system for time in times))


def _memory(server: psutil.Process) -> int:
    """Bytes that only this process and its children hold."""
    everyone = (server, *server.children(recursive=True))
    return int(sum(each.memory_full_info().uss for each in everyone))


def _recorder(stage: Stage, portfolio: Portfolio) -> Callable[[Wire, str], Awaitable[object]]:
    run = f"broadcast-{time.time():.0f}"
    numbers = itertools.count()
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {stage.integration_token}",
    }

    async def record(wire: Wire, address: str) -> object:
        event = {
            "provider": "bench",
            "providerEventId": f"{run}-{next(numbers)}",
            "campaign": {"externalId": run},
            "address": address,
            "kind": "CLICKED",
            "occurredAt": datetime.now(UTC).isoformat(),
            "url": "https://www.northlake.example/releases/26-1",
        }
        query = {"query": DOCUMENT, "variables": {"input": {"events": [event]}}}
        status, body = await wire.post("/graphql", headers, orjson.dumps(query))
        if status != 200 or b'"recorded":1' not in body:
            raise RuntimeError(f"recordEngagement answers {status}: {body[:300]!r}")
        return body

    return record
