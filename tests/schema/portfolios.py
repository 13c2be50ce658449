"""Two portfolios side by side, one of them full of canaries."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from domain.likelihood import POINTS
from schema import ids
from store.database import Connection
from tests.seeding import NOW, Seed

CANARY = "zqcanary"
"""Begins every planted text of Ann's; nothing else holds it."""

PLANTED_TABLES = (
    "address", "address_opening", "api_key", "audit", "campaign", "campaign_link", "csm",
    "customer", "customer_domain", "digest", "erasure", "event", "follow_up", "gateway_profile",
    "match_decision", "opening", "orphan", "payload", "provider_seen", "pull", "recipient",
    "recommendation", "stakeholder", "webhook_delivery", "webhook_endpoint", "workflow",
    "workflow_run",
    "stakeholder_address", "stakeholder_insight", "suppression_lift",
)  # fmt: skip
"""Tables that hold text of a portfolio; the test holds that each text column has a canary."""

CLOSED_COLUMNS = {
    "act_hours", "act_weights", "actor", "address_ids", "agent_reason", "belief", "bounce",
    "confidence", "declared_type", "detection", "evidence", "inferred_type", "kind",
    "named_ids", "outcome", "pace_hours", "persona", "reason", "reasons", "recommendation_ids",
    "role", "said_type", "sections", "signs", "status", "step",
    "tracking_consent", "type", "types", "unmatched_reason",
}  # fmt: skip
"""Columns of closed sets, and arrays of them: no room for a canary."""


@dataclass
class Portfolio:
    """What a probe may name of one portfolio."""

    csm: int = 0
    node_ids: dict[str, str] = field(default_factory=dict)
    external_id: str = ""
    address: str = ""


