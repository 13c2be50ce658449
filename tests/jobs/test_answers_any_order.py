"""Received mail among all other reports: any order, any number of times, the same state."""

import random
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.addresses import normalise_or_none
from domain.events import BounceClass, EventKind, ReportedEvent
from domain.identity import event_key
from jobs.drain import Drain
from store.database import Database
from store.rebuilding import rebuild
from store.threads import wake_waiting
from tests.jobs.states import derived_state
from tests.jobs.test_any_order import ADDRESSES, NOW, POLICY, mails, reports, run

WRITERS = [*ADDRESSES, "boss@acme.example", "anna.b@acme.example", "zoe@far.example", None]

KINDS = st.sampled_from(
    [
        EventKind.REPLIED,
        EventKind.REPLIED,
        EventKind.AUTO_REPLIED,
        EventKind.BOUNCED,
        EventKind.UNSUBSCRIBED,
        EventKind.COMPLAINED,
    ]
)


@st.composite
def answers(draw: st.DrawFn) -> ReportedEvent:
    """A received mail that names some of the messages, or none."""
    number = draw(st.integers(0, 9))
    kind = draw(KINDS)
    names = [f"m{number % 5}", f"mail{number}@us.example", f"mail{number // 2}@us.example", "who"]
    return ReportedEvent(
        provider="mail",
        kind=kind,
        occurred_at=NOW + timedelta(minutes=draw(st.integers(0, 180))),
        address=draw(st.sampled_from(WRITERS)),
        provider_event_id=f"answer{number}",
        thread=tuple(draw(st.lists(st.sampled_from(names), max_size=3, unique=True))),
        subject=draw(st.sampled_from(["Re: News", "AW: More news", "Hello", None])),
        bounce=BounceClass.HARD if kind is EventKind.BOUNCED else None,
    )


def fact(event: ReportedEvent) -> bytes:
    """What makes two reports one fact."""
    return event_key(event, normalise_or_none(event.address))


async def run_and_look_again(
    database: Database, batches: list[list[ReportedEvent]]
) -> dict[str, object]:
    """The state once all is reported and those that name nothing known were looked at once more,
    as upkeep does every ten minutes: of two mails of one subject the last was answered, and when a
    mail was sent may be told late."""
    await run(database, batches)
    async with database.transaction() as connection:
        await wake_waiting(connection)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    return dict(await derived_state(database))


@given(
    events=st.lists(reports() | mails() | answers(), min_size=2, max_size=40, unique_by=fact),
    told=st.lists(answers(), min_size=1, max_size=12, unique_by=fact),
    seed_=st.integers(0, 2**16),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_answers_are_placed_alike_whatever_came_first(
    database: Database, events: list[ReportedEvent], told: list[ReportedEvent], seed_: int
) -> None:
    chance = random.Random(seed_)
    unique = {fact(event): event for event in (*events, *told)}
    everything = list(unique.values())
    in_order = sorted(everything, key=lambda e: (e.occurred_at, e.kind))
    expected = await run_and_look_again(database, [in_order])
    noisy = everything + chance.choices(everything, k=len(everything) // 4)
    chance.shuffle(noisy)
    size = chance.randint(1, 10)
    batches = [noisy[n : n + size] for n in range(0, len(noisy), size)]
    found = await run_and_look_again(database, batches)
    assert {name: rows for name, rows in found.items() if rows != expected[name]} == {}
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []
