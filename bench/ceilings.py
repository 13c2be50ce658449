"""Ingest beside its ceilings: COPY of the same rows, and a route that only stores the bodies."""

import time
from collections.abc import Sequence

import asyncpg

from bench.ingest import BATCH, CONNECTIONS, Ingested, batches, end_to_end
from bench.measure import Measure, median, per_second
from bench.stage import Stage
from bench.wire import post_all
from demo.portfolio import Portfolio
from demo.signing import Signed, Signer

COPIED = 20_000
"""Rows copied a round."""


async def ingest(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, events: int, rounds: int, stored: str
) -> tuple[float, list[Measure]]:
    """Events a second end to end, and the rows of the table; `stored` says what lies below."""
    signer = Signer(stage.secrets)
    ours: list[Ingested] = []
    bare, copied = [], []
    for number in range(rounds):
        run = f"ingest-{stored}-{number}-{time.time():.0f}".replace(" ", "-")
        requests = batches(portfolio, signer, events=events, run=run)
        bare.append(await _store_bodies(bare_url, requests))
        ours.append(await end_to_end(stage, requests))
        _check(ours[-1])
        copied.append(await _copy(stage.dsn))
    rate = median([one.rate for one in ours])
    return rate, [
        Measure(
            f"ingest by webhook, end to end, {stored} stored",
            per_second(rate, "events"),
            f"COPY of the rows {per_second(median(copied), 'rows')}",
            rate / median(copied),
        ),
        Measure(
            "the same",
            _cpu(ours),
            f"route that stores the bodies {per_second(median(bare), 'events')}",
            rate / median(bare),
        ),
    ]


def _check(found: Ingested) -> None:
    if found.stored != found.events:
        raise RuntimeError(f"sent {found.events} distinct events, stored {found.stored}")
    if found.fed < 0.9 * found.events:
        raise RuntimeError(f"of {found.events} events only {found.fed} reached the feed")


def _cpu(runs: Sequence[Ingested]) -> str:
    parts = [
        f"{name} {1e6 * median([run.cpu[name] / run.events for run in runs]):.0f}"
        for name in runs[0].cpu
    ]
    return f"CPU µs/event: {', '.join(parts)}"


async def _store_bodies(url: str, requests: Sequence[Signed]) -> float:
    calls = [("/store", request.headers, request.body) for request in requests]
    began = time.perf_counter()
    await post_all(url, calls, connections=CONNECTIONS)
    return sum(r.events for r in requests) / (time.perf_counter() - began)


async def _copy(dsn: str) -> float:
    """Rows a second into a table without a key, a transaction per batch."""
    connection = await asyncpg.connect(dsn)
    try:
        newest = await connection.fetch(
            "SELECT * FROM event WHERE fact_on >= current_date - 1 LIMIT $1", COPIED
        )
        rows = [tuple(row) for row in newest]
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS bare_event AS TABLE event WITH NO DATA"
        )
        began = time.perf_counter()
        for start in range(0, len(rows), BATCH):
            await connection.copy_records_to_table(
                "bare_event", records=rows[start : start + BATCH]
            )
        took = time.perf_counter() - began
        await connection.execute("TRUNCATE bare_event")
    finally:
        await connection.close()
    return len(rows) / took
