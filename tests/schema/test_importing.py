"""`importCustomers` as clients see it."""

from typing import Any

import pytest

from domain.viewer import Role, Viewer
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.seeding import ADMIN, INTEGRATION, MANAGER

IMPORT = """
mutation ($input: ImportCustomersInput!) {
  importCustomers(input: $input) {
    results {
      outcome
      customer { externalId name segment renewsOn domains csm { name } stakeholders { edges { node {
        name title timezone trackingConsent addresses } } } }
      error { code field message }
    }
    created updated unchanged rejected
    userErrors { code field }
  }
}
"""

ACME = {
    "externalId": "acme",
    "name": "Acme",
    "segment": "ENTERPRISE",
    "renewsOn": "2027-03-31",
    "csm": {"email": "mia@us.example", "name": "Mia"},
    "domains": ["acme.com"],
    "stakeholders": [
        {
            "externalId": "p1",
            "name": "Kim",
            "title": "CTO",
            "timezone": "Europe/Berlin",
            "trackingConsent": "GRANTED",
            "addresses": ["kim@acme.com", "k@acme.com"],
        }
    ],
}


async def take(run: Run, viewer: Viewer, *customers: Any) -> dict[str, Any]:
    done = await run(viewer, IMPORT, input={"customers": customers})
    found: dict[str, Any] = done["importCustomers"]
    return found


async def count(database: Database) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM customer"))


async def test_a_customer_is_imported_and_given_back_as_it_is_now(run: Run) -> None:
    assert await take(run, ADMIN, ACME) == {
        "results": [
            {
                "outcome": "CREATED",
                "customer": {
                    "externalId": "acme",
                    "name": "Acme",
                    "segment": "ENTERPRISE",
                    "renewsOn": "2027-03-31T00:00:00Z",
                    "domains": ["acme.com"],
                    "csm": {"name": "Mia"},
                    "stakeholders": {
                        "edges": [
                            {
                                "node": {
                                    "name": "Kim",
                                    "title": "CTO",
                                    "timezone": "Europe/Berlin",
                                    "trackingConsent": "GRANTED",
                                    "addresses": ["kim@acme.com", "k@acme.com"],
                                }
                            }
                        ]
                    },
                },
                "error": None,
            }
        ],
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "userErrors": [],
    }


async def test_an_integration_learns_the_outcome_and_reads_nothing(run: Run) -> None:
    done = await take(run, INTEGRATION, ACME)
    assert done["results"] == [{"outcome": "CREATED", "customer": None, "error": None}]
    again = await take(run, INTEGRATION, ACME)
    assert again["results"] == [{"outcome": "UNCHANGED", "customer": None, "error": None}]


async def test_a_bad_customer_is_refused_with_paths_and_costs_nobody_else(
    run: Run, database: Database
) -> None:
    bad = {
        "externalId": "bad",
        "name": "Bad",
        "renewsOn": "soon",
        "stakeholders": [{"addresses": ["ok@bad.example", "nobody"]}],
    }
    done = await take(run, INTEGRATION, bad, ACME, {"externalId": "new"})
    assert [result["outcome"] for result in done["results"]] == ["REJECTED", "CREATED", "REJECTED"]
    assert (done["created"], done["rejected"]) == (1, 2)
    assert done["results"][0]["error"] == {
        "code": "INVALID_DATE",
        "field": ["customers", "0", "renewsOn"],
        "message": "“soon” is no date: give it as 2027-03-31",
    }
    assert done["userErrors"] == [
        {"code": "INVALID_DATE", "field": ["customers", "0", "renewsOn"]},
        {
            "code": "INVALID_ADDRESS",
            "field": ["customers", "0", "stakeholders", "0", "addresses", "1"],
        },
        {"code": "MISSING", "field": ["customers", "2", "name"]},
    ]
    assert await count(database) == 1


async def test_our_own_domain_is_nobody_elses(run: Run) -> None:
    done = await take(run, ADMIN, {**ACME, "domains": ["mail.us.example"]})
    assert done["userErrors"] == [
        {"code": "INTERNAL_DOMAIN", "field": ["customers", "0", "domains", "0"]}
    ]


async def test_more_than_a_thousand_customers_are_refused_at_once(
    run: Run, database: Database
) -> None:
    customers = [{"externalId": f"c{n}", "name": "C"} for n in range(1_001)]
    done = await take(run, INTEGRATION, *customers)
    assert done["results"] == []
    assert done["userErrors"] == [{"code": "TOO_MANY", "field": ["customers"]}]
    assert await count(database) == 0


@pytest.mark.parametrize("viewer", [MANAGER, Viewer(Role.CSM, "mia", csm_id=1)])
@both_executions
async def test_others_may_not_import(run: Run, database: Database, viewer: Viewer) -> None:
    done = await run(viewer, IMPORT, input={"customers": [ACME]})
    assert done["data"] is None
    assert [str(error.message) for error in done["errors"]] == [
        f"a token of role {viewer.role.value} may not do this: use one of INTEGRATION or ADMIN"
    ]
    assert await count(database) == 0
