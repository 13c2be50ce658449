"""Ingest: signed SendGrid webhooks until every event is recorded, matched, projected and fed.

By itself, `python -m bench.ingest`:
  (nothing)              starts servers, web and worker of its own, and measures end to end
  --inside               one process, no HTTP: payloads are stored, then drained (for profiling)
  --url U --database D --secrets-file F --token T
                         drives a service that runs already
"""

import argparse
import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from bench.stage import Stage, stage
from bench.wire import post_all
from demo import secrets
from demo.directory import imports
from demo.names import OUR_DOMAIN
from demo.portfolio import Portfolio, make_portfolio
from demo.signing import Signed, Signer
from demo.stream import sendgrid_batches
from domain.directory import ImportedCustomer, read_customer
from store.database import Database
from store.importing import import_customers

BATCH = 500
"""Events in a request; SendGrid sends up to about a thousand."""

CONNECTIONS = 6
DRAIN_SECONDS = 300.0
"""Longest wait for the worker; then something is wrong and the numbers are none."""

CALM_SECONDS = 120.0

_PENDING = """
SELECT (SELECT count(*) FROM payload WHERE status = 'PENDING')
     + (SELECT count(*) FROM (SELECT 1 FROM projection_queue LIMIT 1) p)
     + (SELECT count(*) FROM (SELECT 1 FROM announce_queue LIMIT 1) a)
     + (SELECT count(*) FROM (SELECT 1 FROM rematch_queue LIMIT 1) r)
"""

_FOLLOWING = """
SELECT EXISTS (SELECT FROM counting_queue)
    OR EXISTS (SELECT FROM insight_queue WHERE due_at <= now())
"""


@dataclass(frozen=True)
class Ingested:
    """What one run took. `seconds` from the first request until nothing was left to do."""

    events: int
    seconds: float
    accepted_seconds: float
    stored: int
    fed: int
    cpu: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Events a second, end to end."""
        return self.events / self.seconds

    def __str__(self) -> str:
        shares = ", ".join(
            f"{name} {1e6 * used / self.events:.0f}" for name, used in self.cpu.items()
        )
        return (
            f"{self.events} events in {self.seconds:.2f} s = {self.rate:,.0f} events/s "
            f"(accepted after {self.accepted_seconds:.2f} s); stored {self.stored}, fed {self.fed}"
            + (f"; CPU µs/event: {shares}" if shares else "")
        )


def batches(
    portfolio: Portfolio, signer: Signer, *, events: int, run: str, batch: int = BATCH
) -> list[Signed]:
    """Signed requests, made beforehand so that making them is not measured."""
    now = datetime.now(UTC).replace(microsecond=0)
    return list(sendgrid_batches(portfolio, signer, events=events, batch=batch, at=now, run=run))


async def bring_portfolio(dsn: str, portfolio: Portfolio) -> None:
    """Import the portfolio's customers, unless they are there."""
    items = [
        found
        for part in imports(portfolio)
        for raw in part["customers"]
        if isinstance(found := read_customer(raw, (), frozenset({OUR_DOMAIN})), ImportedCustomer)
    ]
    database = Database(dsn, max_size=2)
    await database.connect()
    await import_customers(database, items, now=datetime.now(UTC))
    await database.close()


async def end_to_end(stage: Stage, requests: Sequence[Signed]) -> Ingested:
    """Post all requests and wait until their last event is done."""
    connection = await asyncpg.connect(stage.dsn)
    try:
        before = await _counts(connection)
        used = stage.cpu()
        began = time.perf_counter()
        calls = [(f"/webhooks/{r.provider}", r.headers, r.body) for r in requests]
        statuses = await post_all(stage.url, calls, connections=CONNECTIONS)
        accepted = time.perf_counter() - began
        if set(statuses) != {200}:
            raise RuntimeError(f"not every webhook was taken: answers {statuses}")
        await drained(connection)
        took = time.perf_counter() - began
        cpu = {name: value - used[name] for name, value in stage.cpu().items()}
        after = await _counts(connection)
    finally:
        await connection.close()
    events = sum(request.events for request in requests)
    return Ingested(events, took, accepted, after[0] - before[0], after[1] - before[1], cpu)


