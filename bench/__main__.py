"""`python -m bench`: every measurement, each beside its ceiling, on servers of its own.

The table is printed and, with --write, put into docs/performance.md.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import psutil

from bench.aggregate import analysis
from bench.broadcasting import broadcasting
from bench.ceilings import ingest
from bench.counters import counting
from bench.fill import fill
from bench.hits import hits
from bench.ingest import batches, bring_portfolio, calm, end_to_end
from bench.listening import fan_out, latency
from bench.measure import Measure
from bench.mutation import alone, recording
from bench.processes import processes
from bench.replay import MAILS, replay
from bench.report import machine, table, write
from bench.stage import ROOT, Stage, end, free_port, stage, wait_for
from bench.timeline import timeline
from demo.portfolio import Portfolio, make_portfolio
from demo.signing import Signer

PARTS = (
    "ingest",
    "counters",
    "mutation",
    "latency",
    "timeline",
    "analysis",
    "fanout",
    "processes",
    "hits",
)
ASKED_FOR = ("replay",)
"""Parts that take long and run by themselves, when they are asked for."""


MUTATIONS, DELIVERIES = 20.0, 20_000.0
"""A second, at most, while many subscribe."""

WARM_UP = 8_000
"""Events before the first measurement: processes have their caches, plans know their tables."""


@dataclass(frozen=True)
class Plan:
    """How much of everything: `quick` takes some minutes, the full plan a quarter of an hour."""

    parts: tuple[str, ...]
    events: int
    rounds: int
    stored: int
    seconds: float
    samples: int
    subscribers: tuple[int, ...]
    hit_seconds: float
    hours: float
    mails: int


def main() -> None:
    """Measure and print."""
    plan, is_written = _plan()
    _allow_files()
    began = time.monotonic()
    portfolio = make_portfolio(7, datetime.now(UTC).date())
    with stage() as found, _bare(found) as bare_url:
        asyncio.run(bring_portfolio(found.dsn, portfolio))
        rows = asyncio.run(_measure(found, bare_url, portfolio, plan))
        facts = asyncio.run(machine(found.dsn))
    print(f"\n{facts}\n\n{table(rows)}\n\n{time.monotonic() - began:.0f} s in all")
    if is_written:
        write(facts, rows)


def _plan() -> tuple[Plan, bool]:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a glance of some minutes")
    parser.add_argument("--stored", type=int, help="events stored beforehand in the second half")
    parser.add_argument("--only", nargs="+", choices=PARTS + ASKED_FOR, default=list(PARTS))
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    parser.add_argument("--hours", type=float, default=24.0, help="of the day that is replayed")
    parser.add_argument("--mails", type=int, help="in a whole day that is replayed")
    options = parser.parse_args()
    stored = options.stored if options.stored is not None else 10_000_000
    parts = tuple(options.only)
    mails = round((options.mails or MAILS) * options.hours / 24)
    if options.quick:
        stored = options.stored if options.stored is not None else 200_000
        return Plan(
            parts, 10_000, 1, stored, 1.0, 20, (200,), 5.0, options.hours, mails
        ), options.write
    return Plan(
        parts, 60_000, 3, stored, 4.0, 100, (1_000, 5_000), 60.0, options.hours, mails
    ), options.write


def _allow_files() -> None:
    """Five thousand sockets are five thousand open files, here and in our children."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536) if hard > 0 else 65_536, hard))


