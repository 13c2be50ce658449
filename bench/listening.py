"""From a provider's POST to a subscriber's socket: how late one is, and how late a thousand are."""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import orjson

from bench.ingest import batches
from bench.measure import Measure, milliseconds, percentile
from bench.mutation import settle
from bench.sockets import Listener, connect
from bench.stage import Stage
from bench.wire import Wire, post_all
from demo.campaigns import Campaign
from demo.portfolio import Portfolio
from demo.providers import sendgrid
from demo.signing import Signed, Signer
from demo.stream import stream
from demo.traffic import Act

WAIT_SECONDS = 15.0
"""A message that is not there by then counts as lost."""

OPENING = 16
"""Sockets that are being opened at once."""

OPENING_TRIES = 20

SUBSCRIPTION = """
subscription Live($customerId: ID!) {
  engagementRecorded(customerId: $customerId) {
    cursor kind eventId
    event { kind occurredAt actor url campaign { name } }
    recipient { address }
  }
}
"""


class Audience:
    """Subscribers of one customer, and when each message reached them."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._arrived: list[float] = []
        self._expected = 0
        self._complete = asyncio.Event()
        self.size = 0
        self.refused = 0

    async def gather(self, url: str, path: str, token: str, subscribe: str, count: int) -> None:
        """Open `count` sockets and subscribe each."""
        gate = asyncio.Semaphore(OPENING)

        async def one() -> None:
            async with gate:
                listener = await self._patiently(url, path, token)
                listener.send(subscribe)
                self._listeners.append(listener)

        await asyncio.gather(*(one() for _ in range(count)))
        await asyncio.sleep(0.5 + count / 2_000)

    async def _patiently(self, url: str, path: str, token: str) -> Listener:
        """Connect; a server that asks us to come again later is asked again, as clients do."""
        for _ in range(OPENING_TRIES):
            with suppress(ConnectionError):
                return await connect(url, path, token, self._on_text)
            self.refused += 1
            await asyncio.sleep(0.5)
        return await connect(url, path, token, self._on_text)

    def _on_text(self, _: Listener, text: bytes, at: float) -> None:
        if b'"next"' not in text[:60]:
            raise RuntimeError(f"a subscriber was told {text[:300]!r}")
        self.size = len(text)
        self._arrived.append(at)
        if len(self._arrived) >= self._expected:
            self._complete.set()

    async def arrivals(self, post: "asyncio.Task[object]") -> list[float]:
        """When the message that `post` causes reached each listener; WAIT_SECONDS at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                await post
                await self._complete.wait()
        return self._arrived

    def expect(self) -> None:
        """Forget what came; the next message is expected by everybody."""
        self._arrived, self._expected = [], len(self._listeners)
        self._complete.clear()

    def leave(self) -> None:
        """Close every socket."""
        for listener in self._listeners:
            listener.close()


class Probes:
    """Single events on one customer's recipient, each a fact of its own."""

    def __init__(self, stage: Stage, portfolio: Portfolio) -> None:
        self._signer = Signer(stage.secrets)
        self._number = itertools.count()
        self._portfolio = portfolio
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._run = f"probe-{time.time():.0f}"
        first = next(stream(portfolio, events=1, at=self._now, run=self._run))
        self._campaign: Campaign = first.campaign
        self.address = portfolio.customers[0].stakeholders[0].addresses[0]
        self.customer = portfolio.customers[0].external_id

    def opening(self) -> list[Signed]:
        """What makes the campaign a bulk send, so that its events are told at once."""
        return batches(self._portfolio, self._signer, events=4_000, run=self._run)

    def next(self) -> Signed:
        """A new click on the probe's mail."""
        at = self._now - timedelta(seconds=next(self._number))
        link = self._campaign.links[0]
        act = Act("clicked", self._campaign, self.address, at, link, "Mozilla/5.0 Firefox/1", "")
        payload = sendgrid.payload(act)
        assert payload is not None
        return self._signer.sign("sendgrid", [payload], at=int(self._now.timestamp()))


async def customer_id(stage: Stage, external_id: str) -> str:
    """A customer's id in GraphQL, by the id it has elsewhere."""
    query = {"query": 'query { customer(externalId: "%s") { id } }' % external_id}  # noqa: UP031
    headers = {"content-type": "application/json", "authorization": f"Bearer {stage.manager_token}"}
    async with Wire(stage.url) as wire:
        _, body = await wire.post("/graphql", headers, orjson.dumps(query))
    return str(orjson.loads(body)["data"]["customer"]["id"])


async def _subscribed(stage: Stage, probes: Probes, count: int) -> Audience:
    variables = {"customerId": await customer_id(stage, probes.customer)}
    payload = {"query": SUBSCRIPTION, "variables": variables}
    subscribe = json.dumps({"id": "1", "type": "subscribe", "payload": payload})
    audience = Audience()
    await audience.gather(stage.url, "/graphql", stage.manager_token, subscribe, count)
    return audience


async def _tell(
    audience: Audience, wire: Wire, path: str, headers: dict[str, str], body: bytes
) -> list[float]:
    """Seconds from the POST until each of the audience has the message."""
    audience.expect()
    began = time.perf_counter()
    post: asyncio.Task[object] = asyncio.create_task(wire.post(path, headers, body))
    return [at - began for at in await audience.arrivals(post)]


async def _probe(audience: Audience, wire: Wire, signed: Signed) -> list[float]:
    return await _tell(audience, wire, "/webhooks/sendgrid", signed.headers, signed.body)


async def latency(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, samples: int, beside: int
) -> Measure:
    """POST → subscriber, one event at a time, while `beside` other events a second come in."""
    probes = Probes(stage, portfolio)
    await _post(stage, probes.opening())
    audience = await _subscribed(stage, probes, 1)
    traffic = asyncio.create_task(background(stage, portfolio, beside)) if beside else None
    ours: list[float] = []
    async with Wire(stage.url) as wire:
        for _ in range(samples):
            arrived = await _probe(audience, wire, probes.next())
            if not arrived:
                raise TimeoutError(f"the subscriber was told nothing within {WAIT_SECONDS:.0f} s")
            ours += arrived
            await asyncio.sleep(0.05)
    if traffic:
        traffic.cancel()
        with suppress(asyncio.CancelledError):
            await traffic
    audience.leave()
    await settle(stage)
    bare = [seconds[0] for seconds in await _bare(bare_url, 1, samples, audience.size)]
    return Measure(
        f"webhook → subscriber, {beside or 'no'} other events/s",
        milliseconds(ours),
        f"bare INSERT and send {milliseconds(bare)}",
        percentile(bare, 0.5) / percentile(ours, 0.5),
    )


async def fan_out(
    stage: Stage, bare_url: str, portfolio: Portfolio, *, subscribers: int, rounds: int
) -> Measure:
    """POST → the last of so many subscribers of one customer."""
    probes = Probes(stage, portfolio)
    await _post(stage, probes.opening())
    audience = await _subscribed(stage, probes, subscribers)
    ours = []
    async with Wire(stage.url) as wire:
        for _ in range(rounds):
            ours.append(await _probe(audience, wire, probes.next()))
            await asyncio.sleep(0.1)
            if len(ours[-1]) < subscribers:
                break
    audience.leave()
    await asyncio.sleep(1)
    bare = await _bare(bare_url, subscribers, rounds, audience.size)
    last_ours, last_bare = [max(r, default=WAIT_SECONDS) for r in ours], [max(r) for r in bare]
    if len(ours[-1]) < subscribers:
        return Measure(
            f"{subscribers:,} subscribers of one customer, to the last",
            f"{len(ours[-1]):,} of them within {WAIT_SECONDS:.0f} s",
            f"bare broadcast {milliseconds(last_bare)} (spread {_spread(bare)})",
        )
    return Measure(
        f"{subscribers:,} subscribers of one customer, to the last",
        f"{milliseconds(last_ours)} (spread {_spread(ours)})",
        f"bare broadcast {milliseconds(last_bare)} (spread {_spread(bare)})",
        percentile(last_bare, 0.5) / percentile(last_ours, 0.5),
    )


def _spread(rounds: Sequence[Sequence[float]]) -> str:
    """From the first delivery to the last: what sending costs, without the way there."""
    spreads = [max(arrivals) - min(arrivals) for arrivals in rounds]
    return f"{1e3 * percentile(spreads, 0.5):.0f} ms"


async def _bare(url: str, listeners: int, rounds: int, size: int) -> list[list[float]]:
    audience = Audience()
    await audience.gather(url, "/listen", "", "{}", listeners)
    found = []
    async with Wire(url) as wire:
        for _ in range(rounds):
            found.append(await _tell(audience, wire, f"/broadcast?size={size}", {}, b"x" * 700))
            await asyncio.sleep(0.02)
    audience.leave()
    await asyncio.sleep(0.5)
    return found


async def _post(stage: Stage, requests: Sequence[Signed]) -> None:
    calls = [(f"/webhooks/{r.provider}", r.headers, r.body) for r in requests]
    await post_all(stage.url, calls, connections=4)
    await settle(stage)


async def background(stage: Stage, portfolio: Portfolio, rate: int) -> None:
    """Events about other customers, in small requests, at a steady rate, until cancelled."""
    batch = max(1, rate // 10)
    others = _other_requests(stage, portfolio, batch)
    async with Wire(stage.url) as wire:
        for signed in others:
            began = time.perf_counter()
            await wire.post("/webhooks/sendgrid", signed.headers, signed.body)
            await asyncio.sleep(max(0.0, 0.1 - (time.perf_counter() - began)))


def _other_requests(stage: Stage, portfolio: Portfolio, batch: int) -> Iterator[Signed]:
    own = {a for person in portfolio.customers[0].stakeholders for a in person.addresses}
    mailboxes = {reader.address for reader in portfolio.readers} - own
    signer, now = Signer(stage.secrets), datetime.now(UTC).replace(microsecond=0)
    acts = stream(portfolio, events=1_000_000, at=now, run=f"beside-{time.time():.0f}")
    told = (sendgrid.payload(act) for act in acts if act.address in mailboxes)
    while some := [payload for payload in itertools.islice(told, batch) if payload is not None]:
        yield signer.sign("sendgrid", some, at=int(now.timestamp()))
