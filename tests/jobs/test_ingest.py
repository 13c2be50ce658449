"""Whatever a payload holds, the good events of it count and the bad ones cost only themselves."""

from typing import Any

import pytest

from domain.events import EventKind, ReportedEvent
from jobs.ingest import warm_up
from store.database import Database
from store.payloads import accept, replay
from store.recording import record
from tests.conftest import EMPTY
from tests.jobs.mail import NOW, POLICY, directory, drain_of, event, execute, queue, rows
from tests.jobs.states import derived_state

PAYLOADS = "SELECT status, events, error FROM payload ORDER BY id"
OPENS = "SELECT a.address, opens_human FROM recipient r JOIN address a ON a.id = address_id"

ODD_TEXTS = {
    "NUL": "ope\x00n",
    "half a character": "\ud83d",
    "a huge field": "猫犬" * 100_000,
    "controls": "a\x01\x1f\x7f\u2028\u202eb",
    "nothing": "",
}


@pytest.mark.parametrize("name", ODD_TEXTS)
@pytest.mark.parametrize(
    "field",
    ["email", "sg_message_id", "singlesend_id", "singlesend_name", "subject", "category", "url",
     "useragent", "reason", "event", "sg_event_id"],
)  # fmt: skip
async def test_an_event_with_odd_text_costs_at_most_itself(
    database: Database, name: str, field: str
) -> None:
    await directory(database)
    odd = event(1, **{"sg_message_id": "odd", field: ODD_TEXTS[name]})
    await queue(database, event(0), odd, event(2))
    await queue(database, event(3))
    await drain_of(database).until(0)
    (first, second) = await rows(database, PAYLOADS)
    assert first == ("DONE", 3, None), "odd text is stored like any other, as far as it goes"
    assert second == ("DONE", 1, None)
    assert await rows(database, "SELECT count(*) FROM event") == [(4,)]
    (opens,) = await rows(
        database, f"{OPENS} JOIN campaign c ON c.id = campaign_id WHERE address = 'ann@acme.com' "
        "AND c.external_id = 'spring'"
    )  # fmt: skip
    assert opens[1] >= 3


async def test_long_evidence_of_a_campaign_is_stored_too(database: Database) -> None:
    """Subjects of a thousand characters that do not compress are longer than an index takes."""
    subject = "".join(chr(0x4E00 + (n * 7919) % 20_000) for n in range(1_000))
    sender = "".join(chr(0x4E00 + (n * 104_729) % 20_000) for n in range(1_000))
    events = [
        ReportedEvent(
            provider="postmark",
            kind=EventKind.OPENED,
            occurred_at=NOW,
            address=f"p{number}@acme.com",
            message_reference=f"m{number}",
            subject=subject,
            sender=sender,
        )
        for number in range(5)
    ]
    recorded = await record(database, events, NOW, POLICY)
    assert [r.outcome for r in recorded] == ["UNMATCHED"] * 5
    assert await rows(database, "SELECT subject = $$" + subject + "$$, is_provisional "
                      "FROM campaign") == [(True, False)]  # fmt: skip


async def test_what_the_database_refuses_costs_only_itself_and_its_error_is_kept(
    database: Database,
) -> None:
    await directory(database)
    await execute(
        database,
        "ALTER TABLE event ADD CONSTRAINT refused CHECK (url IS DISTINCT FROM 'https://no.example')",
    )
    try:
        bad = event(1, event="click", url="https://no.example")
        await queue(database, event(0), bad, event(2))
        await queue(database, bad)
        await queue(database, event(3))
        await drain_of(database).until(0)
    finally:
        await execute(database, "ALTER TABLE event DROP CONSTRAINT refused")
    half, whole, good = await rows(database, PAYLOADS)
    assert half[:2] == ("PARTIAL", 2)
    assert half[2].startswith("event 1: CheckViolationError(")
    assert whole[:2] == ("FAILED", None)
    assert whole[2].startswith("event 0: CheckViolationError(")
    assert good == ("DONE", 1, None)
    assert await rows(database, OPENS) == [("ann@acme.com", 3)]
    async with database.connection() as connection:
        assert await replay(connection, [1, 2, 3]) == 2
    await drain_of(database).until(0)
    assert (await rows(database, PAYLOADS))[:2] == [("DONE", 3, None), ("DONE", 1, None)]
    assert await rows(database, "SELECT clicks_human FROM recipient") == [(1,)]


