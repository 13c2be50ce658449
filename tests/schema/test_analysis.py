"""Analysis: figures of campaigns, each of which can be followed to its recipients."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from domain.intervals import wilson
from domain.viewer import Viewer
from schema import ids
from store.analysis import totals
from store.campaigns import funnels
from store.counting import note_recipients
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.seeding import INTEGRATION, MANAGER, NOW, Seed, csm_viewer
from tests.store.counts import count

SENT = NOW - timedelta(days=1)
"""Saturday 2026-11-21, 12:00 UTC."""

FUNNEL = """recipients internal unmatched delivered openers { human machine }
clickers { human machine } repliers forwarders unsubscribers bounced { hard soft }
complained rejected"""

ANALYSIS = f"""
fragment R on Rate {{ value numerator denominator low high enoughData }}
fragment C on Comparison {{ adjusted low high usual standing enoughData rate {{ value }} }}
query ($id: ID!) {{ campaign(id: $id) {{
  analysis {{
    funnel {{ {FUNNEL} }}
    rates {{ delivery {{ ...R }} bounce {{ ...R }} open {{ ...R }} click {{ ...R }}
      clickToOpen {{ ...R }} reply {{ ...R }} forward {{ ...R }} unsubscribe {{ ...R }}
      complaint {{ ...R }} engagement {{ ...R }} coverage {{ ...R }} }}
    acts {{ opensHuman opensMachine clicksHuman clicksMachine }}
    timeToOpen {{ basedOn lowerQuartile {{ seconds }} median {{ seconds atLeast atMost }}
      upperQuartile {{ seconds }} }}
    timeToClick {{ basedOn median {{ seconds }} }}
    links {{ url clickersHuman clickersMachine clicksHuman clicksMachine share {{ ...R }} }}
    segments {{ segment funnel {{ {FUNNEL} }} rates {{ open {{ ...R }} }} }}
    csms {{ csm {{ id name }} funnel {{ {FUNNEL} }} compared {{ open {{ ...C }} }} }}
    average {{ open click clickToOpen reply unsubscribe }}
    byHour {{ openersWithoutZone clickersWithoutZone hours {{ weekday hour openers clickers }} }}
  }} }} }}
"""

COUNT = """query ($id: ID!, $f: RecipientFilter) {
  campaign(id: $id) { recipients(filter: $f) { totalCount } } }"""


def link(number: int, human: int, machine: int = 0) -> dict[str, Any]:
    at = SENT.isoformat()
    return {
        "url": f"https://us.example/{number}",
        "human": human,
        "machine": machine,
        "first_at": at,
        "last_at": at,
    }


class Planted:
    """Three portfolios on one campaign: Ann's large Acme in New York, Bob's Beta, Cem's Gamma."""

    campaign: int
    csms: dict[str, int]
    customers: dict[str, int]

    @property
    def id(self) -> str:
        return ids.encode("Campaign", self.campaign)


async def plant(database: Database) -> Planted:
    planted = Planted()
    async with database.transaction() as connection:
        seed = Seed(connection)
        planted.csms = {name: await seed.csm(name) for name in ("Ann", "Bob", "Cem")}
        acme = await seed.customer(
            "Acme", planted.csms["Ann"], segment="large", timezone="America/New_York"
        )
        beta = await seed.customer("Beta", planted.csms["Bob"], segment="small")
        gamma = await seed.customer("Gamma", planted.csms["Cem"])
        planted.customers = {"acme": acme, "beta": beta, "gamma": gamma}
        planted.campaign = await seed.campaign(
            "Spring", type="MARKETING", topics=["sale"], sent_at=SENT
        )
        made: list[int] = []

        async def send(
            address: str, customers: tuple[int, ...] = (), reason: str = "", **did: Any
        ) -> None:
            address_id = await seed.address(address, reason or None)
            for customer in customers:
                await seed.match(address_id, customer)
            if did.get("status", "DELIVERED") == "DELIVERED":
                did = {"status": "DELIVERED", "delivered_at": SENT} | did
            made.append(await seed.recipient(planted.campaign, address_id, **did))

        for n in range(4):
            opened = SENT + timedelta(minutes=10 * 2**n)
            await send(
                f"o{n}@acme.example", (acme,), opens_human=2, first_open_at=opened, engaged=True
            )
        clicked = SENT + timedelta(hours=1)
        await send(
            "c@acme.example",
            (acme,),
            opens_human=1,
            first_open_at=clicked,
            clicks_human=3,
            clicks_machine=2,
            first_click_at=clicked,
            links=[link(1, 2), link(2, 1, 2)],
            engaged=True,
        )
        await send(
            "m@acme.example", (acme,), opens_machine=1, clicks_machine=1, links=[link(1, 0, 1)]
        )
        await send("r@beta.example", (beta,), replied_at=SENT, engaged=True)
        await send("f@beta.example", (beta,), forwarded_at=SENT, engaged=True)
        await send("u@beta.example", (beta,), unsubscribed_at=SENT)
        await send("x@beta.example", (beta,), status="COMPLAINED", complained_at=SENT)
        await send(
            "both@partner.example",
            (acme, beta),
            opens_human=1,
            first_open_at=clicked,
            clicks_human=1,
            first_click_at=clicked,
            links=[link(1, 1)],
            engaged=True,
        )
        await send("h@gamma.example", (gamma,), status="HARD_BOUNCED")
        await send("s@gamma.example", (gamma,), status="SOFT_BOUNCED")
        await send("j@gamma.example", (gamma,), status="REJECTED")
        await send("us@us.example", (), "INTERNAL")
        await send("who@free.example", (), "FREEMAIL", opens_human=1, first_open_at=clicked)
        await note_recipients(connection, made)
    await count(database)
    return planted


