"""SIGKILL of anything at any moment: nothing acknowledged is lost and nothing counts twice."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from domain.policy import Policy
from jobs.drain import Drain
from schema.ids import encode_event
from server import postgres, processes, valkey
from store.database import Database, Unavailable
from store.feed import feed_cursor
from store.payloads import accept
from store.queues import waiting
from store.rebuilding import rebuild
from tests.intake.signing import SETTINGS
from tests.jobs.states import derived_state
from tests.server import reports
from tests.server.following import Following, following
from tests.server.portfolio import seed_portfolio
from tests.server.test_supervisor import RUN, Run, child

EVENTS = 20_000
DUPLICATES = EVENTS // 5
BATCH = 25
"""Events of one webhook."""

SENDERS = 4
KILLS = ["postgres", "valkey", "web", "worker"] * 3
SEED = 20_261_122

RESUMED_SECONDS = 5.0
"""What work may take to resume once PostgreSQL accepts again."""

TOLERANCE = 4
"""How much longer it may take beside other tests."""

NOW = datetime.now(UTC).replace(microsecond=0)
POLICY = Policy()

PEOPLE = [f"ann{n}@{name}.com" for n in range(10) for name in ("acme", "bolt", "core")] + [
    "new@acme.com",
    "dee@gmail.com",
    "who@unknown.example",
]

FOLLOW = """
subscription ($customerId: ID!, $after: String) {
  engagementRecorded(customerId: $customerId, after: $after) { cursor kind eventId }
}
"""

KINDS = ("processed", "delivered", "open", "open", "click", "click", "blocked", "unsubscribe")


def event(number: int, chance: random.Random) -> dict[str, Any]:
    """A fact of its own: one of some hundred messages, of a declared campaign, one known by the
    provider's id, one known by tag that five people get, or one that stays provisional."""
    person = number % len(PEOPLE)
    campaign = chance.randrange(12)
    found = reports.sendgrid(
        PEOPLE[person],
        NOW - timedelta(seconds=EVENTS - number),
        message=f"m{campaign}x{person}",
        kind=chance.choice(KINDS),
        event_id=f"e{number}",
    )
    del found["category"]
    # Some reports leave out what the mail belongs to: others of the message tell it.
    if chance.random() < 0.7 or number < 12 * len(PEOPLE):
        if campaign < 4:
            found["category"] = [reports.CAMPAIGN]
        elif campaign < 8 or person >= 3:
            found["singlesend_id"] = f"single{campaign}"
        else:
            found["category"] = ["welcome"]
    return found


def traffic() -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """The facts, each once and in order; and the webhooks that report them shuffled, some twice."""
    chance = random.Random(SEED)
    facts = [event(number, chance) for number in range(EVENTS)]
    noisy = [
        *facts,
        *({**f, "sg_event_id": f["sg_event_id"] + "r"} for f in chance.sample(facts, DUPLICATES)),
    ]
    chance.shuffle(noisy)
    return facts, [noisy[at : at + BATCH] for at in range(0, len(noisy), BATCH)]


async def undisturbed(database: Database, facts: list[dict[str, Any]]) -> dict[str, Any]:
    """What derives from the facts when nothing happens to them."""
    await seed_portfolio(database)
    drain = Drain(database, POLICY, ring=lambda: None)
    for at in range(0, len(facts), 1_000):
        body = json.dumps(facts[at : at + 1_000]).encode()
        await accept(database, "sendgrid", headers={}, query="", body=body, received_at=NOW)
    for _ in range(2):  # what the last batch left to settle, too
        await drain.until(0)
    return await derived_state(database)