async def test_an_event_that_cannot_be_read_is_a_problem_of_its_payload(
    database: Database,
) -> None:
    await directory(database)
    await queue(database, event(0), event(1, timestamp="never"), event(2))
    await queue(database, event(1, timestamp=None))
    await drain_of(database).until(0)
    (half, none) = await rows(database, PAYLOADS)
    assert half[:2] == ("PARTIAL", 2)
    assert half[2].startswith("event 1: ")
    assert none[0] == "FAILED"
    assert none[2] == "event 0: OPENED without a time"


async def test_many_problems_are_counted_and_some_are_shown(database: Database) -> None:
    await queue(database, *(event(n, timestamp=None) for n in range(50)))
    await drain_of(database).until(0)
    ((status, _, error),) = await rows(database, PAYLOADS)
    assert status == "FAILED"
    assert error.startswith("event 0: OPENED without a time; event 1: ")
    assert error.endswith("; and 30 more")


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"\xff\xfe", b'"x"', b"[7, null, []]"])
async def test_a_body_that_nobody_can_read_is_set_aside(database: Database, body: bytes) -> None:
    await accept(database, "sendgrid", headers={}, query="", body=body, received_at=NOW)
    await drain_of(database).until(0)
    ((status, events, error),) = await rows(database, PAYLOADS)
    assert (status, events) == ("FAILED", None)
    assert error


async def test_an_unknown_event_is_stored_as_unknown(database: Database) -> None:
    await directory(database)
    await queue(database, event(0, event="teleported"))
    await drain_of(database).until(0)
    assert await rows(database, "SELECT kind, detail FROM event") == [("UNKNOWN", "teleported")]
    assert await rows(database, PAYLOADS) == [("DONE", 1, None)]


async def test_a_time_in_the_future_is_clamped_and_the_reported_one_kept(
    database: Database,
) -> None:
    await directory(database)
    later = int(NOW.timestamp()) + 86_400
    await queue(database, event(0, timestamp=later), event(0, timestamp=int(NOW.timestamp()) + 60))
    await drain_of(database).until(0)
    found = await rows(
        database,
        "SELECT occurred_at = received_at, extract(epoch FROM reported_at)::bigint, "
        "extract(epoch FROM occurred_at)::bigint FROM event ORDER BY fact_on",
    )
    # Five minutes of a clock's error are nothing; the key and the day are those of the report.
    assert found == [(False, None, later - 86_340), (True, later, later - 86_400)]
    assert await rows(database, "SELECT fact_on - received_at::date FROM event ORDER BY 1") == [
        (0,),
        (1,),
    ]


async def test_a_batch_large_enough_to_be_parted_gives_what_single_events_give(
    database: Database,
) -> None:
    people = [f"p{n}@acme.com" for n in range(40)] + ["dee@gmail.com", "x@unknown.example"]
    events = [
        event(n, to=people[n % len(people)], singlesend_id=None if n % 3 else f"c{n % 4}")
        for n in range(1_200)
    ]

    async def run(size: int) -> dict[str, Any]:
        await directory(database)
        for at in range(0, len(events), size):
            await queue(database, *events[at : at + size])
        for _ in range(2):
            await drain_of(database).until(0)
        return await derived_state(database)

    whole = await run(1_200)
    await execute(database, EMPTY)
    assert await run(7) == whole
    assert await rows(database, "SELECT count(*) FROM event") == [(1_200,)]


def test_warming_up_needs_nothing_and_fails_of_nothing() -> None:
    warm_up(["sendgrid", "postmark", "no such provider"], NOW)