async def analysis(run: Run, viewer: Viewer, planted: Planted) -> dict[str, Any]:
    found = await run(viewer, ANALYSIS, id=planted.id)
    result: dict[str, Any] = found["campaign"]["analysis"]
    return result


@pytest.mark.parametrize("who", ["manager", "Ann", "Bob", "Cem"])
async def test_the_counted_funnel_is_that_of_the_recipients_seen(
    database: Database, run: Run, who: str
) -> None:
    planted = await plant(database)
    viewer = MANAGER if who == "manager" else csm_viewer(planted.csms[who])

    found = await analysis(run, viewer, planted)

    async with database.connection() as connection:
        counted = (await totals(connection, viewer, [planted.campaign]))[planted.campaign]
        seen = (await funnels(connection, viewer, [planted.campaign]))[planted.campaign]
    assert {name: getattr(counted, name) for name in asdict(seen)} == asdict(seen)
    assert found["funnel"]["recipients"] == {"manager": 16, "Ann": 7, "Bob": 5, "Cem": 3}[who]


async def test_rates_state_their_denominators_and_how_sure_they_are(
    database: Database, run: Run
) -> None:
    found = await analysis(run, MANAGER, await plant(database))

    assert {name: (r["numerator"], r["denominator"]) for name, r in found["rates"].items()} == {
        "delivery": (13, 16),
        "bounce": (2, 16),
        "open": (7, 13),
        "click": (2, 13),
        "clickToOpen": (2, 7),
        "reply": (1, 13),
        "forward": (1, 13),
        "unsubscribe": (1, 13),
        "complaint": (1, 13),
        "engagement": (8, 13),
        "coverage": (14, 15),
    }
    low, high = wilson(7, 13) or (0, 0)
    assert found["rates"]["open"] == {
        "value": 7 / 13,
        "numerator": 7,
        "denominator": 13,
        "low": low,
        "high": high,
        "enoughData": False,
    }
    assert found["acts"] == {
        "opensHuman": 11,
        "opensMachine": 1,
        "clicksHuman": 4,
        "clicksMachine": 3,
    }


async def test_a_rate_of_nobody_is_unknown(database: Database, run: Run) -> None:
    planted = await plant(database)

    found = await analysis(run, csm_viewer(planted.csms["Cem"]), planted)

    assert found["rates"]["open"] == {
        "value": None,
        "numerator": 0,
        "denominator": 0,
        "low": None,
        "high": None,
        "enoughData": False,
    }
    assert found["timeToOpen"] == {
        "basedOn": 0,
        "lowerQuartile": None,
        "median": None,
        "upperQuartile": None,
    }


async def test_quartiles_lie_within_the_bounds_they_state(database: Database, run: Run) -> None:
    """Seven people took 10, 20, 40, 60, 60, 60 and 80 minutes."""
    found = await analysis(run, MANAGER, await plant(database))

    median = found["timeToOpen"]["median"]
    assert found["timeToOpen"]["basedOn"] == 7
    assert median["atLeast"] <= 3600 <= median["atMost"]
    assert median["atMost"] / median["atLeast"] == pytest.approx(2**0.25)
    assert median["atLeast"] <= median["seconds"] <= median["atMost"]
    assert found["timeToClick"]["basedOn"] == 2