async def plant(
    connection: Connection, name: str, mark: str, shared: tuple[int, int] | None
) -> tuple[Portfolio, tuple[int, int]]:
    """A portfolio whose every text begins with the mark.

    `shared` is a campaign that went to both portfolios, and the address of somebody who works for
    customers of both; the first portfolio makes them.
    """
    seed, low = Seed(connection), mark.lower()

    def text(label: str) -> str:
        return f"{mark}-{label}"

    csm = await seed._insert(
        "csm", name=text("csm"), email=f"{low}-csm@us.example", timezone=text("csmzone")
    )
    customer = await seed.customer(
        text("customer"),
        csm,
        external_id=text("external"),
        segment=text("segment"),
        timezone=text("zone"),
        renews_on=date(2027, 1, 1),
    )
    await seed.domain(customer, f"{low}-domain.example")
    who = f"{low}-person@{low}-domain.example"
    person = await seed.stakeholder(
        customer,
        who,
        name=text("person"),
        title=text("title"),
        timezone=text("personzone"),
        external_id=text("personid"),
    )
    known = await seed.matched(who, customer, person)
    if shared is None:
        both = await seed.campaign("Shared", topics=["shared"])
        consultant = await seed.address("consultant@both.example", None)
        await seed.recipient(both, consultant)
        shared = both, consultant
    both, consultant = shared
    await seed.match(consultant, customer, person)
    await connection.execute(
        "INSERT INTO match_decision (address, customer_id, is_confirmed, decided_by, decided_at) "
        "VALUES ($1, $2, true, $3, $4)",
        who,
        customer,
        text("decider"),
        NOW,
    )
    own = await seed.campaign(
        text("campaign"),
        provider=text("provider"),
        external_id=text("campaignid"),
        subject=text("subject"),
        sender=text("sender"),
        tag=text("tag"),
        reported_name=text("reported"),
        reported_subject=text("reported"),
        mail_subject=text("reported"),
        said_by=text("decider"),
        said_at=NOW,
        topics=[text("topic")],
    )
    url = f"https://{low}-link.example/"
    for campaign in (own, both):
        await seed._insert("campaign_link", campaign_id=campaign, url=url, topics=[text("about")])
    proposed = await seed.address(f"{low}-new@{low}-domain.example", None)
    await seed.match(proposed, customer, method="DOMAIN", confidence=0.8)
    await seed.recipient(own, proposed)
    recipients = [await _send(seed, campaign, known, text, url) for campaign in (own, both)]
    link = [url, 2, 1, NOW.isoformat(), NOW.isoformat()]
    await seed.insight(
        person,
        customer,
        mass=50.0,
        mass_before=5.0,
        delivered=9,
        last_sent_at=NOW,
        last_engaged_at=NOW,
        persona="LOYALIST",
        known_sends=9,
        belief=[0.0] * POINTS,
        act_hours=[33.5] * 4,
        act_weights=[1.0] * 4,
        types={"NEWSLETTER": [9, 4]},
        pace_hours=[2.0],
        interests=[{"topic": text("topic"), "weight": 1.0, "links": [[own, link]]}],
        derived_at=NOW,
    )
    await connection.execute("UPDATE customer SET mass = 50, delivered = 9 WHERE id = $1", customer)
    fact_on, key = await seed.event(
        recipients[0],
        "CLICKED",
        NOW,
        url=url,
        detail=text("detail"),
        provider=text("provider"),
        message_reference=text("message"),
        user_agent=text("agent"),
        agent_family=text("agent"),
        ip=text("ip"),
    )
    await seed._add(
        "suppression",
        address_id=known,
        reason="HARD_BOUNCE",
        since=NOW,
        evidence=[[fact_on.isoformat(), key.hex()]],
    )
    await seed._add(
        "suppression_lift",
        address_id=known,
        reason="COMPLAINT",
        lifted_at=NOW,
        lifted_by=text("decider"),
    )
    recommendation = await seed._insert(
        "recommendation",
        customer_id=customer,
        stakeholder_id=person,
        csm_id=csm,
        kind="SHARE_CONTENT",
        is_held_out=False,
        is_risk=True,
        reason=text("advice"),
        priority=50,
        parts=[[text("part"), 50]],
        evidence=[[recipients[0], "CLICKED"]],
        evidenced_at=NOW,
        campaign_id=own,
        topics=[text("topic")],
        talking_points=[text("point")],
        named_ids=[person],
        expires_at=NOW + timedelta(days=30),
        because=text("because"),
        created_at=NOW,
        changed_at=NOW,
    )
    digest = await seed._insert(
        "digest",
        csm_id=csm,
        day=NOW.date(),
        since=NOW - timedelta(days=1),
        until=NOW,
        zone=text("digestzone"),
        sections=[["REPLIED", 1, [[customer, person, None, recipients[0], 1, NOW.isoformat()]]]],
        recommendation_ids=[recommendation],
        created_at=NOW,
        mail_error=text("mailerror"),
    )
    await seed._add("recommendation_feed", customer_id=customer, recommendation_id=recommendation)
    await seed._add(
        "follow_up",
        recommendation_id=recommendation,
        customer_id=customer,
        kind="SHARE_CONTENT",
        outcome="MEETING",
        completed_by=text("completer"),
        recommended_at=NOW,
        completed_at=NOW,
    )
    await seed._add("opening", recipient_id=recipients[0], balance={"x": text("balance")})
    await seed._add("address_opening", address_id=known, balance={"x": text("balance")})
    await seed._insert(
        "erasure",
        stakeholder_id=-csm,
        requested_at=NOW,
        address_ids=[],
        needles=[text("needle")],
        names=[text("erased")],
    )
    orphan = await seed.event(None, "OPENED", NOW, detail=text("orphan"))
    await seed._add(
        "orphan",
        fact_on=orphan[0],
        key=orphan[1],
        provider=text("provider"),
        reference=text("message"),
    )
    payload = await seed.payload(
        text("provider"),
        "FAILED",
        error=text("error"),
        query=text("query"),
        headers={"x": text("header")},
        body=text("body").encode(),
    )
    await seed._add("provider_seen", provider=text("provider"), last_received_at=NOW)
    await seed._add(
        "gateway_profile",
        domain=f"{low}-domain.example",
        in_force_on=NOW.date(),
        swept=9,
        followed=9,
        delay_low=1,
        delay_median=2,
        delay_high=3,
    )
    await seed._add(
        "pull", source=text("source"), error=text("error"), cursor={"x": text("cursor")}
    )
    api_key = await seed._insert(
        "api_key", prefix=text("prefix"), digest=b"x", role="CSM", name=text("key"), csm_id=csm
    )
    await seed._insert(
        "audit", actor=text("actor"), action=text("action"), subject=text("subject"),
        detail={"x": text("note")},
    )  # fmt: skip
    workflow = await seed._insert(
        "workflow",
        name=text("workflow"),
        description=text("purpose"),
        is_enabled=True,
        condition={"segments": [text("segment")]},
        actions=[{"recommend": {"reason": text("suggestion"), "talkingPoints": []}}],
        window_days=30,
    )
    run = await seed._insert(
        "workflow_run",
        workflow_id=workflow,
        version=1,
        customer_id=customer,
        stakeholder_id=person,
        fired_at=NOW,
        condition={"segments": [text("segment")]},
        segment=text("segment"),
        reasons=[text("matched")],
        evidence=[[fact_on.isoformat(), key.hex()]],
    )
    endpoint = await seed._insert(
        "webhook_endpoint",
        name=text("endpoint"),
        url=f"https://{low}-hook.example/",
        disabled_because=text("disabled"),
        nonces=[[text("needle"), None]],
    )
    delivery = await seed._insert(
        "webhook_delivery",
        endpoint_id=endpoint,
        run_id=run,
        message_id=text("told"),
        type="workflow.fired",
        body=text("told"),
        response=text("answer"),
        error=text("failure"),
        due_at=NOW,
        created_at=NOW,
    )
    for recipient in recipients:
        await seed._add(
            "feed",
            customer_id=customer,
            kind="RECORDED",
            fact_on=fact_on,
            key=key,
            recipient_id=recipient,
        )
    numbers: dict[str, Any] = {
        "ApiKey": api_key,
        "Campaign": own,
        "Csm": csm,
        "Customer": customer,
        "Recipient": recipients[0],
        "Digest": digest,
        "Recommendation": recommendation,
        "Stakeholder": person,
        "WebhookDelivery": delivery,
        "WebhookEndpoint": endpoint,
        "Workflow": workflow,
        "WorkflowRun": run,
    }
    node_ids = {kind: ids.encode(kind, number) for kind, number in numbers.items()} | {
        "Event": ids.encode_event(fact_on, key),
        "Payload": ids.encode_payload(NOW.date(), payload),
    }
    return Portfolio(csm, node_ids, text("external"), who), shared


