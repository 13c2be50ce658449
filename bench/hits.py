"""Pixel and click doors at a thousand a second beside GraphQL queries.

`python -m bench.hits URL RATE SECONDS` is the readers' side, a process of its own that yields to
all others: in life it runs on other machines. It reads what to ask for, an address and a path a
line, and prints how long answers took.
"""

import asyncio
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit

import asyncpg
import orjson
import uvloop

from bench.ingest import drained
from bench.measure import Measure, milliseconds, per_second, percentile
from bench.stage import ROOT, Stage
from bench.timeline import DOCUMENT
from bench.wire import Wire, head
from demo.portfolio import Portfolio

RATE = 1_000
"""Hits a second: as when a tenth of a million recipients open their mail within two minutes."""

CONNECTIONS = 25
TICK_SECONDS = 0.001
LAST_SECONDS = 30.0
"""How long the last answers are waited for."""

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
RECIPIENTS = 4_000
"""Enough that hits come from many mailboxes, as they do after a newsletter."""

MESSAGES = 50
"""Mails that are tracked a call."""

QUERIES_PER_SECOND = 20
CALLERS = 10
"""Callers at once before anything is measured, as many as there are connections to PostgreSQL: each
plans a statement anew five times before it keeps the plan."""

YIELDING = 10
"""How much the readers' side gives way (`nice`)."""

AT_HOME = ip_address("81.0.0.1")
"""Where the first reader is; each has an address of their own, as a proxy tells it."""

AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
HTML = "".join(f'<p><a href="https://www.northlake.example/{n}">Read {n}</a></p>' for n in range(5))
TRACK = """
mutation Track($input: TrackMessagesInput!) {
  trackMessages(input: $input) {
    messages { html links { trackedUrl } }
    userErrors { message }
  }
}
"""


@dataclass
class Answers:
    """How long each answer took from when it was due (seconds), and statuses with their counts."""

    took: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)


async def hits(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, seconds: float
) -> list[Measure]:
    """Queries alone, then queries beside the hits, and whether each hit was counted once."""
    bare = await _readers(bare_url, [f"{AT_HOME} /pixel"], max(5.0, seconds / 6))
    paths = await _tracked_paths(stage, portfolio)
    customers = [customer.external_id for customer in portfolio.customers[:50]]
    await asyncio.gather(*(_queries(stage, customers, seconds=4) for _ in range(CALLERS)))
    idle = await _queries(stage, customers, seconds=max(5.0, seconds / 4))
    used = stage.cpu()
    load = asyncio.create_task(_readers(stage.url, paths, seconds))
    await asyncio.sleep(0.5)
    beside = await _queries(stage, customers, seconds=seconds - 1)
    found = await load
    if set(found.statuses) != {200, 302}:
        raise RuntimeError(f"not every hit was taken: answers {found.statuses}")
    cpu = {name: value - used[name] for name, value in stage.cpu().items()}
    return _measures(found, bare, idle, beside, await _counted(stage), cpu)


def _measures(
    found: Answers,
    bare: Answers,
    idle: Sequence[float],
    beside: Sequence[float],
    counted: tuple[int, int],
    cpu: dict[str, float],
) -> list[Measure]:
    sent = len(found.took)
    events, payloads = counted
    shares = ", ".join(f"{name} {1e6 * used / sent:.0f}" for name, used in cpu.items())
    return [
        Measure(
            f"pixel and click doors at {per_second(RATE, 'hits')}, {sent:,} hits",
            f"{milliseconds(found.took)}; CPU µs/hit: {shares}",
            f"bare route that notes nothing {milliseconds(bare.took)}",
            percentile(bare.took, 0.5) / percentile(found.took, 0.5),
        ),
        Measure(
            "hits counted, each once",
            f"{events:,}, written in {payloads:,} INSERTs",
            f"{sent:,} sent",
            events / sent,
        ),
        Measure(
            "timeline queries beside the hits",
            milliseconds(beside),
            f"without them {milliseconds(idle)}",
            percentile(idle, 0.99) / percentile(beside, 0.99),
        ),
    ]


async def _tracked_paths(stage: Stage, portfolio: Portfolio) -> list[str]:
    """Pixels and links of mail that was tracked for many recipients, each after its reader's
    address."""
    addresses = list(dict.fromkeys(reader.address for reader in portfolio.readers))[:RECIPIENTS]
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {stage.integration_token}",
    }
    paths: list[str] = []
    async with Wire(stage.url) as wire:
        for start in range(0, len(addresses), MESSAGES):
            some = [_mail(address) for address in addresses[start : start + MESSAGES]]
            variables = {"input": {"messages": some}}
            body = orjson.dumps({"query": TRACK, "variables": variables})
            _, answer = await wire.post("/graphql", headers, body)
            messages = orjson.loads(answer)["data"]["trackMessages"]["messages"]
            for reader, message in enumerate(messages, start):
                paths += (f"{AT_HOME + reader} {path}" for path in _paths(message))
    random.Random(7).shuffle(paths)
    return paths


def _mail(address: str) -> dict[str, Any]:
    campaign = {"externalId": "bench-hits", "name": "Hits"}
    return {"campaign": campaign, "address": address, "html": HTML}


def _paths(message: dict[str, Any]) -> list[str]:
    """Pixel and link in turns, as often as the mail has links."""
    pixel = message["html"].rpartition('<img src="')[2].partition('"')[0]
    links = [link["trackedUrl"] for link in message["links"]]
    urls = itertools.chain.from_iterable((pixel, link) for link in links)
    return ["/" + url.split("/", 3)[3] for url in urls]


