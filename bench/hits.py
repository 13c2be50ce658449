"""Pixel and click doors at a thousand a second beside GraphQL queries.

`python -m bench.hits URL RATE SECONDS` is the readers' side, a process of its own: what it computes
does not delay the queries that are measured beside it. It reads paths, a line each, and prints how
long answers took.
"""

import asyncio
import itertools
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson

from bench.ingest import drained
from bench.measure import Measure, milliseconds, per_second, percentile
from bench.stage import ROOT, Stage
from bench.timeline import DOCUMENT
from bench.wire import Wire
from demo.portfolio import Portfolio

RATE = 1_000
"""Hits a second: as when a tenth of a million recipients open their mail within two minutes."""

CONNECTIONS = 25
RECIPIENTS = 4_000
"""Enough that hits come from many mailboxes, as they do after a newsletter."""

MESSAGES = 50
"""Mails that are tracked a call."""

QUERIES_PER_SECOND = 20
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
    bare = await _readers(bare_url, ["/pixel"], max(5.0, seconds / 6))
    paths = await _tracked_paths(stage, portfolio)
    customers = [customer.external_id for customer in portfolio.customers[:50]]
    await _queries(stage, customers, seconds=2)
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
    """The paths of pixels and links of mail that was tracked for many recipients."""
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
            for message in orjson.loads(answer)["data"]["trackMessages"]["messages"]:
                paths += _paths(message)
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
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.hits", url, str(RATE), str(seconds),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    output, _ = await process.communicate("\n".join(paths).encode())
    if process.returncode != 0:
        raise RuntimeError(f"the readers' side ended with {process.returncode}")
    found = orjson.loads(output)
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


async def read(url: str, paths: Sequence[str], *, rate: int, seconds: float) -> Answers:
    """Ask for the paths at a steady rate, whatever the answers take."""
    answers = Answers()
    number = itertools.count()
    begin = time.perf_counter() + 0.2
    total = int(rate * seconds)

    async def drive() -> None:
        async with Wire(url) as wire:
            while (n := next(number)) < total:
                due = begin + n / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                status, _ = await wire.get(paths[n % len(paths)], {"user-agent": AGENT})
                answers.took.append(time.perf_counter() - due)
                answers.statuses[status] = answers.statuses.get(status, 0) + 1

    await asyncio.gather(*(drive() for _ in range(CONNECTIONS)))
    return answers


def main() -> None:
    """The readers' side."""
    url, rate, seconds = sys.argv[1:4]
    paths = sys.stdin.read().split()
    found = asyncio.run(read(url, paths, rate=int(rate), seconds=float(seconds)))
    sys.stdout.buffer.write(
        orjson.dumps(
            {"took": found.took, "statuses": found.statuses}, option=orjson.OPT_NON_STR_KEYS
        )
    )


if __name__ == "__main__":
    main()
