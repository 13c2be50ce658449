"""Scores, habits and likelihood over the API: from events to figures, and back to the events."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from domain.viewer import Viewer
from jobs.drain import Drain
from jobs.insight import derive_some
from schema import ids
from store.database import Database
from store.recording import record
from tests.schema.conftest import Run
from tests.seeding import MANAGER, NOW, Seed, csm_viewer
from tests.store import counts

POLICY = Policy()
HUMAN = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
LINK = "https://us.example/security"


def report(days: float, kind: EventKind, who: str = "ann", **changes: Any) -> ReportedEvent:
    values: dict[str, Any] = {
        "provider": "sendgrid",
        "kind": kind,
        "occurred_at": NOW - timedelta(days=days),
        "address": f"{who}@acme.com",
        "campaign_id": f"c{int(days) // 10 * 10}",
        "user_agent": HUMAN,
        "url": LINK if kind is EventKind.CLICKED else None,
    }
    return ReportedEvent(**(values | changes))


async def acme(
    database: Database, *events: ReportedEvent, people: Sequence[str] = ("ann", "bob")
) -> int:
    """Acme with Ann and Bob, all sent three newsletters; and what else is reported."""
    async with database.connection() as connection:
        seed = Seed(connection)
        csm = await seed.csm("Cora")
        customer = await seed.customer("Acme", csm_id=csm, segment="startup", timezone="Asia/Tokyo")
        for name in people:
            await seed.stakeholder(customer, f"{name}@acme.com", name=name.title())
        for days in (20, 30, 40):
            campaign = await seed.campaign(
                f"C{days}",
                external_id=f"c{days}",
                is_declared=True,
                sent_at=None,
                type="NEWSLETTER",
            )
            await connection.execute(
                "INSERT INTO campaign_link (campaign_id, url, topics) VALUES ($1, $2, $3)",
                campaign,
                LINK,
                ["security"],
            )
    sends = [report(d, EventKind.DELIVERED, who) for d in (40, 30, 20) for who in people]
    await record(database, [*sends, *events], datetime.now(UTC), POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    async with database.connection() as connection:
        await connection.execute("UPDATE insight_queue SET due_at = now() - interval '1 s'")
    await counts.count(database)
    while await derive_some(database, NOW):
        pass
    return csm


ENGAGEMENT = """{ customers(filter: {search: "Acme"}) { nodes { engagement {
    score { value level enoughData trend daily reasons { act label points campaign { name }
        events { kind occurredAt } } }
    recentCampaigns(last: 2) { campaign { name } recipients delivered engaged }
    patterns { types { type delivered engaged } paceHours shifts { shareNow } }
    interests { topic { name } links { url human } }
    responseLikelihood(type: NEWSLETTER) { enoughData basedOn mean low high }
    bestTime { windows { weekday startHour endHour evidence lift } hours
        timezone basis acts enoughData }
    stakeholdersReached stakeholdersEngaged stakeholdersDark
} } } }"""


async def engagement(run: Run, viewer: Viewer = MANAGER) -> dict[str, Any]:
    found: dict[str, Any] = (await run(viewer, ENGAGEMENT))["customers"]["nodes"][0]["engagement"]
    return found


async def test_a_customers_engagement_can_be_followed_to_its_events(
    run: Run, database: Database
) -> None:
    await acme(
        database,
        report(20, EventKind.CLICKED, occurred_at=NOW - timedelta(days=19)),
        report(30, EventKind.REPLIED, occurred_at=NOW - timedelta(days=29)),
    )
    found = await engagement(run)
    score = found["score"]
    assert (score["level"], score["enoughData"]) == ("MEDIUM", True)
    assert [(r["act"], r["label"], r["campaign"]["name"]) for r in score["reasons"]] == [
        ("REPLY", "1 reply", "C30"),
        ("CLICK", "1 click", "C20"),
        ("OPEN", "1 open", "C20"),
    ]
    assert [[e["kind"] for e in r["events"]] for r in score["reasons"]] == [
        ["REPLIED"],
        ["CLICKED"],
        [],
    ]
    assert sum(round(100 * r["points"]) for r in score["reasons"]) == round(100 * score["value"])
    assert score["trend"] == score["value"]
    assert (len(score["daily"]), score["daily"][-1]) == (91, score["value"])
    assert [round(score["daily"][90 - day], 1) for day in (30, 29, 19)] == [0.0, 33.0, 43.3]
    assert found["recentCampaigns"] == [
        {"campaign": {"name": "C20"}, "recipients": 2, "delivered": 2, "engaged": 1},
        {"campaign": {"name": "C30"}, "recipients": 2, "delivered": 2, "engaged": 1},
    ]
    assert found["patterns"] == {
        "types": [{"type": "NEWSLETTER", "delivered": 6, "engaged": 2}],
        "paceHours": 24.0,
        "shifts": [],
    }
    assert found["responseLikelihood"]["basedOn"] == 6
    assert found["bestTime"]["basis"] == "CUSTOMER"
    assert (found["bestTime"]["timezone"], found["bestTime"]["acts"]) == ("Asia/Tokyo", 3)
    best, hours = found["bestTime"]["windows"][0], found["bestTime"]["hours"]
    start = 24 * best["weekday"] + best["startHour"]
    assert (len(hours), sum(hours[start : start + 3]) / 3) == (168, pytest.approx(best["lift"]))
    assert [found[f"stakeholders{name}"] for name in ("Reached", "Engaged", "Dark")] == [2, 1, 0]


async def test_the_course_of_a_large_accounts_score_is_what_its_trend_is_of(
    run: Run, database: Database
) -> None:
    await acme(
        database,
        *(
            report(40, EventKind.CLICKED, who, occurred_at=NOW - timedelta(days=35))
            for who in "abc"
        ),
        report(20, EventKind.REPLIED, "f", occurred_at=NOW - timedelta(days=10)),
        people="abcdef",
    )
    score = (await engagement(run))["score"]
    assert score["trend"] == pytest.approx(score["value"] - score["daily"][90 - 30], abs=0.01)
    before_fading = -math.log1p(-score["value"] / 100) * 2 ** (9 / 30)
    assert score["daily"][90 - 9] == pytest.approx(-100 * math.expm1(-before_fading), abs=0.02)


async def test_machines_engage_nobody(run: Run, database: Database) -> None:
    scanner = {"user_agent": "Mozilla/5.0"}
    await acme(
        database, report(20, EventKind.CLICKED, **scanner), report(20, EventKind.OPENED, **scanner)
    )
    found = await engagement(run)
    assert (found["score"]["value"], found["score"]["level"]) == (0.0, "NONE")
    assert found["score"]["reasons"] == []
    assert (found["interests"], found["patterns"]["paceHours"]) == ([], None)


async def test_where_nothing_is_known_it_says_so(run: Run, database: Database) -> None:
    async with database.connection() as connection:
        await Seed(connection).customer("Acme")
    found = await engagement(run)
    assert found["score"] == {
        "value": None, "level": "NONE", "enoughData": False, "trend": None, "daily": [],
        "reasons": [],
    }  # fmt: skip
    likelihood = found["responseLikelihood"]
    assert likelihood == {
        "enoughData": False, "basedOn": 0, "mean": None, "low": None, "high": None,
    }  # fmt: skip
    assert (found["bestTime"]["basis"], found["bestTime"]["enoughData"]) == ("DEFAULT", False)
    assert found["bestTime"]["hours"] == []
    assert found["recentCampaigns"] == []


PERSON = """query ($id: ID!) { node(id: $id) { ... on Stakeholder { name
    score { value daily reasons { act points } } persona
    interests { topic { name } weight links { url } }
    responseLikelihood { basedOn enoughData }
    bestTime { basis acts windows { evidence } }
    lastSentAt lastEngagedAt dark
} } }"""


async def test_a_person_has_figures_of_their_own(run: Run, database: Database) -> None:
    await acme(database, report(20, EventKind.CLICKED), report(30, EventKind.CLICKED))
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT id FROM stakeholder ORDER BY id")
    ann, bob = [
        (await run(MANAGER, PERSON, id=ids.encode("Stakeholder", row[0])))["node"] for row in rows
    ]
    assert ann["score"]["value"] > 0
    assert [r["act"] for r in ann["score"]["reasons"]] == ["CLICK", "CLICK", "OPEN", "OPEN"]
    assert [person["score"]["daily"][-1] for person in (ann, bob)] == [ann["score"]["value"], 0.0]
    assert ann["responseLikelihood"] == {"basedOn": 3, "enoughData": True}
    assert (ann["bestTime"]["basis"], ann["bestTime"]["acts"]) == ("STAKEHOLDER", 4)
    assert (bob["score"]["value"], bob["score"]["reasons"]) == (0.0, [])
    assert bob["bestTime"]["basis"] == "CUSTOMER"
    assert (ann["persona"], bob["persona"]) == ("LOYALIST", "DORMANT")
    assert [bob[name] for name in ("lastEngagedAt", "dark")] == [None, False]
    assert ann["lastEngagedAt"] == ann["lastSentAt"] == bob["lastSentAt"]


async def test_customers_are_ranked_and_chosen_by_their_engagement(
    run: Run, database: Database
) -> None:
    csm = await acme(database, *(report(d, EventKind.REPLIED) for d in (20, 30, 40)))
    async with database.connection() as connection:
        await Seed(connection).customer("Quiet", csm_id=csm)
    ranked = "{ customers(orderBy: %s) { nodes { name } } }"
    for order, names in (
        ("MOST_ENGAGED", ["Acme", "Quiet"]),
        ("LAST_ENGAGED_AT", ["Quiet", "Acme"]),
        ("DARK_AT", ["Acme", "Quiet"]),
    ):
        found = (await run(csm_viewer(csm), ranked % order))["customers"]["nodes"]
        assert [node["name"] for node in found] == names
    chosen = "{ customers(filter: {%s}) { totalCount } }"
    for words, count in (
        ("levels: [HIGH]", 0), ("levels: [MEDIUM]", 1), ("levels: [HIGH, MEDIUM]", 1),
        ("levels: [LOW]", 0), ("dark: true", 0), ("dark: false", 2),
    ):  # fmt: skip
        found = (await run(MANAGER, chosen % words))["customers"]
        assert (words, found["totalCount"]) == (words, count)


@pytest.mark.parametrize("levels", [[], ["NONE"], ["HIGH", "LOW"]])
async def test_levels_that_are_no_neighbours_are_refused(run: Run, levels: list[str]) -> None:
    query = "query ($levels: [Level!]) { customers(filter: {levels: $levels}) { totalCount } }"
    answer = await run(MANAGER, query, levels=levels)
    assert [e.original_error.code for e in answer["errors"]] == ["INVALID_LEVELS"]