async def test_links_tell_who_followed_them(database: Database, run: Run) -> None:
    planted = await plant(database)

    found = await analysis(run, MANAGER, planted)
    of_bob = await analysis(run, csm_viewer(planted.csms["Bob"]), planted)

    assert [
        (x["url"], x["clickersHuman"], x["clickersMachine"], x["clicksHuman"], x["clicksMachine"])
        for x in found["links"]
    ] == [("https://us.example/1", 2, 1, 3, 1), ("https://us.example/2", 1, 1, 1, 2)]
    assert [x["share"]["value"] for x in found["links"]] == [1.0, 0.5]
    assert [(x["url"], x["clickersHuman"]) for x in of_bob["links"]] == [
        ("https://us.example/1", 1)
    ]


async def test_hours_are_of_the_recipients_own_week(database: Database, run: Run) -> None:
    """Sent on Saturday at 7:00 in New York, where all openers of known zone are."""
    found = await analysis(run, MANAGER, await plant(database))

    assert found["byHour"] == {
        "openersWithoutZone": 1,
        "clickersWithoutZone": 0,
        "hours": [
            {"weekday": 6, "hour": 7, "openers": 3, "clickers": 0},
            {"weekday": 6, "hour": 8, "openers": 3, "clickers": 2},
        ],
    }


@both_executions
async def test_a_csm_is_compared_with_an_average_and_never_with_a_named_colleague(
    database: Database, run: Run
) -> None:
    planted = await plant(database)

    of_all = await analysis(run, MANAGER, planted)
    of_ann = await analysis(run, csm_viewer(planted.csms["Ann"]), planted)

    assert [x["csm"]["name"] for x in of_all["csms"]] == ["Ann", "Bob", "Cem"]
    assert [x["csm"]["name"] for x in of_ann["csms"]] == ["Ann"]
    assert [x["segment"] for x in of_all["segments"]] == [None, "large", "small"]
    assert [x["segment"] for x in of_ann["segments"]] == ["large"]
    # Ann's 7 delivered with 6 openers, Bob's 5 with 1; who is both's counts for both.
    assert of_ann["average"] == of_all["average"]
    assert of_ann["average"]["open"] == 7 / 12
    assert "Bob" not in str(of_ann)


async def test_there_is_no_average_of_fewer_than_three_portfolios(
    database: Database, run: Run
) -> None:
    planted = await plant(database)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM customer WHERE id = $1", planted.customers["gamma"])
    await count(database)

    found = await analysis(run, csm_viewer(planted.csms["Ann"]), planted)

    assert found["average"] is None
    assert found["csms"][0]["compared"]["open"]["usual"] is None