async def drained(connection: asyncpg.Connection) -> None:
    """Wait until no work is left. Raises TimeoutError after DRAIN_SECONDS."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while await connection.fetchval(_PENDING):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the worker is not done after {DRAIN_SECONDS:.0f} s")
        await asyncio.sleep(0.02)


async def calm(dsn: str) -> None:
    """Wait until what follows from the events is done as well, so that what is measured next does
    not pay for what was measured before; CALM_SECONDS at most."""
    deadline = time.monotonic() + CALM_SECONDS
    connection = await asyncpg.connect(dsn)
    try:
        await drained(connection)
        while await connection.fetchval(_FOLLOWING):
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(0.2)
    finally:
        await connection.close()


async def _counts(connection: asyncpg.Connection) -> tuple[int, int]:
    """Events and feed rows; estimates would do for neither."""
    today = datetime.now(UTC).date()
    events = await connection.fetchval(
        "SELECT count(*) FROM event WHERE fact_on >= $1::date - 1", today
    )
    return int(events), int(await connection.fetchval("SELECT count(*) FROM feed"))


async def inside(stage: Stage, requests: Sequence[Signed]) -> Ingested:
    """The same without HTTP and without a second process."""
    from domain.policy import Policy
    from jobs.drain import Drain
    from store.payloads import accept

    database = Database(stage.dsn, max_size=6)
    await database.connect()
    connection = await asyncpg.connect(stage.dsn)
    before = await _counts(connection)
    served = stage.cpu()["postgres"]
    began, used = time.perf_counter(), time.process_time()
    for request in requests:
        await accept(
            database, request.provider, headers=request.headers, query="", body=request.body,
            received_at=datetime.now(UTC),
        )  # fmt: skip
    accepted = time.perf_counter() - began
    drain = Drain(database, Policy(frozenset({OUR_DOMAIN})), ring=lambda: None)
    await drain.until(time.time())
    took = time.perf_counter() - began
    cpu = {
        "python": time.process_time() - used,
        "postgres": stage.cpu()["postgres"] - served,
    }
    after = await _counts(connection)
    await connection.close()
    await database.close()
    events = sum(request.events for request in requests)
    return Ingested(events, took, accepted, after[0] - before[0], after[1] - before[1], cpu)


def _running(options: argparse.Namespace) -> Stage:
    """A service somebody else started, found by its port's listeners."""
    import psutil

    port = urlsplit(options.url).port
    found = secrets.load(Path(options.secrets_file))
    web = {c.pid for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port == port}
    processes = {f"web {pid}": psutil.Process(pid) for pid in web if pid not in (None, os.getpid())}
    token = options.token
    return Stage(options.url, options.database, "", found, token, token, Path(), processes)


def main() -> None:
    """Measure as the options say and print a line a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url")
    parser.add_argument("--database")
    parser.add_argument("--secrets-file")
    parser.add_argument("--token", default="")
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--inside", action="store_true")
    options = parser.parse_args()
    portfolio = make_portfolio(7, datetime.now(UTC).date())
    if options.url:
        _measure(_running(options), portfolio, options)
        return
    with stage(children=() if options.inside else ("web", "worker")) as found:
        _measure(found, portfolio, options)


def _measure(found: Stage, portfolio: Portfolio, options: argparse.Namespace) -> None:
    asyncio.run(bring_portfolio(found.dsn, portfolio))
    signer = Signer(found.secrets)
    for number in range(options.runs):
        run = f"run-{number}-{time.time():.0f}"
        requests = batches(portfolio, signer, events=options.events, run=run, batch=options.batch)
        if options.inside:
            print(asyncio.run(inside(found, requests)))
        else:
            print(asyncio.run(end_to_end(found, requests)))


if __name__ == "__main__":
    main()
