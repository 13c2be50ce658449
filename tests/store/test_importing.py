"""Importing customers: what is written, what is left, what is refused."""

from datetime import date
from typing import Any

from store.database import Database
from tests.store.directories import (
    CREATED,
    REJECTED,
    UNCHANGED,
    UPDATED,
    directory,
    outcomes,
    queued,
    rows,
    take,
)

ACME: dict[str, Any] = {
    "externalId": "acme",
    "name": "Acme",
    "segment": "ENTERPRISE",
    "timezone": "Europe/Berlin",
    "renewsOn": "2027-03-31",
    "csm": {"email": "mia@us.example", "name": "Mia"},
    "domains": ["acme.com"],
    "stakeholders": [
        {
            "externalId": "p1",
            "name": "Kim",
            "title": "CTO",
            "trackingConsent": "GRANTED",
            "addresses": ["kim@acme.com", "kim+x@acme.com"],
        }
    ],
}


def acme(*stakeholders: dict[str, Any]) -> dict[str, Any]:
    return {"externalId": "acme", "name": "Acme", "stakeholders": list(stakeholders)}


async def test_a_new_customer_is_created_with_all_that_belongs_to_it(database: Database) -> None:
    (result,) = await take(database, ACME)
    assert (result.outcome, result.error) == (CREATED, None)
    assert await rows(database, "SELECT id FROM customer") == [(result.customer_id,)]
    assert await directory(database) == [
        [
            (
                "acme",
                "Acme",
                "ENTERPRISE",
                "Europe/Berlin",
                date(2027, 3, 31),
                "mia@us.example",
                "Mia",
            )
        ],
        [("acme", "acme.com")],
        [("acme", "p1", "Kim", "CTO", None, "GRANTED", ["kim+x@acme.com", "kim@acme.com!"])],
    ]
    assert await queued(database) == [
        ("ALIAS", "kim@acme.com"),
        ("DOMAIN", "acme.com"),
        ("DOMAIN", "acme.com"),
    ]


async def test_the_same_import_again_changes_and_queues_nothing(database: Database) -> None:
    await take(database, ACME)
    before = await directory(database), await queued(database)
    assert await outcomes(database, ACME) == [UNCHANGED]
    assert await directory(database) == before[0]
    assert await queued(database) == []


async def test_null_leaves_and_an_empty_string_empties(database: Database) -> None:
    await take(database, ACME)
    assert await outcomes(database, {"externalId": "acme", "segment": None}) == [UNCHANGED]
    emptied = {"externalId": "acme", "segment": "", "renewsOn": "", "csm": {"email": ""}}
    assert await outcomes(database, emptied) == [UPDATED]
    assert (await directory(database))[0] == [
        ("acme", "Acme", None, "Europe/Berlin", None, None, None)
    ]


async def test_stakeholders_add_up_and_those_not_named_stay(database: Database) -> None:
    await take(database, ACME)
    assert await outcomes(database, acme({"name": "Lee", "addresses": ["lee@acme.com"]})) == [
        UPDATED
    ]
    assert [row[2] for row in (await directory(database))[2]] == ["Lee", "Kim"]


async def test_addresses_and_domains_are_exactly_those_given(database: Database) -> None:
    await take(database, ACME)
    await queued(database)
    changed = acme({"externalId": "p1", "addresses": ["kim@acme.io", "kim@acme.com"]})
    assert await outcomes(database, {**changed, "domains": ["acme.io"]}) == [UPDATED]
    _, domains, stakeholders = await directory(database)
    assert domains == [("acme", "acme.io")]
    assert stakeholders == [
        ("acme", "p1", "Kim", "CTO", None, "GRANTED", ["kim@acme.com", "kim@acme.io!"])
    ]
    assert await queued(database) == [
        ("ALIAS", "kim@acme.com"),
        ("ALIAS", "kim@acme.io"),
        ("DOMAIN", "acme.com"),
        ("DOMAIN", "acme.io"),
        ("DOMAIN", "acme.io"),
    ]


async def test_a_change_of_name_rematches_nobody(database: Database) -> None:
    await take(database, ACME)
    await queued(database)
    assert await outcomes(database, acme({"externalId": "p1", "name": "Kim Lee"})) == [UPDATED]
    assert await queued(database) == []


async def test_a_further_address_at_a_used_domain_does_not_rematch_the_domain(
    database: Database,
) -> None:
    await take(database, ACME)
    await queued(database)
    await take(database, acme({"name": "Lee", "addresses": ["lee@acme.com", "lee@gmail.com"]}))
    assert await queued(database) == [("ALIAS", "lee@acme.com"), ("ALIAS", "lee@gmail.com")]


async def test_a_stakeholder_is_found_by_an_address_and_takes_the_external_id(
    database: Database,
) -> None:
    await take(database, acme({"name": "Kim", "addresses": ["kim@acme.com"]}))
    entry = {"externalId": "p1", "title": "CTO", "addresses": ["kim@acme.com", "kim@acme.io"]}
    assert await outcomes(database, acme(entry)) == [UPDATED]
    assert (await directory(database))[2] == [
        ("acme", "p1", "Kim", "CTO", None, "UNKNOWN", ["kim@acme.com!", "kim@acme.io"])
    ]