def _figures(found: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every figure of an analysis with the filter that names its recipients."""
    f = found["funnel"]
    yield f["recipients"], {}
    yield f["internal"], {"internal": True}
    yield f["unmatched"], {"matched": False, "internal": False}
    yield f["delivered"], {"delivered": True}
    yield f["openers"]["human"], {"opened": True}
    yield f["openers"]["machine"], {"openedByMachine": True}
    yield f["clickers"]["human"], {"clicked": True}
    yield f["clickers"]["machine"], {"clickedByMachine": True}
    yield f["repliers"], {"replied": True}
    yield f["forwarders"], {"forwarded": True}
    yield f["unsubscribers"], {"unsubscribed": True}
    yield f["bounced"]["hard"], {"hardBounced": True}
    yield f["bounced"]["soft"], {"softBounced": True}
    yield f["complained"], {"complained": True}
    yield f["rejected"], {"rejected": True}
    yield found["rates"]["engagement"]["numerator"], {"engaged": True}
    for segment in found["segments"]:
        named = {"segment": segment["segment"] or ""}
        yield segment["funnel"]["recipients"], named
        yield segment["funnel"]["openers"]["human"], named | {"opened": True}
    for csm in found["csms"]:
        yield csm["funnel"]["recipients"], {"csmId": csm["csm"]["id"]}
    for hour in found["byHour"]["hours"]:
        of_week = 24 * (hour["weekday"] - 1) + hour["hour"]
        yield hour["openers"], {"openedHour": of_week}
        yield hour["clickers"], {"clickedHour": of_week}


@pytest.mark.parametrize("who", ["manager", "Ann", "Bob"])
async def test_every_figure_can_be_followed_to_its_recipients(
    database: Database, run: Run, who: str
) -> None:
    planted = await plant(database)
    viewer = MANAGER if who == "manager" else csm_viewer(planted.csms[who])
    found = await analysis(run, viewer, planted)

    for figure, chosen in _figures(found):
        listed = await run(viewer, COUNT, id=planted.id, f=chosen)
        assert (chosen, listed["campaign"]["recipients"]["totalCount"]) == (chosen, figure)
    for x in found["links"]:
        listed = await run(viewer, COUNT, id=planted.id, f={"clickedUrl": x["url"]})
        followers = listed["campaign"]["recipients"]["totalCount"]
        assert max(x["clickersHuman"], x["clickersMachine"]) <= followers
        assert followers <= x["clickersHuman"] + x["clickersMachine"]


PERFORMANCE = """
query ($f: CampaignFilter) { performance(filter: $f) {
  total { campaigns rates { open { numerator denominator } } }
  segments { segment campaigns rates { open { numerator denominator } } }
  types { type campaigns rates { open { numerator denominator } } }
  topics { topic { name } campaigns rates { open { numerator denominator } } }
  sendTimes(timezone: "Asia/Tokyo") { weekday hour campaigns }
  portfolios { csm { name } customers campaigns rates { open { numerator denominator } }
    compared { open { adjusted usual standing enoughData } } }
} }
"""


def shown(groups: list[dict[str, Any]], key: str) -> list[tuple[Any, ...]]:
    return [
        (
            g[key]["name"] if isinstance(g[key], dict) else g[key],
            g["campaigns"],
            g["rates"]["open"]["numerator"],
            g["rates"]["open"]["denominator"],
        )
        for g in groups
    ]


async def test_performance_groups_campaigns_by_what_they_have_in_common(
    database: Database, run: Run
) -> None:
    planted = await plant(database)

    found = (await run(MANAGER, PERFORMANCE))["performance"]
    of_bob = (await run(csm_viewer(planted.csms["Bob"]), PERFORMANCE))["performance"]
    of_none = (await run(MANAGER, PERFORMANCE, f={"type": "NEWSLETTER"}))["performance"]

    assert found["total"] == {
        "campaigns": 1,
        "rates": {"open": {"numerator": 7, "denominator": 13}},
    }
    assert shown(found["segments"], "segment") == [
        (None, 1, 0, 0),
        ("large", 1, 6, 7),
        ("small", 1, 1, 5),
    ]
    assert shown(found["types"], "type") == [("MARKETING", 1, 7, 13)]
    assert shown(found["topics"], "topic") == [("sale", 1, 7, 13)]
    assert found["sendTimes"] == [{"weekday": 6, "hour": 21, "campaigns": 1}]
    assert shown(found["portfolios"], "csm") == [
        ("Ann", 1, 6, 7),
        ("Bob", 1, 1, 5),
        ("Cem", 1, 0, 0),
    ]
    assert shown(of_bob["portfolios"], "csm") == [("Bob", 1, 1, 5)]
    assert shown(of_bob["segments"], "segment") == [("small", 1, 1, 5)]
    assert of_bob["total"]["rates"]["open"] == {"numerator": 1, "denominator": 5}
    assert of_none["total"]["campaigns"] == 0
    assert of_none["portfolios"] == []


async def test_a_zone_that_is_none_is_refused(database: Database, run: Run) -> None:
    found = await run(MANAGER, '{ performance { sendTimes(timezone: "Mars") { hour } } }')
    assert "“Mars” is no time zone" in found["errors"][0].message


PORTFOLIO = """query ($id: ID) { portfolio(csmId: $id) {
  csm { name } customers campaigns rates { open { numerator denominator } } } }"""


@both_executions
async def test_a_portfolio_is_told_to_its_csm_and_to_managers(database: Database, run: Run) -> None:
    planted = await plant(database)
    ann, bob = (ids.encode("Csm", planted.csms[name]) for name in ("Ann", "Bob"))

    own = (await run(csm_viewer(planted.csms["Ann"]), PORTFOLIO))["portfolio"]
    of_ann = (await run(MANAGER, PORTFOLIO, id=ann))["portfolio"]
    of_all = (await run(MANAGER, PORTFOLIO))["portfolio"]
    of_bob = await run(csm_viewer(planted.csms["Ann"]), PORTFOLIO, id=bob)
    of_nobody = await run(csm_viewer(planted.csms["Ann"]), PORTFOLIO, id=ids.encode("Csm", 99))
    to_feeder = await run(INTEGRATION, PORTFOLIO)

    assert own == of_ann
    assert own == {
        "csm": {"name": "Ann"},
        "customers": 1,
        "campaigns": 1,
        "rates": {"open": {"numerator": 6, "denominator": 7}},
    }
    assert (of_all["csm"], of_all["rates"]["open"]["denominator"]) == (None, 13)
    assert of_bob["errors"][0].message == of_nobody["errors"][0].message
    assert "INTEGRATION may not do this" in to_feeder["errors"][0].message
