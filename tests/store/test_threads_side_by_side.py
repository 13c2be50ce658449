"""Answers, their messages and better evidence, stored by many at the same time."""

import asyncio
import random
from datetime import timedelta

import pytest

from domain.events import EventKind, ReportedEvent
from jobs.drain import Drain
from store.database import Database
from store.rebuilding import rebuild
from store.recording import record
from tests.jobs.states import derived_state
from tests.store.conversations import NOW, POLICY, directory, drain, received, sent
from tests.store.test_threads import empty

PEOPLE = 24


def conversations() -> list[ReportedEvent]:
    """Mails to people at a few companies, what they answered, and for some a better campaign."""
    events = []
    for number in range(PEOPLE):
        to, domain = f"p{number}@firm{number % 5}.com", f"firm{number % 5}.com"
        name = f"id{number}@us.example"
        events.append(
            sent(to, name, carrier="sendgrid", message_reference=f"sg{number}")
            if number % 3
            else sent(to, name)
        )
        writer = (to, f"p{number}+x@{domain}", f"boss@{domain}")[number % 3]
        events.append(received(writer, "nobody@knows", name, mail=f"r{number}@{domain}"))
        events.append(
            received(f"help@{domain}", name, mail=f"a{number}@{domain}",
                     kind=EventKind.AUTO_REPLIED)
        )  # fmt: skip
        if number % 3 == 1:
            events.append(
                ReportedEvent("sendgrid", EventKind.DELIVERED, NOW - timedelta(hours=1), to,
                              message_reference=f"sg{number}", campaign_id="spring")
            )  # fmt: skip
    return events


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_stores_them_beside_whom_the_state_is_the_same(
    database: Database, seed: int
) -> None:
    await directory(database)
    await record(database, conversations(), NOW, POLICY)
    await drain(database)
    expected = await derived_state(database)

    await empty(database)
    await directory(database)
    events = conversations()
    random.Random(seed).shuffle(events)
    drains = [Drain(database, POLICY, ring=lambda: None) for _ in range(2)]

    async def store(part: list[ReportedEvent], one: Drain) -> None:
        for start in range(0, len(part), 3):
            await record(database, part[start : start + 3], NOW, POLICY)
            await one.until(0)

    await asyncio.gather(*(store(events[n::4], drains[n % 2]) for n in range(4)))
    async with database.connection() as connection:
        # The second look, now that all have ended.
        await connection.execute("UPDATE thread_queue SET due_at = now()")
    await drain(database)
    found = await derived_state(database)
    assert {name: rows for name, rows in found.items() if rows != expected[name]} == {}
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []
