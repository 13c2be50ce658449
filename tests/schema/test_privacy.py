"""Consent, erasure and suppressions, over the contract."""

from typing import Any

import pytest

from domain.events import BounceClass, EventKind
from domain.viewer import Role, Viewer
from jobs.drain import Drain
from schema import ids
from store.database import Database
from store.recording import record
from tests.jobs.mail import POLICY
from tests.jobs.test_drain import report
from tests.schema.conftest import Run, both_executions
from tests.seeding import ADMIN, INTEGRATION, MANAGER, NOW, Seed, csm_viewer

K = EventKind
CONSENT = """mutation ($in: SetTrackingConsentInput!) { setTrackingConsent(input: $in) {
    stakeholder { name trackingConsent } userErrors { field code } } }"""
ERASE = """mutation ($id: ID!) { eraseStakeholder(id: $id) {
    erasure { requestedAt completedAt addresses recipients events payloads }
    userErrors { field code } } }"""
LIFT = """mutation ($in: LiftSuppressionInput!) { liftSuppression(input: $in) {
    suppressions { address reason } userErrors { field code } } }"""
WHY = """query ($id: ID!) { node(id: $id) { ... on Stakeholder { suppressed suppressions {
    address reason since events { kind detail recipient { address } } } } } }"""


async def plant(database: Database) -> dict[str, int]:
    """Acme of Cleo's, with Ann, Bob and a campaign; Globex is nobody's."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        cleo = await seed.csm("Cleo")
        acme = await seed.customer("Acme", cleo)
        globex = await seed.customer("Globex")
        ann = await seed.stakeholder(acme, "ann@acme.com", name="Ann")
        gus = await seed.stakeholder(globex, "gus@globex.com", name="Gus")
        await seed.campaign("Spring", external_id="spring", is_declared=True, sent_at=None)
    return {"cleo": cleo, "ann": ann, "gus": gus}


async def put(database: Database, *events: Any) -> None:
    await record(database, events, NOW, POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)


def person(number: int) -> str:
    return ids.encode("Stakeholder", number)


async def consent(run: Run, viewer: Viewer, stakeholder: int, said: str) -> dict[str, Any]:
    given = {"stakeholderId": person(stakeholder), "consent": said}
    data = await run(viewer, CONSENT, **{"in": given})
    found: dict[str, Any] = data.get("setTrackingConsent") or data
    return found


async def test_consent_is_set_by_whoever_knows_the_person_and_audited(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    told = await consent(run, csm_viewer(planted["cleo"]), planted["ann"], "DENIED")
    assert told == {"stakeholder": {"name": "Ann", "trackingConsent": "DENIED"}, "userErrors": []}
    await consent(run, MANAGER, planted["ann"], "DENIED")
    await consent(run, ADMIN, planted["ann"], "GRANTED")
    async with database.connection() as connection:
        audit = await connection.fetch("SELECT actor, action, subject, detail FROM audit")
    assert [(row[1], row[3]["was"], row[3]["is"]) for row in audit] == [
        ("SET_TRACKING_CONSENT", "UNKNOWN", "DENIED"),
        ("SET_TRACKING_CONSENT", "DENIED", "GRANTED"),
    ]


@both_executions
async def test_a_csm_says_nothing_about_other_peoples_customers(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    told = await consent(run, csm_viewer(planted["cleo"]), planted["gus"], "DENIED")
    assert told == {
        "stakeholder": None,
        "userErrors": [{"field": ["stakeholderId"], "code": "NOT_FOUND"}],
    }
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM audit") == 0


async def test_what_others_report_of_whoever_denied_leaves_no_trace(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    await consent(run, MANAGER, planted["ann"], "DENIED")
    seen = {"ip": "203.0.113.7", "user_agent": "Mozilla/5.0 (X11; Linux) Firefox/130.0"}
    await put(database, report(1, **seen), report(2, address="gus@globex.com", **seen))
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT actor, ip, user_agent, agent_family, agent_hash IS NULL, ip_hash IS NULL, "
            "network_hash IS NULL FROM event ORDER BY occurred_at"
        )
    assert tuple(rows[0]) == ("HUMAN", None, None, None, True, True, True)
    assert rows[1]["ip"] == "203.0.113.0/24"
    assert tuple(rows[1])[4:] == (False, False, False)


async def test_a_scanner_is_no_person_because_consent_was_denied(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    await consent(run, MANAGER, planted["ann"], "DENIED")
    await put(database, report(1, kind=K.CLICKED, url="https://a.example", user_agent=""))
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT actor FROM event") == "MACHINE"


async def test_an_admin_erases_somebody_at_once(run: Run, database: Database) -> None:
    planted = await plant(database)
    await put(database, report(1), report(2, kind=K.CLICKED, url="https://a.example"))
    done = (await run(ADMIN, ERASE, id=person(planted["ann"])))["eraseStakeholder"]
    assert done == {
        "erasure": {
            "requestedAt": "2026-11-22T12:00:00Z",
            "completedAt": "2026-11-22T12:00:00Z",
            "addresses": 1,
            "recipients": 1,
            "events": 2,
            "payloads": 0,
        },
        "userErrors": [],
    }
    assert (await run(ADMIN, ERASE, id=person(planted["ann"])))["eraseStakeholder"] == done
    assert (await run(ADMIN, WHY, id=person(planted["ann"])))["node"] is None


async def test_a_large_erasure_says_how_far_it_is(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.privacy.STEPS", 2)
    planted = await plant(database)
    await put(database, report(1))
    first = (await run(ADMIN, ERASE, id=person(planted["ann"])))["eraseStakeholder"]["erasure"]
    assert (first["completedAt"], first["addresses"], first["events"]) == (None, 1, 0)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    then = (await run(ADMIN, ERASE, id=person(planted["ann"])))["eraseStakeholder"]["erasure"]
    assert (then["completedAt"] is not None, then["events"]) == (True, 1)


@pytest.mark.parametrize("viewer", [MANAGER, INTEGRATION, csm_viewer(1)], ids=lambda v: v.role)
@both_executions
async def test_only_admins_erase(run: Run, database: Database, viewer: Viewer) -> None:
    planted = await plant(database)
    told = await run(viewer, ERASE, id=person(planted["ann"]))
    assert "FORBIDDEN" in str(told["errors"][0].extensions) or "role" in str(told["errors"])
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM stakeholder") == 2


@pytest.mark.parametrize("given", ["", "x", ids.encode("Customer", 1), person(99)])
async def test_nobody_to_erase_is_an_error_of_the_input(
    run: Run, database: Database, given: str
) -> None:
    await plant(database)
    told = (await run(ADMIN, ERASE, id=given))["eraseStakeholder"]
    assert told["erasure"] is None
    assert told["userErrors"][0]["field"] == ["id"]


async def test_a_suppression_names_its_address_and_shows_the_events(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    bounce = report(1, kind=K.BOUNCED, bounce=BounceClass.HARD, detail="no such user")
    await put(database, bounce, report(2, kind=K.UNSUBSCRIBED))
    viewer = csm_viewer(planted["cleo"])
    told = (await run(viewer, WHY, id=person(planted["ann"])))["node"]
    who = {"address": "ann@acme.com"}
    assert told == {
        "suppressed": True,
        "suppressions": [
            {
                **who,
                "reason": "HARD_BOUNCE",
                "since": "2026-11-22T09:00:01Z",
                "events": [{"kind": "BOUNCED", "detail": "no such user", "recipient": who}],
            },
            {
                **who,
                "reason": "UNSUBSCRIBED",
                "since": "2026-11-22T09:00:02Z",
                "events": [{"kind": "UNSUBSCRIBED", "detail": None, "recipient": who}],
            },
        ],
    }
    assert (await run(viewer, WHY, id=person(planted["gus"])))["node"] is None


async def lift(run: Run, viewer: Viewer, **given: str) -> dict[str, Any]:
    data = await run(viewer, LIFT, **{"in": given})
    found: dict[str, Any] = data.get("liftSuppression") or data
    return found


async def test_a_manager_lifts_a_suppression_and_sees_what_still_stands(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    bounce = report(1, kind=K.BOUNCED, bounce=BounceClass.HARD)
    await put(database, bounce, report(2, kind=K.COMPLAINED))
    told = await lift(run, MANAGER, address=" Ann@ACME.com", reason="HARD_BOUNCE")
    assert told == {
        "suppressions": [{"address": "ann@acme.com", "reason": "COMPLAINT"}],
        "userErrors": [],
    }
    told = await lift(run, ADMIN, address="ann@acme.com", reason="COMPLAINT")
    assert told == {"suppressions": [], "userErrors": []}
    node = (await run(MANAGER, WHY, id=person(planted["ann"])))["node"]
    assert node == {"suppressed": False, "suppressions": []}
    async with database.connection() as connection:
        audit = await connection.fetch("SELECT actor, action, detail FROM audit ORDER BY id")
    assert [tuple(row) for row in audit] == [
        ("Mia", "LIFT_SUPPRESSION", {"reason": "HARD_BOUNCE"}),
        ("Ada", "LIFT_SUPPRESSION", {"reason": "COMPLAINT"}),
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("nobody", "HARD_BOUNCE"), (["address"], "INVALID_ADDRESS")),
        (("nobody@acme.com", "HARD_BOUNCE"), (["address"], "NOT_FOUND")),
        (("ann@acme.com", "HARD_BOUNCE"), (["reason"], "NOT_SUPPRESSED")),
        (("ann@acme.com", "UNSUBSCRIBED"), (["reason"], "NOT_LIFTABLE")),
    ],
)
async def test_what_cannot_be_lifted_is_refused_with_the_way_out(
    run: Run, database: Database, given: tuple[str, str], expected: tuple[list[str], str]
) -> None:
    await plant(database)
    await put(database, report(2, kind=K.UNSUBSCRIBED))
    told = await lift(run, MANAGER, address=given[0], reason=given[1])
    assert told["userErrors"] == [{"field": expected[0], "code": expected[1]}]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM suppression") == 1
        assert await connection.fetchval("SELECT count(*) FROM audit") == 0


@pytest.mark.parametrize("role", [Role.CSM, Role.INTEGRATION])
@both_executions
async def test_csms_and_integrations_lift_nothing(run: Run, database: Database, role: Role) -> None:
    planted = await plant(database)
    viewer = INTEGRATION if role is Role.INTEGRATION else csm_viewer(planted["cleo"])
    assert "errors" in await lift(run, viewer, address="ann@acme.com", reason="HARD_BOUNCE")


async def test_an_event_of_somebody_erased_is_rejected_with_the_reason(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    await put(database, report(1))
    await run(ADMIN, ERASE, id=person(planted["ann"]))
    event = {
        "provider": "x",
        "kind": "OPENED",
        "occurredAt": "2026-11-22T09:00:00Z",
        "address": "ann@acme.com",
        "campaign": {"externalId": "spring"},
    }
    told = await run(
        INTEGRATION,
        """mutation ($in: RecordEngagementInput!) { recordEngagement(input: $in) {
            rejected results { outcome event { kind } error { field code } } } }""",
        **{"in": {"events": [event]}},
    )
    assert told["recordEngagement"] == {
        "rejected": 1,
        "results": [
            {
                "outcome": "REJECTED",
                "event": None,
                "error": {"field": ["events", "0", "address"], "code": "ERASED"},
            }
        ],
    }
