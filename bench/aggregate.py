"""Analysis of a large campaign from counters, beside a route that adds up its events each time.

50,000 believable events of one campaign come in by webhook. Then the two answer by turns, and must
say the same; and how far the analysis is behind a webhook is looked at, alone and beside others.
"""

import asyncio
import itertools
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson

from bench.counters import counted
from bench.ingest import end_to_end
from bench.listening import background
from bench.measure import Measure, median, milliseconds, per_second, percentile
from bench.mutation import settle
from bench.stage import Stage
from bench.wire import Call, Wire, hammer
from demo.campaigns import Campaign, sent
from demo.day import make_readers
from demo.portfolio import Portfolio
from demo.requests import is_reported, requests
from demo.sends import CALENDAR
from demo.signing import Signer
from demo.traffic import Act, traffic
from domain.node_ids import node_id

EVENTS = 50_000
READERS = 17_000
"""So many mailboxes make some more events than that of a campaign that went out days ago."""

SENT_BEFORE = timedelta(days=5)
CONNECTIONS = 4
ROUNDS = 2
WARM_SECONDS = 0.5
SAMPLES = 20
WANTED_SECONDS = 2.0
"""How far the analysis may be behind."""

LONGEST_SECONDS = 15.0
"""What is waited for an act to be counted."""

LOOK_SECONDS = 0.01

DOCUMENT = """
query Analysis($id: ID!) {
  campaign(id: $id) {
    funnel {
      recipients delivered openers { human machine } clickers { human machine }
      unsubscribers complained bounced { hard soft }
    }
    analysis { links(first: 20) { url clickersHuman clickersMachine } }
  }
}
"""

RECIPIENTS = """query Recipients($id: ID!) { campaign(id: $id) { funnel { recipients } } }"""


async def analysis(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, seconds: float
) -> list[Measure]:
    """Analyses a second and what one costs, beside the aggregate query; how far they are behind."""
    signer = Signer(stage.secrets)
    campaign = _campaign(portfolio)
    now = int(time.time())
    acts = _acts(portfolio, campaign)
    await end_to_end(stage, list(requests(acts, signer, signed_at=now)))
    await counted(stage.dsn)
    connection = await asyncpg.connect(stage.dsn)
    await connection.execute("VACUUM (ANALYZE)", timeout=300)
    number = await connection.fetchval(
        "SELECT id FROM campaign WHERE external_id = $1", campaign.external_id
    )
    await connection.close()
    sides = _sides(stage, bare_url, number)
    await _require_equal(sides)
    rows = await _by_turns(stage, sides, len(acts), seconds)
    for beside in (0, 1_000):
        rows.append(await _behind(stage, portfolio, campaign, number, beside))
    await settle(stage)
    await counted(stage.dsn)
    await _require_equal(sides)
    return rows


def _campaign(portfolio: Portfolio) -> Campaign:
    at = datetime.now(UTC).replace(microsecond=0) - SENT_BEFORE
    name = f"large-{time.time():.0f}"
    send = replace(CALENDAR[0], name=name, provider="sendgrid", evidence="id", is_registered=False)
    return sent(send, name, at, make_readers(portfolio, READERS))


def _acts(portfolio: Portfolio, campaign: Campaign) -> list[Act]:
    """The campaign's first events. Raises RuntimeError when there are too few."""
    acts = filter(is_reported, traffic(portfolio.seed, campaign, until=datetime.now(UTC)))
    found = list(itertools.islice(acts, EVENTS))
    if len(found) < EVENTS:
        raise RuntimeError(f"{READERS:,} readers made {len(found):,} events only")
    return found


@dataclass(frozen=True, slots=True)
class Side:
    """Who is asked, and how; `process` is its own beside PostgreSQL."""

    name: str
    url: str
    call: Call
    process: str


def _sides(stage: Stage, bare_url: str, number: int) -> tuple[Side, Side]:
    bare = orjson.dumps({"variables": {"campaign": number}})
    return (
        Side("bare", bare_url, ("/analysis", _HEADERS, bare), "bare"),
        Side("ours", stage.url, _asking(stage, DOCUMENT, number), "web"),
    )


_HEADERS = {"content-type": "application/json"}


