"""Placing: the recipient an event is about, whatever its message said first."""

import itertools
from typing import Any

import pytest

from domain.events import EventKind, ReportedEvent
from store.database import Database
from store.recording import record
from tests.conftest import EMPTY
from tests.jobs.mail import NOW, POLICY, directory, drain_of, execute, rows
from tests.jobs.states import derived_state
from tests.jobs.test_drain import report

WHERE = """
SELECT c.external_id, a.address, r.opens_human + r.clicks_human
FROM recipient r JOIN campaign c ON c.id = r.campaign_id JOIN address a ON a.id = r.address_id
ORDER BY 1, 2
"""


async def put(database: Database, *events: ReportedEvent) -> list[str]:
    recorded = await record(database, events, NOW, POLICY)
    for _ in range(2):
        await drain_of(database).until(0)
    return [str(r.outcome) for r in recorded]


async def test_a_message_belongs_to_the_campaign_of_its_best_evidence(database: Database) -> None:
    """Told one after the other in every order, the end is the same."""
    told: list[dict[str, Any]] = [
        {"campaign_id": "summer"},
        {"campaign_id": None, "tags": ("digest",)},
        {"campaign_id": None, "subject": "News", "sender": "us@us.example"},
        {"campaign_id": None},
    ]
    states = []
    for order in itertools.permutations(range(4)):
        await execute(database, EMPTY)
        await directory(database)
        for number in order:
            await put(database, report(number, **told[number]))
        states.append(await derived_state(database))
        assert await rows(database, WHERE) == [("summer", "ann@acme.com", 4)]
    assert all(state == states[0] for state in states)


async def test_a_declared_campaign_is_known_by_its_tag(database: Database) -> None:
    await directory(database)
    await put(database, report(0, campaign_id=None, tags=("news", "spring")))
    assert await rows(database, WHERE) == [("spring", "ann@acme.com", 1)]


async def test_one_message_reference_stands_for_each_of_its_addresses(database: Database) -> None:
    await directory(database)
    await put(
        database,
        report(0, campaign_id="a"),
        report(0, campaign_id="b", address="bob@acme.com"),
        report(1, campaign_id=None),
        report(1, campaign_id=None, address="bob@acme.com"),
    )
    assert await rows(database, WHERE) == [("a", "ann@acme.com", 2), ("b", "bob@acme.com", 2)]


async def test_two_providers_may_use_one_reference_for_two_messages(database: Database) -> None:
    await directory(database)
    await put(
        database,
        report(0, campaign_id="a"),
        report(0, provider="mailgun", campaign_id="b"),
        report(1, campaign_id=None),
        report(1, provider="mailgun", campaign_id=None),
    )
    assert await rows(database, WHERE) == [("a", "ann@acme.com", 2), ("b", "ann@acme.com", 2)]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "RECORDED"),
        ({"address": "who@nobody.com"}, "UNMATCHED"),
        ({"address": "not an address"}, "UNMATCHED"),
        ({"address": None}, "UNMATCHED"),
        ({"campaign_id": None}, "UNMATCHED"),
    ],
)
async def test_the_outcome_says_whether_anybody_is_told(
    database: Database, changes: dict[str, Any], outcome: str
) -> None:
    await directory(database)
    one = report(0, **changes)
    assert await put(database, one) == [outcome]
    assert await put(database, one, report(1, **changes), one) == [
        "DUPLICATE",
        outcome,
        "DUPLICATE",
    ]
    assert await rows(database, "SELECT count(*) FROM event") == [(2,)]


async def test_spellings_of_an_address_are_one_recipient(database: Database) -> None:
    await directory(database)
    spellings = ["Ann@ACME.com", "Ann Lee <ann@acme.com>", " ann@acme.com "]
    await put(database, *(report(n, address=a) for n, a in enumerate(spellings)))
    assert await rows(database, WHERE) == [("spring", "ann@acme.com", 3)]


async def test_four_recipients_are_no_campaign_and_many_resets_of_passwords_never_are(
    database: Database,
) -> None:
    await directory(database)
    for number in range(30):
        who = {"address": f"p{number}@acme.com", "message_reference": f"m{number}"}
        told: dict[str, Any] = {"campaign_id": None, "sender": "us@us.example"}
        await record(
            database,
            [report(number, **who, **told, subject="Reset your password")]
            + ([report(number + 60, address=who["address"], message_reference=f"n{number}",
                       campaign_id="few")] if number < 4 else []),
            NOW,
            POLICY,
        )  # fmt: skip
    for _ in range(2):
        await drain_of(database).until(0)
    assert await rows(
        database, "SELECT is_provisional, count(*) FROM campaign GROUP BY 1 ORDER BY 1"
    ) == [(False, 1), (True, 2)]
    assert await rows(database, "SELECT count(*) FROM feed") == [(0,)]
    assert await put(
        database,
        report(99, address="p9@acme.com", message_reference="n9", campaign_id="few"),
    ) == ["RECORDED"]
    assert await rows(database, "SELECT kind, count(*) FROM feed GROUP BY 1") == [("RECORDED", 5)]


async def test_kinds_that_nobody_knows_are_placed_like_any_other(database: Database) -> None:
    await directory(database)
    assert await put(database, report(0, kind=EventKind.UNKNOWN)) == ["RECORDED"]
    assert await rows(database, WHERE) == [("spring", "ann@acme.com", 0)]
