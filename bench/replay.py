"""A day of simulated traffic, replayed as fast as it is taken: how long, and does memory grow?

`demo.day` makes the day while it is posted, as signed webhooks of every provider and, of replies,
by mutation. What waits to be worked off is bounded. In the end every distinct fact must be stored
once, and the counters must equal a recount.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import asyncpg
import orjson

from bench.counters import counted
from bench.ingest import CONNECTIONS, drained
from bench.measure import Measure, growth
from bench.stage import Stage
from bench.wire import Call, Wire
from demo.day import chapters, merged
from demo.directory import RECORD, replies
from demo.history import Chapter
from demo.portfolio import Portfolio
from demo.providers import BATCHED
from demo.requests import BATCH, is_reported, requests
from demo.signing import Signed, Signer
from demo.traffic import Act
from store.recounts import miscounted_campaigns

MAILS = 1_000_000
"""A day's mails of a company that sends thirty million a month."""

WAITING_PAYLOADS = 100
"""Above so many that wait for the worker, nothing is posted: as much as comes in within seconds."""

LOOK_SECONDS = 0.1
STEPS = 20
"""How often memory is looked at in the course of the day."""

WARM_UP = 5
"""Looks before memory is expected to stay as it is: a quarter of the day."""

REPLIES_A_CALL = 200
LEAST_MINUTES = 30.0
"""What a day is to take at most."""


@dataclass
class Course:
    """How a replay goes: until when it has come, what was sent so far, and memory by events."""

    began_at: datetime
    ends_at: datetime
    at: datetime
    sent: int = 0
    distinct: int = 0
    mails: int = 0
    seconds: float = 0.0
    memory: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """How much of the time is over."""
        return (self.at - self.began_at) / (self.ends_at - self.began_at)


async def replay(stage: Stage, portfolio: Portfolio, *, hours: float, mails: int) -> list[Measure]:
    """Replay the last `hours`, about `mails` of them sent; raises RuntimeError when an event was
    lost or counted twice."""
    ends_at = datetime.now(UTC).replace(microsecond=0)
    began_at = ends_at - timedelta(hours=hours)
    course = Course(began_at, ends_at, began_at)
    told = _noted(chapters(portfolio, mails, ends_at, hours), course)
    connection = await asyncpg.connect(stage.dsn)
    try:
        before = await _stored(connection)
        used, began = stage.cpu(), time.perf_counter()
        await _post(stage, connection, _calls(stage, told, course), course, began)
        await drained(connection)
        course.seconds = time.perf_counter() - began
        cpu = {name: value - used[name] for name, value in stage.cpu().items()}
        _look(stage, course)
        await counted(stage.dsn)
        await _check(connection, await _stored(connection) - before, course)
    finally:
        await connection.close()
    return [_row(hours, course), *_memory_rows(course), _cost(course, cpu)]


def _noted(told: Iterable[Chapter], course: Course) -> Iterator[Chapter]:
    """The chapters as they are, their distinct facts counted."""
    for chapter in told:
        course.distinct += len(
            {(a.address, a.kind, a.at, a.link) for a in chapter.acts if is_told(a)}
        )
        course.mails += len(chapter.campaign.readers)
        yield chapter


def is_told(act: Act) -> bool:
    """Whether the service is told of the act: by its provider, or, a reply, by mutation."""
    return is_reported(act) or bool(replies([act]))


def _calls(stage: Stage, told: Iterable[Chapter], course: Course) -> Iterator[tuple[int, Call]]:
    """Requests with the number of their events, in the order of what happens."""
    signer = Signer(stage.secrets)
    for acts in gathered(merged(told)):
        course.at = max(course.at, acts[-1].at)
        if acts[0].kind == "replied":
            yield len(acts), _answers(stage, acts)
            continue
        for signed in requests(acts, signer, signed_at=int(time.time())):
            yield signed.events, _call(signed)


def gathered(acts: Iterable[Act]) -> Iterator[list[Act]]:
    """What is told of in one go: a batch of a provider's events, or of replies."""
    waiting: dict[str, list[Act]] = {}
    for act in acts:
        if not is_told(act):
            continue
        is_reply = act.kind == "replied"
        door = "reply" if is_reply else act.campaign.provider
        some = waiting.setdefault(door, [])
        some.append(act)
        limit = REPLIES_A_CALL if is_reply else BATCH if door in BATCHED else 1
        if len(some) >= limit:
            yield waiting.pop(door)
    yield from waiting.values()


