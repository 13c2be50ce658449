"""Any order, any number of times: the same state."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.addresses import normalise
from domain.events import (
    BounceClass,
    BulkSign,
    CampaignType,
    EventKind,
    ReportedEvent,
    SentMail,
)
from domain.identity import event_key
from domain.policy import Policy
from jobs.drain import Drain
from store.database import Database
from store.rebuilding import rebuild
from store.recording import record
from tests.conftest import EMPTY
from tests.jobs.states import derived_state

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
POLICY = Policy(internal_domains=frozenset({"us.example"}))

ADDRESSES = [
    "anna@acme.example",
    "Anna+news@acme.example",
    "bo@acme.example",
    "new@acme.example",
    "cy@globex.example",
    "dee@gmail.com",
    "test@us.example",
    "who@unknown.example",
]
HUMAN = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"

KINDS = st.sampled_from(
    [
        EventKind.ACCEPTED,
        EventKind.DELIVERED,
        EventKind.OPENED,
        EventKind.CLICKED,
        EventKind.BOUNCED,
        EventKind.UNSUBSCRIBED,
        EventKind.RESUBSCRIBED,
        EventKind.COMPLAINED,
        EventKind.UNKNOWN,
    ]
)


@st.composite
def reports(draw: st.DrawFn) -> ReportedEvent:
    """An event of one of a few messages, each with evidence of its own, told or not."""
    message = draw(st.integers(0, 11))
    kind = draw(KINDS)
    by_reference = message < 9
    told = not by_reference or draw(st.booleans())
    evidence = message % 3
    return ReportedEvent(
        provider=draw(st.sampled_from(["sendgrid", "mailgun"])) if message == 0 else "sendgrid",
        kind=kind,
        occurred_at=NOW + timedelta(minutes=draw(st.integers(0, 180))),
        address=ADDRESSES[message % len(ADDRESSES)],
        message_reference=f"m{message}" if by_reference else None,
        campaign_id="spring" if told and evidence == 0 else None,
        campaign_name="Spring" if told and evidence == 0 and draw(st.booleans()) else None,
        tags=("digest",) if told and (evidence == 1 or draw(st.booleans())) else (),
        subject=draw(st.sampled_from(["News", "More news"])) if told and evidence == 2 else None,
        sender="us@us.example" if told and evidence == 2 else None,
        url=draw(st.sampled_from(["https://a.example/1", "https://a.example/2"]))
        if kind is EventKind.CLICKED
        else None,
        user_agent=draw(st.sampled_from([HUMAN, "Mozilla/5.0", "", None]))
        if kind in (EventKind.OPENED, EventKind.CLICKED)
        else None,
        bounce=draw(st.sampled_from([BounceClass.HARD, BounceClass.SOFT]))
        if kind is EventKind.BOUNCED
        else None,
    )


SIGNS = [frozenset[BulkSign](), frozenset({BulkSign.LIST_ID}), frozenset({BulkSign.PRECEDENCE})]
TYPES = [CampaignType.NEWSLETTER, CampaignType.MARKETING, None]


@st.composite
def mails(draw: st.DrawFn) -> ReportedEvent:
    """A copy of a sent mail: of one of the messages above, or of one that no provider carried."""
    message = draw(st.integers(0, 14))
    is_carried = message < 9
    kind = TYPES[message % 3]
    at = NOW + timedelta(minutes=20 * (message % 8))
    return ReportedEvent(
        provider="mail",
        kind=EventKind.ACCEPTED,
        occurred_at=at,
        sent_at=at,
        address=ADDRESSES[message % len(ADDRESSES)],
        provider_event_id=f"mail{message}@us.example",
        message_reference=f"m{message}" if is_carried else f"mail{message}@us.example",
        carrier="sendgrid" if is_carried else None,
        subject=["News", "Anna, news", "news"][message % 3],
        sender="us@us.example",
        sent=SentMail(
            signs=SIGNS[message % 3],
            type=kind,
            type_confidence=None if kind is None else 0.5 + message / 100,
            links=(f"https://a.example/{message % 4}", "https://a.example/pricing"),
        ),
    )


async def seed(database: Database) -> None:
    """Two customers: one with two stakeholders and so a domain, one with one."""
    async with database.connection() as connection:
        await connection.execute(EMPTY)
        for customer, people in (("acme", ("anna", "bo")), ("globex", ("cy",))):
            id_ = await connection.fetchval(
                "INSERT INTO customer (external_id, name) VALUES ($1::text, $1::text) RETURNING id",
                customer,
            )
            for person in people:
                address = f"{person}@{customer}.example"
                await connection.execute(
                    "WITH s AS (INSERT INTO stakeholder (customer_id, external_id) "
                    "VALUES ($1::bigint, $2) RETURNING id) INSERT INTO stakeholder_address "
                    "(stakeholder_id, customer_id, address, alias_key, domain) "
                    "SELECT id, $1::bigint, $3::text, $3::text, $4 FROM s",
                    id_,
                    person,
                    address,
                    f"{customer}.example",
                )


async def run(database: Database, batches: list[list[ReportedEvent]]) -> dict[str, object]:
    """Record the batches one after the other, drain at the end, and tell the state."""
    await seed(database)
    drain = Drain(database, POLICY, ring=lambda: None)
    for number, batch in enumerate(batches):
        await record(database, batch, NOW + timedelta(days=1), POLICY)
        if number % 3 == 1:
            await drain.until(0)
    await drain.until(0)
    return dict(await derived_state(database))


def fact(event: ReportedEvent) -> bytes:
    """What makes two reports one fact: a repeated report repeats all of it."""
    return event_key(event, normalise(event.address or ""))


@given(
    events=st.lists(reports() | mails(), min_size=1, max_size=40, unique_by=fact),
    seed_=st.integers(0, 2**16),
)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_order_and_any_duplication_give_the_same_state(
    database: Database, events: list[ReportedEvent], seed_: int
) -> None:
    rnd = random.Random(seed_)
    in_order = await run(database, [sorted(events, key=lambda e: (e.occurred_at, e.kind))])
    noisy = events + rnd.choices(events, k=max(1, len(events) // 5))
    rnd.shuffle(noisy)
    size = rnd.randint(1, 12)
    shuffled = await run(database, [noisy[i : i + size] for i in range(0, len(noisy), size)])
    for name, rows in in_order.items():
        assert shuffled[name] == rows, name
    differences = await rebuild(database, POLICY, is_check=True, report=lambda *_: None)
    assert differences == []


@pytest.mark.parametrize("tries", [1, 3])
async def test_the_same_event_recorded_again_is_counted_once(
    database: Database, tries: int
) -> None:
    await seed(database)
    event = ReportedEvent(
        provider="sendgrid",
        kind=EventKind.OPENED,
        occurred_at=NOW,
        address="anna@acme.example",
        message_reference="m1",
        campaign_id="spring",
        user_agent=HUMAN,
    )
    outcomes = [
        result.outcome
        for _ in range(tries)
        for result in await record(database, [event, event], NOW, POLICY)
    ]
    await Drain(database, POLICY, ring=lambda: None).until(0)
    assert outcomes == ["RECORDED", *["DUPLICATE"] * (2 * tries - 1)]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT sum(opens_human) FROM recipient") == 1


async def test_an_event_stays_with_its_recipient_when_the_other_message_there_moves_away(
    database: Database,
) -> None:
    await seed(database)
    tagged = ReportedEvent(
        provider="sendgrid",
        kind=EventKind.DELIVERED,
        occurred_at=NOW + timedelta(minutes=66),
        address="bo@acme.example",
        message_reference="m2",
        tags=("digest",),
    )
    the_day_before = tagged._replace(kind=EventKind.ACCEPTED, occurred_at=NOW)
    without_message = tagged._replace(
        message_reference=None, occurred_at=NOW + timedelta(minutes=69)
    )
    await record(database, [tagged], NOW, POLICY)
    await record(database, [the_day_before, without_message], NOW, POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT c.external_id, count(e.key) FROM event e "
            "LEFT JOIN recipient r ON r.id = e.recipient_id "
            "LEFT JOIN campaign c ON c.id = r.campaign_id GROUP BY 1 ORDER BY 1"
        )
    assert [tuple(row) for row in rows] == [("tag:digest:020776", 2), ("tag:digest:020777", 1)]
