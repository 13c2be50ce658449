"""Who reads which digest, and what CSMs choose about theirs."""

from datetime import date, timedelta
from typing import Any

from domain.viewer import Viewer
from server.graphql import Schema
from store.database import Connection, Database
from tests.schema.conftest import Run, both_executions
from tests.schema.test_customers import Counting
from tests.seeding import INTEGRATION, MANAGER, NOW, Seed, context, csm_viewer

DIGEST = """query Q($on: DateTime, $csmId: ID) { digest(on: $on, csmId: $csmId) {
  on csm { name } timezone mailedAt
  sections { kind total people { count at customer { name } stakeholder { name }
    recipient { address } } }
  recommendations { reason } } }"""
DIGESTS = "{ digests { totalCount nodes { id on csm { name } } } }"
SET = """mutation M($enabled: Boolean!, $timezone: String) {
  setDigest(input: {enabled: $enabled, timezone: $timezone}) {
    settings { enabled timezone } userErrors { code message field } } }"""
SETTINGS = "{ digestSettings { enabled timezone } }"


async def plant(connection: Connection, name: str, day: date) -> tuple[Viewer, int]:
    """A CSM whose one customer's person replied; and the customer."""
    seed = Seed(connection)
    csm = await seed.csm(name)
    customer = await seed.customer(f"{name}'s", csm)
    who = f"{name.lower()}@{name.lower()}.example"
    person = await seed.stakeholder(customer, who, name=f"Friend of {name}")
    address = await seed.matched(who, customer, person)
    recipient = await seed.recipient(await seed.campaign(f"{name} news"), address)
    line = [customer, person, None, recipient, 2, NOW.isoformat()]
    for n in range(2):
        await seed._insert(
            "digest",
            csm_id=csm,
            day=day - timedelta(days=n),
            since=NOW - timedelta(days=1),
            until=NOW,
            zone="UTC",
            sections=[["REPLIED", 12, [line]]],
            recommendation_ids=[999],
            created_at=NOW,
        )
    return csm_viewer(csm), customer


async def both(database: Database) -> tuple[Viewer, Viewer]:
    async with database.transaction() as connection:
        ann, _ = await plant(connection, "Ann", NOW.date())
        bob, _ = await plant(connection, "Bob", NOW.date())
    return ann, bob


def names(told: dict[str, Any]) -> list[str]:
    return [node["csm"]["name"] for node in told["digests"]["nodes"]]


async def test_a_csm_reads_their_newest_digest(run: Run, database: Database) -> None:
    ann, _ = await both(database)

    told = (await run(ann, DIGEST))["digest"]

    assert told == {
        "on": "2026-11-22T00:00:00Z",
        "csm": {"name": "Ann"},
        "timezone": "UTC",
        "mailedAt": None,
        "sections": [
            {
                "kind": "REPLIED",
                "total": 12,
                "people": [
                    {
                        "count": 2,
                        "at": "2026-11-22T12:00:00Z",
                        "customer": {"name": "Ann's"},
                        "stakeholder": {"name": "Friend of Ann"},
                        "recipient": {"address": "ann@ann.example"},
                    }
                ],
            }
        ],
        "recommendations": [],
    }


async def test_a_digest_is_read_by_its_day(run: Run, database: Database) -> None:
    ann, _ = await both(database)

    days = [
        (await run(ann, DIGEST, on=f"2026-11-{day}T00:00:00Z"))["digest"] for day in (21, 22, 23)
    ]

    assert [found and found["on"][:10] for found in days] == ["2026-11-21", "2026-11-22", None]


@both_executions
async def test_a_csm_reads_their_own_and_a_manager_all(run: Run, database: Database) -> None:
    ann, _ = await both(database)

    assert names(await run(ann, DIGESTS)) == ["Ann", "Ann"]
    assert names(await run(MANAGER, DIGESTS)) == ["Bob", "Ann", "Bob", "Ann"]
    assert (await run(INTEGRATION, DIGESTS))["errors"][0].original_error.code == "FORBIDDEN"


async def test_a_manager_says_whose(run: Run, database: Database) -> None:
    await both(database)

    told = await run(MANAGER, DIGEST)

    assert told["errors"][0].message == "say whose digest: give csmId"


@both_executions
async def test_what_went_to_another_portfolio_is_left_out(run: Run, database: Database) -> None:
    ann, _ = await both(database)
    async with database.transaction() as connection:
        await connection.execute("UPDATE customer SET csm_id = NULL WHERE name = 'Ann''s'")

    told = (await run(ann, DIGEST))["digest"]

    assert [(s["total"], s["people"]) for s in told["sections"]] == [(11, [])]


async def test_the_customers_of_all_sections_are_read_at_once(
    schema: Schema, database: Database
) -> None:
    async with database.transaction() as connection:
        ann, one = await plant(connection, "Ann", NOW.date())
        other = await Seed(connection).customer("Beta", ann.csm_id)
        lines = [[customer, None, None, None, 1, NOW.isoformat()] for customer in (one, other)]
        await connection.execute(
            "UPDATE digest SET sections = $1", [["REPLIED", 2, lines], ["CLICKED", 2, lines]]
        )
    counting = Counting(database)
    operation = context(counting, ann)

    told = await schema.execute(
        "{ digest { sections { people { customer { name } } } } }", context_value=operation
    )
    await operation.close()

    assert told.errors is None
    people = {"people": [{"customer": {"name": name}} for name in ("Ann's", "Beta")]}
    assert told.data == {"digest": {"sections": [people, people]}}
    assert len([s for s in counting.statements if s.startswith("SELECT")]) == 2


async def test_a_csm_turns_their_mail_off_and_chooses_a_zone(run: Run, database: Database) -> None:
    ann, bob = await both(database)

    told = await run(ann, SET, enabled=False, timezone="europe/berlin")

    assert told["setDigest"] == {
        "settings": {"enabled": False, "timezone": "Europe/Berlin"},
        "userErrors": [],
    }
    assert await run(ann, SETTINGS) == {
        "digestSettings": {"enabled": False, "timezone": "Europe/Berlin"}
    }
    assert await run(bob, SETTINGS) == {"digestSettings": {"enabled": True, "timezone": None}}
    assert await run(MANAGER, SETTINGS) == {"digestSettings": None}


async def test_an_unknown_zone_is_refused_and_changes_nothing(run: Run, database: Database) -> None:
    ann, _ = await both(database)

    told = await run(ann, SET, enabled=False, timezone="Mars/Olympus")

    assert told["setDigest"] == {
        "settings": None,
        "userErrors": [
            {
                "code": "INVALID_TIMEZONE",
                "message": "that is no IANA time zone: give one such as Europe/Berlin, or null",
                "field": ["timezone"],
            }
        ],
    }
    assert await run(ann, SETTINGS) == {"digestSettings": {"enabled": True, "timezone": None}}


@both_executions
async def test_others_have_no_digest_to_set(run: Run, database: Database) -> None:
    for viewer in (MANAGER, INTEGRATION):
        told = await run(viewer, SET, enabled=False)
        assert told["errors"][0].original_error.code == "FORBIDDEN"