def _call(signed: Signed) -> Call:
    return f"/webhooks/{signed.provider}", signed.headers, signed.body


def _answers(stage: Stage, acts: Iterable[Act]) -> Call:
    variables = {"input": {"events": replies(acts)}}
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {stage.integration_token}",
    }
    return "/graphql", headers, orjson.dumps({"query": RECORD, "variables": variables})


async def _post(
    stage: Stage,
    connection: asyncpg.Connection,
    calls: Iterator[tuple[int, Call]],
    course: Course,
    began: float,
) -> None:
    """Post over some connections, resting while too much waits; look at memory now and then."""
    is_over = asyncio.Event()
    room = asyncio.Event()
    room.set()

    async def drive() -> None:
        async with Wire(stage.url) as wire:
            for events, call in calls:
                await room.wait()
                status, body = await wire.post(*call)
                if status != 200 or b'"errors":' in body[:200]:
                    raise RuntimeError(f"{call[0]} answers {status}: {body[:300]!r}")
                course.sent += events

    async def watch() -> None:
        while not is_over.is_set():
            waiting = await connection.fetchval(
                "SELECT count(*) FROM payload WHERE status = 'PENDING'"
            )
            (room.clear if waiting > WAITING_PAYLOADS else room.set)()
            if course.share * STEPS >= len(course.memory.get("web", ())) + 1:
                _look(stage, course)
                _say(course, time.perf_counter() - began)
            await asyncio.sleep(LOOK_SECONDS)

    watching = asyncio.create_task(watch())
    try:
        await asyncio.gather(*(drive() for _ in range(CONNECTIONS)))
    finally:
        is_over.set()
        await watching


def _look(stage: Stage, course: Course) -> None:
    for name in ("web", "worker"):
        resident = stage.processes[name].memory_info().rss
        course.memory.setdefault(name, []).append((course.sent, resident))


def _say(course: Course, seconds: float) -> None:
    now = ", ".join(f"{name} {seen[-1][1] / 2**20:.0f} MiB" for name, seen in course.memory.items())
    print(
        f"  {100 * course.share:3.0f} % of the time, {course.sent:,} events, "
        f"{course.sent / seconds:,.0f} events/s: {now}",
        flush=True,
    )


async def _stored(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval("SELECT count(*) FROM event"))


async def _check(connection: asyncpg.Connection, stored: int, course: Course) -> None:
    if stored != course.distinct:
        raise RuntimeError(f"told of {course.distinct:,} distinct events, stored {stored:,}")
    rows = await connection.fetch("SELECT id FROM campaign WHERE external_id LIKE 'day-%'")
    if wrong := await miscounted_campaigns(connection, [row[0] for row in rows]):
        raise RuntimeError(f"counters are not what a recount says: {wrong[:5]}")


def _row(hours: float, course: Course) -> Measure:
    minutes = course.seconds / 60
    share = LEAST_MINUTES * hours / 24
    return Measure(
        f"{hours:g} h of traffic replayed: {course.mails:,} mails, {course.sent:,} events",
        f"{minutes:.1f} min, {course.sent / course.seconds:,.0f} events/s; "
        f"{course.distinct:,} distinct facts, each stored once",
        f"wanted: {share:.1f} min",
        share / minutes,
    )


def _memory_rows(course: Course) -> list[Measure]:
    rows = []
    for name, seen in course.memory.items():
        later = seen[WARM_UP:] if len(seen) > WARM_UP + 2 else seen
        slope = growth(later) * 1e6 / 2**20
        rows.append(
            Measure(
                f"memory of the {name} meanwhile, after the first quarter",
                f"{later[0][1] / 2**20:.0f} to {later[-1][1] / 2**20:.0f} MiB, at most "
                f"{max(size for _, size in later) / 2**20:.0f}",
                f"by a straight line {slope:+.1f} MiB a million events",
            )
        )
    return rows


def _cost(course: Course, cpu: dict[str, float]) -> Measure:
    shares = ", ".join(
        f"{name} {1e6 * cpu[name] / course.sent:.0f}" for name in ("web", "worker", "postgres")
    )
    return Measure("the same", f"CPU µs/event: {shares}", "")