async def test_one_address_may_belong_to_three_customers(database: Database) -> None:
    raws = [
        {"externalId": name, "name": name, "stakeholders": [{"addresses": ["ann@advisers.com"]}]}
        for name in ("a", "b", "c")
    ]
    assert await outcomes(database, *raws) == [CREATED, CREATED, CREATED]
    assert (
        await rows(database, "SELECT address FROM stakeholder_address")
        == [("ann@advisers.com",)] * 3
    )


async def test_an_address_of_another_known_stakeholder_is_refused(database: Database) -> None:
    await take(database, ACME)
    before = await directory(database), await queued(database)
    taken = acme({"name": "Lee", "externalId": "p2", "addresses": ["lee@acme.com", "kim@acme.com"]})
    other = {"externalId": "other", "name": "Other"}
    refused, created = await take(database, {**taken, "segment": "SMB"}, other)
    assert (refused.outcome, created.outcome) == (REJECTED, CREATED)
    assert refused.error is not None
    assert refused.error.code == "ADDRESS_TAKEN"
    assert refused.error.field == ("customers", "0", "stakeholders", "0", "addresses", "1")
    assert refused.error.message == (
        "“kim@acme.com” belongs to stakeholder “p1” of this customer: "
        "list that stakeholder too, without the address"
    )
    after = await directory(database)
    assert [after[0][:1], *after[1:]] == before[0]
    assert await queued(database) == []


async def test_an_address_moves_when_its_holder_is_listed_without_it(database: Database) -> None:
    await take(database, ACME)
    await queued(database)
    moved = acme(
        {"externalId": "p2", "name": "Lee", "addresses": ["kim@acme.com"]},
        {"externalId": "p1", "addresses": ["kim+x@acme.com"]},
    )
    assert await outcomes(database, moved) == [UPDATED]
    assert [row[1:] for row in (await directory(database))[2]] == [
        ("p1", "Kim", "CTO", None, "GRANTED", ["kim+x@acme.com!"]),
        ("p2", "Lee", None, None, "UNKNOWN", ["kim@acme.com!"]),
    ]
    assert await queued(database) == [("ALIAS", "kim@acme.com")]


async def test_somebody_without_an_external_id_becomes_the_stakeholder_that_has_the_address(
    database: Database,
) -> None:
    await take(database, ACME, acme({"name": "K.", "addresses": ["kim@acme.io"]}))
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO match_decision (address, customer_id, stakeholder_id, is_confirmed, "
            "decided_by, decided_at) SELECT 'kim@acme.io', customer_id, id, true, 'mia', now() "
            "FROM stakeholder WHERE name = 'K.'"
        )
    entry = {"externalId": "p1", "addresses": ["kim@acme.com", "kim@acme.io"]}
    assert await outcomes(database, acme(entry)) == [UPDATED]
    assert [row[1:] for row in (await directory(database))[2]] == [
        ("p1", "Kim", "CTO", None, "GRANTED", ["kim@acme.com!", "kim@acme.io"])
    ]
    assert await rows(
        database,
        "SELECT s.external_id FROM match_decision d JOIN stakeholder s ON s.id = d.stakeholder_id",
    ) == [("p1",)]


async def test_two_entries_that_are_one_stakeholder_are_refused(database: Database) -> None:
    await take(database, ACME)
    (result,) = await take(
        database,
        acme({"externalId": "p1", "name": "Kim"}, {"name": "Kim", "addresses": ["kim+x@acme.com"]}),
    )
    assert result.outcome is REJECTED
    assert result.error is not None
    assert result.error.code == "DUPLICATE_STAKEHOLDER"
    assert result.error.field == ("customers", "0", "stakeholders", "1")


async def test_a_new_customer_without_a_name_is_refused_and_costs_nobody_else(
    database: Database,
) -> None:
    nameless = {"externalId": "new", "csm": {"email": "joe@us.example"}}
    refused, created = await take(database, nameless, ACME)
    assert (refused.outcome, created.outcome) == (REJECTED, CREATED)
    assert refused.error is not None
    assert (refused.error.code, refused.error.field) == ("MISSING", ("customers", "0", "name"))
    assert refused.error.message == "customer “new” is new: give its name"
    assert await rows(database, "SELECT email FROM csm") == [("mia@us.example",)]


async def test_a_customer_that_comes_twice_is_written_in_order(database: Database) -> None:
    again = {"externalId": "acme", "name": "Acme Ltd"}
    assert await outcomes(database, ACME, again, again) == [CREATED, UPDATED, UNCHANGED]
    assert (await directory(database))[0][0][1] == "Acme Ltd"


async def test_a_csm_is_renamed_and_never_doubled(database: Database) -> None:
    await take(database, ACME)
    unnamed = {**ACME, "csm": {"email": "MIA@us.example"}}
    renamed = {**ACME, "csm": {"email": "mia@us.example", "name": "Mia Berg"}}
    assert await outcomes(database, unnamed, renamed) == [UNCHANGED, UNCHANGED]
    assert await rows(database, "SELECT email, name FROM csm") == [("mia@us.example", "Mia Berg")]
    await take(database, {"externalId": "b", "name": "B", "csm": {"email": "joe@us.example"}})
    assert (await rows(database, "SELECT name FROM csm ORDER BY 1"))[0] == ("Mia Berg",)