@contextmanager
def _bare(found: Stage) -> Iterator[str]:
    port = free_port()
    child = subprocess.Popen([sys.executable, "-m", "bench.bare", str(port), found.dsn], cwd=ROOT)
    try:
        found.processes["bare"] = psutil.Process(child.pid)
        wait_for(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"
    finally:
        end([child])


async def _measure(found: Stage, bare_url: str, portfolio: Portfolio, plan: Plan) -> list[Measure]:
    rows: list[Measure] = []
    at_zero = 0.0
    signer = Signer(found.secrets)
    await end_to_end(found, batches(portfolio, signer, events=WARM_UP, run="warm-up"))
    await gather_statistics(found)
    if "ingest" in plan.parts:
        at_zero, some = await ingest(
            found, bare_url, portfolio, events=plan.events, rounds=plan.rounds, stored="0"
        )
        rows += _said(*some)
    if "counters" in plan.parts:
        rows += _said(
            *await counting(found, portfolio, events=plan.events // 2, rounds=plan.rounds + 1)
        )
    if "mutation" in plan.parts:
        for size, callers, share in ((1, 8, 1.0), (1, 64, 1.0), (500, 8, 0.25)):
            rows += _said(
                *await recording(
                    found,
                    bare_url,
                    portfolio,
                    size=size,
                    callers=callers,
                    seconds=plan.seconds * share,
                )
            )
        rows += _said(*await alone(found, bare_url, portfolio))
    await calm(found.dsn)
    rows += await _live(found, bare_url, portfolio, plan)
    await calm(found.dsn)
    if "timeline" in plan.parts:
        await gather_statistics(found)
        rows += _said(
            *await timeline(found, bare_url, portfolio, stored="few", seconds=plan.seconds)
        )
    if "analysis" in plan.parts:
        rows += _said(*await analysis(found, bare_url, portfolio, seconds=plan.seconds))
    if "processes" in plan.parts:
        rows += _said(
            *await processes(
                found, portfolio, subscribers=plan.subscribers[0], seconds=plan.seconds
            )
        )
    await calm(found.dsn)
    if "hits" in plan.parts:
        rows += _said(*await hits(found, bare_url, portfolio, seconds=plan.hit_seconds))
    if "replay" in plan.parts:
        rows += _said(*await replay(found, portfolio, hours=plan.hours, mails=plan.mails))
    if plan.stored and {"ingest", "timeline"} & set(plan.parts):
        rows += await _when_full(found, bare_url, portfolio, plan, at_zero)
    return rows


async def gather_statistics(found: Stage) -> None:
    """What autovacuum does within a minute or so of a change of this size."""
    connection = await asyncpg.connect(found.dsn)
    await connection.execute("VACUUM (ANALYZE)", timeout=300)
    await connection.close()


async def _live(found: Stage, bare_url: str, portfolio: Portfolio, plan: Plan) -> list[Measure]:
    rows: list[Measure] = []
    if "latency" in plan.parts:
        for beside in (0, 200, 1_000):
            rows += _said(
                await latency(found, bare_url, portfolio, samples=plan.samples, beside=beside)
            )
    if "fanout" in plan.parts:
        for count in plan.subscribers:
            rows += _said(await fan_out(found, bare_url, portfolio, subscribers=count, rounds=10))
            rate = min(MUTATIONS, DELIVERIES / count)
            rows += _said(
                *await broadcasting(
                    found, bare_url, portfolio, subscribers=count, rate=rate, seconds=10.0
                )
            )
    return rows


async def _when_full(
    found: Stage, bare_url: str, portfolio: Portfolio, plan: Plan, at_zero: float
) -> list[Measure]:
    rows: list[Measure] = []
    count = await fill(found.dsn, plan.stored, lambda text: print(f"  {text}", flush=True))
    stored = f"{count / 1e6:.1f} million"
    if "ingest" in plan.parts:
        full, some = await ingest(
            found, bare_url, portfolio, events=plan.events, rounds=plan.rounds, stored=stored
        )
        beside = Measure(
            f"ingest, {stored} stored beside 0 stored", f"{full:,.0f} events/s",
            f"{at_zero:,.0f} events/s", full / at_zero if at_zero else None,
        )  # fmt: skip
        rows += _said(*some, beside)
    if "timeline" in plan.parts:
        rows += _said(
            *await timeline(found, bare_url, portfolio, stored=stored, seconds=plan.seconds)
        )
    return rows


def _said(*rows: Measure) -> tuple[Measure, ...]:
    for row in rows:
        ratio = "" if row.ratio is None else f"  = {row.ratio:.2f}"
        print(f"{row.what}: {row.ours} | {row.ceiling}{ratio}", flush=True)
    return rows


if __name__ == "__main__":
    main()