def _asking(stage: Stage, document: str, number: int) -> Call:
    variables = {"id": node_id("Campaign", number)}
    headers = {**_HEADERS, "authorization": f"Bearer {stage.manager_token}"}
    return "/graphql", headers, orjson.dumps({"query": document, "variables": variables})


async def _require_equal(sides: tuple[Side, Side]) -> None:
    """Raise RuntimeError where the two do not say the same."""
    answers = {side.name: await _answer(side.url, side.call) for side in sides}
    if answers["bare"] != answers["ours"]:
        raise RuntimeError(f"the analysis is not what its events add up to: {answers}")


async def _answer(url: str, call: Call) -> Any:
    async with Wire(url) as wire:
        status, body = await wire.post(*call)
    if status != 200 or b'"errors":' in body[:200]:
        raise RuntimeError(f"{call[0]} answers {status}: {body[:300]!r}")
    return orjson.loads(body)["data"]["campaign"]


async def _by_turns(
    stage: Stage, sides: tuple[Side, Side], events: int, seconds: float
) -> list[Measure]:
    rates: dict[str, list[float]] = {"bare": [], "ours": []}
    costs: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
    took: list[float] = []
    for _ in range(ROUNDS):
        for side in sides:
            again = itertools.repeat(side.call)
            await hammer(side.url, again, connections=CONNECTIONS, seconds=WARM_SECONDS)
            before = stage.cpu()
            found, whole = await hammer(side.url, again, connections=CONNECTIONS, seconds=seconds)
            used = {n: 1e3 * (v - before[n]) / len(found) for n, v in stage.cpu().items()}
            rates[side.name].append(len(found) / whole)
            costs[side.name].append((used[side.process], used["postgres"]))
            took += found if side.name == "ours" else []
    ours, bare = (median(rates[name]) for name in ("ours", "bare"))
    cost = {name: [median([c[n] for c in costs[name]]) for n in (0, 1)] for name in costs}
    return [
        Measure(
            f"analysis of a campaign of {events:,} events",
            f"{per_second(ours, 'analyses')} ({milliseconds(took)})",
            f"bare route, aggregate query, with the same answer {per_second(bare, 'analyses')}",
            ours / bare,
        ),
        Measure(
            "the same",
            "CPU ms/analysis: web {:.2f}, postgres {:.2f}".format(*cost["ours"]),
            "route {:.2f}, postgres {:.2f}".format(*cost["bare"]),
            sum(cost["bare"]) / sum(cost["ours"]),
        ),
    ]


async def _behind(
    stage: Stage, portfolio: Portfolio, campaign: Campaign, number: int, beside: int
) -> Measure:
    """From a webhook that tells of one more recipient until the analysis counts it."""
    traffic = asyncio.create_task(background(stage, portfolio, beside)) if beside else None
    asking = _asking(stage, RECIPIENTS, number)
    async with Wire(stage.url) as wire:
        late = [
            await _late(stage, wire, asking, Act("accepted", campaign, address, campaign.sent_at))
            for address in (f"late{beside}-{sample}@late.example" for sample in range(SAMPLES))
        ]
    if traffic:
        traffic.cancel()
        with suppress(asyncio.CancelledError):
            await traffic
    return Measure(
        f"analysis behind a webhook, {beside or 'no'} other events/s",
        f"p50 {percentile(late, 0.5):.2f} s, longest of {SAMPLES} {max(late):.2f} s",
        f"wanted: {WANTED_SECONDS:.0f} s",
        WANTED_SECONDS / max(late),
    )


async def _late(stage: Stage, wire: Wire, asking: Call, act: Act) -> float:
    """Seconds from the webhook until the analysis counts the act; LONGEST_SECONDS at most."""
    before = await _recipients(wire, asking)
    [signed] = requests([act], Signer(stage.secrets), signed_at=int(time.time()))
    began = time.perf_counter()
    await wire.post(f"/webhooks/{signed.provider}", signed.headers, signed.body)
    while (late := time.perf_counter() - began) < LONGEST_SECONDS:
        if await _recipients(wire, asking) != before:
            break
        await asyncio.sleep(LOOK_SECONDS)
    return late


async def _recipients(wire: Wire, asking: Call) -> int:
    _, body = await wire.post(*asking)
    return int(orjson.loads(body)["data"]["campaign"]["funnel"]["recipients"])