async def _send(seed: Seed, campaign: int, address: int, text: Any, url: str) -> int:
    at = (NOW - timedelta(hours=1)).isoformat()
    return await seed.recipient(
        campaign,
        address,
        status="HARD_BOUNCED",
        bounced_at=NOW,
        bounce_hard=True,
        bounce_reason=text("bounce"),
        opens_human=1,
        clicks_human=1,
        links=[{"url": url, "human": 1, "machine": 0, "first_at": at, "last_at": at}],
        engaged=True,
    )


async def columns_without(connection: Connection, mark: str) -> list[str]:
    """Text columns of the planted tables in which no row holds the mark."""
    columns = await connection.fetch(
        "SELECT table_name::text, column_name::text FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = ANY($1::text[]) "
        "AND data_type IN ('text', 'character varying', 'jsonb', 'ARRAY') ORDER BY 1, 2",
        list(PLANTED_TABLES),
    )
    missing = []
    for table, column in columns:
        if column in CLOSED_COLUMNS and (table, column) != ("audit", "actor"):
            continue
        found = await connection.fetchval(
            f"SELECT EXISTS (SELECT FROM {table} WHERE {column}::text ILIKE $1)", f"%{mark}%"
        )
        if not found:
            missing.append(f"{table}.{column}")
    return missing