async def _queries(stage: Stage, customers: Sequence[str], *, seconds: float) -> list[float]:
    """How long timelines take, asked for at a steady rate."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {stage.manager_token}"}
    took: list[float] = []
    end = time.perf_counter() + seconds
    async with Wire(stage.url) as wire:
        for customer in itertools.cycle(customers):
            began = time.perf_counter()
            if began > end:
                return took
            variables = {"externalId": customer, "first": 20}
            body = orjson.dumps({"query": DOCUMENT, "variables": variables})
            status, answer = await wire.post("/graphql", headers, body)
            took.append(time.perf_counter() - began)
            if status != 200 or b'"errors":' in answer[:200]:
                raise RuntimeError(f"a timeline answers {status}: {answer[:300]!r}")
            await asyncio.sleep(max(0.0, 1 / QUERIES_PER_SECOND - took[-1]))
    return took


async def _readers(url: str, paths: Sequence[str], seconds: float) -> Answers:
    """Run the readers' side beside us and hear what it measured."""
    with tempfile.TemporaryFile() as written:  # of a pipe's half a megabyte some came, at times
        await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "bench.hits", url, str(RATE), str(seconds)],
            input="\n".join(paths).encode(), stdout=written, cwd=ROOT, check=True,
        )  # fmt: skip
        written.seek(0)
        found = orjson.loads(written.read())
    statuses = {int(status): count for status, count in found["statuses"].items()}
    return Answers(found["took"], statuses)


async def _counted(stage: Stage) -> tuple[int, int]:
    """Events of our own doors once all is worked off, and the payloads they came in."""
    connection = await asyncpg.connect(stage.dsn)
    try:
        await drained(connection)
        row = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM event "
            "WHERE provider = 'tracking' AND recipient_id IS NOT NULL), "
            "(SELECT count(*) FROM payload WHERE provider = 'tracking')"
        )
    finally:
        await connection.close()
    return int(row[0]), int(row[1])


class _Connection(asyncio.Protocol):
    """One connection of the readers' side: a request at a time, its answer not even kept."""

    def __init__(self, answered: Callable[["_Connection", int, float], None]) -> None:
        self._answered = answered
        self._transport: asyncio.WriteTransport | None = None
        self._received = b""
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def ask(self, request: bytes, due: float) -> None:
        """Send a request that should have been sent at `due`."""
        assert self._transport
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Part of an answer, mostly all of it: each tells how long its body is."""
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        found = LENGTH.search(self._received, 0, end)
        if len(self._received) >= end + 4 + (int(found[1]) if found else 0):
            status, self._received = int(self._received[9:12]), b""
            self._answered(self, status, self._due)

    def close(self) -> None:
        """Hang up."""
        assert self._transport
        self._transport.close()


class _Readers:
    """Asks for requests at a steady rate, whatever the answers take."""

    def __init__(self, requests: Sequence[bytes], rate: int, total: int) -> None:
        self.answers = Answers()
        self.all_answered = asyncio.Event()
        self.free: deque[_Connection] = deque()
        self._requests = requests
        self._rate = rate
        self._total = total
        self._asked = 0
        self._begin = time.perf_counter() + 0.2

    @property
    def is_done(self) -> bool:
        """Whether everything was asked for."""
        return self._asked >= self._total

    def ask(self) -> None:
        """Send what is due, as far as connections are free."""
        now = time.perf_counter()
        while self.free and not self.is_done:
            due = self._begin + self._asked / self._rate
            if due > now:
                return
            self.free.popleft().ask(self._requests[self._asked % len(self._requests)], due)
            self._asked += 1

    def answered(self, connection: _Connection, status: int, due: float) -> None:
        """Note an answer; its connection is free again, for what may be due already."""
        self.answers.took.append(time.perf_counter() - due)
        self.answers.statuses[status] = self.answers.statuses.get(status, 0) + 1
        self.free.append(connection)
        if len(self.answers.took) == self._total:
            self.all_answered.set()
        self.ask()


async def read(url: str, paths: Sequence[str], *, rate: int, seconds: float) -> Answers:
    """Ask for the paths, each after its reader's address, at a steady rate, whatever the answers
    take."""
    where = urlsplit(url)
    host, port = where.hostname or "127.0.0.1", where.port or 80
    requests = [_request(host, *line.split()) for line in paths]
    readers = _Readers(requests, rate, int(rate * seconds))
    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        _, connection = await loop.create_connection(
            lambda: _Connection(readers.answered), host, port
        )
        readers.free.append(connection)
    while not readers.is_done:
        readers.ask()
        await asyncio.sleep(TICK_SECONDS)
    await asyncio.wait_for(readers.all_answered.wait(), LAST_SECONDS)
    for connection in readers.free:
        connection.close()
    return readers.answers


def _request(host: str, reader: str, path: str) -> bytes:
    headers = {"user-agent": AGENT, "host": host, "x-forwarded-for": reader}
    return head("GET", path, headers, b"")


def main() -> None:
    """The readers' side."""
    os.nice(YIELDING)
    url, rate, seconds = sys.argv[1:4]
    paths = sys.stdin.read().splitlines()
    found = uvloop.run(read(url, paths, rate=int(rate), seconds=float(seconds)))
    sys.stdout.buffer.write(
        orjson.dumps(
            {"took": found.took, "statuses": found.statuses}, option=orjson.OPT_NON_STR_KEYS
        )
    )


if __name__ == "__main__":
    main()
