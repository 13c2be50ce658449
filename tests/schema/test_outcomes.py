"""What managers are told of outcomes, and the cases behind each figure."""

from datetime import timedelta
from typing import Any

import pytest

from domain.viewer import Role, Viewer
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.seeding import INTEGRATION, MANAGER, NOW, Seed

DAY = timedelta(days=1)
RATE = "{ numerator denominator value low high enoughData }"
LIFT = f"""{{ treated {RATE} heldOut {RATE} difference low high verdict customersNeeded
  enoughData statement }}"""
OUTCOMES = f"""query Q($since: DateTime, $until: DateTime) {{
  outcomes(since: $since, until: $until) {{
  since until coverage {{ numerator denominator }} followUps {{ rate {RATE} waiting }}
  conversionLift {LIFT} replyLift {LIFT} }} }}"""
CASES = """query Q($group: OutcomeGroup!, $success: Boolean) { outcomes {
  cases(group: $group, success: $success) { totalCount nodes { kind heldOut success outcome
    conversationAt customer { name } recommendation { reason } reply { kind occurredAt } } } } }"""


class Portfolio:
    """Customers with recommendations and what came of them."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self.count = 0

    async def recommend(
        self,
        *,
        customer: int | None = None,
        days: float = 40,
        outcome: str | None = None,
        replied: float | None = None,
        **columns: Any,
    ) -> int:
        """A recommendation so many days ago, followed up a day later; a reply so many days after
        it. Returns the customer."""
        seed, self.count = self.seed, self.count + 1
        at = NOW - days * DAY
        if customer is None:
            customer = await seed.customer(f"C{self.count}")
        values: dict[str, Any] = {
            "kind": "START_CONVERSATION",
            "status": "COMPLETED" if outcome else "EXPIRED",
            "is_held_out": False,
            "is_risk": False,
            "reason": "They are engaged.",
            "priority": 50,
            "parts": [],
            "evidence": [],
            "evidenced_at": at,
            "topics": [],
            "talking_points": [],
            "named_ids": [],
            "expires_at": at + 30 * DAY,
            "outcome": outcome,
            "created_at": at,
            "changed_at": at,
        } | columns
        if values["status"] != "OPEN":
            values["closed_at"] = at + DAY
        number = await seed._insert("recommendation", customer_id=customer, **values)
        if outcome:
            await seed._add(
                "follow_up",
                recommendation_id=number,
                customer_id=customer,
                kind=values["kind"],
                outcome=outcome,
                completed_by="Cora",
                recommended_at=at,
                completed_at=at + DAY,
            )
        if replied is not None:
            await self.reply(customer, at + replied * DAY)
        return customer

    async def reply(self, customer: int, at: Any) -> None:
        self.count += 1
        seed = self.seed
        person = await seed.stakeholder(customer, f"p{self.count}@x{self.count}.example")
        address = await seed.matched(f"p{self.count}@x{self.count}.example", customer, person)
        campaign = await seed.campaign(f"News {self.count}")
        recipient = await seed.recipient(campaign, address, replied_at=at)
        await seed.event(recipient, "REPLIED", at)


async def ask(run: Run, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await run(MANAGER, OUTCOMES, **variables))["outcomes"]
    return found


async def cases(run: Run, group: str, success: bool | None = None) -> dict[str, Any]:
    found = await run(MANAGER, CASES, group=group, success=success)
    told: dict[str, Any] = found["outcomes"]["cases"]
    return told


async def test_the_follow_up_rate_is_contact_made_over_recommendations_shown(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        portfolio = Portfolio(Seed(connection))
        for outcome in ("CONVERSATION", "MEETING", "NO_ANSWER", "NOT_NEEDED", None):
            await portfolio.recommend(outcome=outcome)
        await portfolio.recommend(status="OPEN", kind="REPLY_WAITING")
        await portfolio.recommend(status="WITHDRAWN")
        await portfolio.recommend(is_held_out=True)
        await portfolio.recommend(kind="FIX_ADDRESS", outcome="CONVERSATION")
        await portfolio.recommend(outcome="MEETING", days=91)

    found = (await ask(run))["followUps"]
    behind = await cases(run, "HIGH_ENGAGERS", True)

    assert found["waiting"] == 1
    assert found["rate"] | {"low": None, "high": None} == {
        "numerator": 3,
        "denominator": 6,
        "value": 0.5,
        "low": None,
        "high": None,
        "enoughData": False,
    }
    assert (round(found["rate"]["low"], 3), round(found["rate"]["high"], 3)) == (0.188, 0.812)
    assert behind["totalCount"] == 3
    assert sorted(n["outcome"] for n in behind["nodes"]) == ["CONVERSATION", "MEETING", "NO_ANSWER"]
    assert behind["nodes"][0]["recommendation"] == {"reason": "They are engaged."}


async def test_a_customer_counts_once_by_the_first_recommendation(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        portfolio = Portfolio(Seed(connection))
        customer = await portfolio.recommend(days=50)
        await portfolio.recommend(customer=customer, days=40, outcome="MEETING")

    found = (await ask(run))["conversionLift"]

    assert (found["treated"]["numerator"], found["treated"]["denominator"]) == (1, 1)


async def test_converted_is_who_talked_or_replied_within_thirty_days_after_it(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        portfolio = Portfolio(Seed(connection))
        await portfolio.recommend(outcome="CONVERSATION")
        await portfolio.recommend(outcome="NO_ANSWER")
        await portfolio.recommend(replied=29)
        await portfolio.recommend(replied=31)
        await portfolio.recommend(replied=-1)
        await portfolio.recommend(is_held_out=True, replied=2)
        await portfolio.recommend(is_held_out=True)

    found = await ask(run)
    treated, held_out = await cases(run, "TREATED", True), await cases(run, "HELD_OUT")

    both = [
        (g["numerator"], g["denominator"])
        for lift in ("conversionLift", "replyLift")
        for g in (found[lift]["treated"], found[lift]["heldOut"])
    ]
    assert both == [(2, 5), (1, 2), (1, 5), (1, 2)]
    assert found["conversionLift"]["difference"] == pytest.approx(-0.1)
    assert found["conversionLift"]["verdict"] == "UNDERPOWERED"
    assert found["conversionLift"]["enoughData"] is False
    assert sorted(
        (n["conversationAt"] is not None, n["reply"] is not None) for n in treated["nodes"]
    ) == [(False, True), (True, False)]
    assert [(n["success"], n["heldOut"], n["recommendation"]) for n in held_out["nodes"]] == [
        (False, True, None),
        (True, True, None),
    ]


async def test_a_lift_is_told_with_its_interval_where_there_are_enough(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        portfolio = Portfolio(Seed(connection))
        for number in range(60):
            await portfolio.recommend(outcome="MEETING" if number % 2 else None)
        for number in range(30):
            await portfolio.recommend(is_held_out=True, replied=1 if number < 3 else None)

    found = (await ask(run))["conversionLift"]

    assert found["verdict"] == "HELPS"
    assert found["enoughData"] is True
    assert [round(found[x], 3) for x in ("difference", "low", "high")] == [0.4, 0.201, 0.539]
    assert found["statement"] == (
        "30 of 60 recommended customers converted, and 3 of 30 held out: a lift of +40.0 points "
        "(+20.1 to +53.9)."
    )


async def test_without_a_holdout_it_says_that_there_is_no_lift(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        await Portfolio(Seed(connection)).recommend(outcome="MEETING")

    found = (await ask(run))["conversionLift"]

    assert (found["verdict"], found["difference"], found["customersNeeded"]) == (
        "NO_HOLDOUT",
        None,
        None,
    )
    assert "an association" in found["statement"]


async def test_nothing_is_not_enough_data(run: Run, database: Database) -> None:
    found = await ask(run)

    assert found["coverage"] == {"numerator": 0, "denominator": 0}
    assert found["followUps"]["rate"]["value"] is None
    assert found["conversionLift"]["statement"].startswith("0 of 0 recommended customers")


async def test_a_period_ends_after_it_begins(run: Run, database: Database) -> None:
    told = await run(MANAGER, OUTCOMES, since="2026-11-02T00:00:00Z", until="2026-11-01T00:00:00Z")

    assert told["errors"][0].message == (
        "2026-11-02T00:00:00+00:00 is not before 2026-11-01T00:00:00+00:00: give an earlier time"
    )


@pytest.mark.parametrize("viewer", [INTEGRATION, Viewer(Role.CSM, "Cora", 1)])
@both_executions
async def test_outcomes_are_for_managers_and_admins(
    run: Run, database: Database, viewer: Viewer
) -> None:
    told = await run(viewer, OUTCOMES)

    assert told["data"] is None
    assert told["errors"][0].original_error.code == "FORBIDDEN"
