"""Capture's health, and replay."""

from datetime import timedelta

import pytest

from domain.viewer import Viewer
from schema import ids
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.seeding import ADMIN, INTEGRATION, MANAGER, NOW, Seed, csm_viewer

CAPTURE = """{ capture {
    lagSeconds pendingPayloads
    failedPayloads { totalCount nodes { id provider status attempts error sizeBytes } }
    coverage { recipients internal matched unconfirmed rate
      byReason { freemail unknownDomain ambiguous } }
    orphans { totalCount nodes { kind provider recipient { id } campaign { id } } }
    unplacedAnswers { waiting givenUp }
    providers { provider lastReceivedAt longestPauseSeconds silentSince
      days(last: 2) { day payloads events unknown } }
} }"""

REPLAY = """mutation ($ids: [ID!]) { replayPayloads(input: {ids: $ids}) {
    replayed userErrors { message field code } } }"""


async def test_capture_tells_what_waits_what_failed_and_whom_we_know(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme")
        campaign = await seed.campaign("Spring")
        for address, method in (("a@acme.example", "EXACT"), ("b@acme.example", "DOMAIN")):
            address_id = await seed.address(address, None)
            await seed.match(address_id, acme, method=method)
            await seed.recipient(campaign, address_id)
        for reason in ("INTERNAL", "FREEMAIL", "UNKNOWN_DOMAIN", "AMBIGUOUS"):
            address_id = await seed.address(f"{reason.lower()}@x.example", reason)
            await seed.recipient(campaign, address_id)
        await seed.payload("sendgrid", "PENDING")
        await seed.payload("sendgrid", "DONE", received_at=NOW - timedelta(days=1))
        failed = await seed.payload("mailgun", "FAILED", error="no such key", attempts=5)
        fact_on, key = await seed.event(None, "OPENED", NOW)
        await connection.execute(
            "INSERT INTO orphan VALUES ($1, $2, 'sendgrid', NULL, NULL)", fact_on, key
        )
        fact_on, key = await seed.event(None, "REPLIED", NOW, provider="mail")
        await connection.execute("INSERT INTO thread (fact_on, key) VALUES ($1, $2)", fact_on, key)
        await connection.execute("INSERT INTO thread_given_up (mails) VALUES (3)")
        await connection.execute("INSERT INTO provider_seen VALUES ('sendgrid', $1)", NOW)

    assert (await run(MANAGER, CAPTURE))["capture"] == {
        "lagSeconds": 90.0,
        "pendingPayloads": 1,
        "failedPayloads": {
            "totalCount": 1,
            "nodes": [
                {
                    "id": ids.encode_payload(NOW.date(), failed),
                    "provider": "mailgun",
                    "status": "FAILED",
                    "attempts": 5,
                    "error": "no such key",
                    "sizeBytes": 2,
                }
            ],
        },
        "coverage": {
            "recipients": 6,
            "internal": 1,
            "matched": 2,
            "unconfirmed": 1,
            "rate": 0.4,
            "byReason": {"freemail": 1, "unknownDomain": 1, "ambiguous": 1},
        },
        "orphans": {
            "totalCount": 1,
            "nodes": [
                {"kind": "OPENED", "provider": "sendgrid", "recipient": None, "campaign": None}
            ],
        },
        "unplacedAnswers": {"waiting": 1, "givenUp": 3},
        "providers": [
            {
                "provider": "sendgrid",
                "lastReceivedAt": "2026-11-22T12:00:00Z",
                "longestPauseSeconds": None,
                "silentSince": None,
                "days": [],
            }
        ],
    }


async def test_an_empty_service_has_no_lag_and_no_rate(run: Run) -> None:
    capture = (await run(MANAGER, CAPTURE))["capture"]

    assert capture["lagSeconds"] == 0.0
    assert capture["coverage"]["rate"] is None


@pytest.mark.parametrize("viewer", [INTEGRATION, csm_viewer(1)])
@both_executions
async def test_capture_is_for_those_who_see_all(run: Run, viewer: Viewer) -> None:
    answer = await run(viewer, CAPTURE)

    assert answer["data"] is None
    assert [error.original_error.code for error in answer["errors"]] == ["FORBIDDEN"]


async def test_a_replayed_payload_waits_again_as_if_it_were_new(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        failed = await seed.payload("mailgun", "FAILED", error="no such key", attempts=5)
        other = await seed.payload("mailgun", "FAILED", error="no such key", attempts=5)
        done = await seed.payload("mailgun", "DONE")
    chosen = [ids.encode_payload(NOW.date(), n) for n in (failed, done)]

    data = await run(ADMIN, REPLAY, ids=chosen)

    assert data["replayPayloads"] == {"replayed": 1, "userErrors": []}
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT id, status, attempts, error FROM payload ORDER BY id")
    assert [tuple(row) for row in rows] == [
        (failed, "PENDING", 0, None),
        (other, "FAILED", 5, "no such key"),
        (done, "DONE", 0, None),
    ]

    assert (await run(ADMIN, REPLAY))["replayPayloads"]["replayed"] == 1


async def test_a_replay_of_what_is_no_payload_names_it_and_changes_nothing(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        failed = await Seed(connection).payload("mailgun", "FAILED")

    data = await run(
        ADMIN, REPLAY, ids=[ids.encode_payload(NOW.date(), failed), ids.encode("Customer", 1)]
    )

    assert data["replayPayloads"]["replayed"] == 0
    assert [(e["field"], e["code"]) for e in data["replayPayloads"]["userErrors"]] == [
        (["ids", "1"], "INVALID_ID")
    ]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT status FROM payload") == "FAILED"


@both_executions
async def test_only_admins_replay(run: Run) -> None:
    answer = await run(MANAGER, REPLAY)

    assert [error.original_error.code for error in answer["errors"]] == ["FORBIDDEN"]