@dataclass
class Chaos:
    """The senders, the killer, and what they saw."""

    run: Run
    url: str
    database: Database
    payloads: list[list[dict[str, Any]]]
    sent: int = 0
    sent_again: int = 0
    resumed: list[float] = field(default_factory=list)

    async def send(self) -> None:
        """Deliver every payload, each until it is acknowledged."""
        waiting = list(self.payloads)

        async def sender() -> None:
            async with httpx.AsyncClient(timeout=10) as client:
                while waiting:
                    payload = waiting.pop()
                    attempts = await reports.deliver(client, self.url, "sendgrid", payload)
                    self.sent += 1
                    self.sent_again += attempts - 1

        await asyncio.gather(*(sender() for _ in range(SENDERS)))

    async def kill(self) -> None:
        """Kill one after the other, at moments spread over the sending."""
        chance = random.Random(SEED)
        victims = list(KILLS)
        chance.shuffle(victims)
        for number, victim in enumerate(victims):
            moment = (number + chance.random()) / len(victims)
            while self.sent < moment * len(self.payloads):
                await asyncio.sleep(0.01)
            await asyncio.to_thread(self._kill, victim)
            if victim == "postgres":
                self.resumed.append(await self._resumption())

    def _kill(self, victim: str) -> None:
        """SIGKILL the process of that name, as soon as there is one."""

        def found() -> psutil.Process | None:
            match victim:
                case "postgres":
                    return postgres.running(self.run.folder)
                case "valkey":
                    return valkey.running(self.run.folder)
                case _:
                    return child(self.run, victim)

        assert processes.wait_until(lambda: found() is not None, seconds=20)
        process = found()
        assert process is not None
        process.kill()

    async def _resumption(self) -> float:
        """Seconds from PostgreSQL accepting again to the first event projected."""
        told = await self._told()
        accepting = time.monotonic()
        while await self._told() == told:
            await asyncio.sleep(0.02)
        return time.monotonic() - accepting

    async def _told(self) -> int:
        """How far the feed has come; waits for PostgreSQL."""
        async with asyncio.timeout(60):
            while True:
                try:
                    async with self.database.connection() as connection:
                        found: int = await connection.fetchval("SELECT last_value FROM feed_id_seq")
                        return found
                except Unavailable:
                    await asyncio.sleep(0.02)

    async def follow(self, token: str, customer: str, after: str, total: int) -> Counter[str]:
        """How often each event stands for a follower who comes back whenever it breaks off."""
        told: Counter[str] = Counter()
        while told.total() < total:
            try:
                async with following(
                    self.url, token, FOLLOW, customerId=customer, after=after
                ) as found:
                    missing = total - told.total()
                    await found.until(partial(_is_done, found, missing), seconds=100)
            except (OSError, InvalidHandshake, ConnectionClosed):
                await asyncio.sleep(0.1)
                continue
            for update in found.updates:
                told[update["eventId"]] += {"RECORDED": 1, "REMOVED": -1}.get(update["kind"], 0)
            after = found.cursor if found.updates else after
        return told


def _is_done(found: Following, missing: int) -> bool:
    return found.is_over or bool(found.errors) or len(found.updates) >= missing


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("PROVIDERS", json.dumps(SETTINGS))
    found = Run(folder, RUN)
    yield found
    found.end()


async def connected_to(run: Run) -> Database:
    """A pool on the PostgreSQL that `run` embeds."""
    sockets = processes.socket_folder(run.folder / "postgres", postgres.SOCKET)
    database = Database(postgres.dsn(sockets), max_size=4)
    await database.connect()
    return database


async def settled(database: Database) -> None:
    """Wait until no work is left."""
    async with asyncio.timeout(60):
        while True:
            async with database.connection() as connection:
                if not await connection.fetchval(PENDING) and not await waiting(connection):
                    return
            await asyncio.sleep(0.1)


PENDING = "SELECT EXISTS (SELECT FROM payload WHERE status = 'PENDING')"


async def test_whatever_is_killed_nothing_is_lost_and_nothing_counts_twice(
    run: Run, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    facts, payloads = traffic()
    expected = await undisturbed(database, facts)
    of_acme = [row for row in expected["announced"] if row[0] == "acme"]
    url, _ = run.start()
    hit = await connected_to(run)
    try:
        portfolio = await seed_portfolio(hit)
        async with hit.snapshot() as connection:
            after = await feed_cursor(connection)
        chaos = Chaos(run, url, hit, payloads)
        began = time.monotonic()
        told, *_ = await asyncio.gather(
            chaos.follow(portfolio.tokens["Mia"], portfolio.customer("Acme"), after, len(of_acme)),
            chaos.send(),
            chaos.kill(),
        )
        await settled(hit)
        took = time.monotonic() - began
        with capsys.disabled():
            print(  # noqa: T201
                f"\n  {len(payloads) * BATCH} events in {took:.0f} s under {len(KILLS)} kills, "
                f"{chaos.sent_again} webhooks sent again; projecting again "
                f"{', '.join(f'{s:.1f}' for s in chaos.resumed)} s after PostgreSQL accepted"
            )
        assert await failures(hit) == []
        found = await derived_state(hit)
        assert len(found["events"]) == EVENTS
        for name, rows in expected.items():
            assert found[name] == rows, name
        assert {row[3] for row in found["announced"]} == {1}
        assert +told == {encode_event(row[1], row[2]): 1 for row in of_acme}
        assert await rebuild(hit, POLICY, is_check=True, report=lambda *_: None) == []
        assert max(chaos.resumed) < RESUMED_SECONDS * TOLERANCE
    finally:
        await hit.close()


async def failures(database: Database) -> list[str]:
    """Errors of payloads that were set aside or lost some of their events."""
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT error FROM payload WHERE error IS NOT NULL")
    return [row[0] for row in rows]
