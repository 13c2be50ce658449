"""`python -m bench.analysis [recipients]`: reading a large campaign's analysis, and counting.

By hand, on servers of its own: fills two campaigns by SQL (one of that many recipients, a million
by default, and one of ten), counts them, compares the counters with a recount, and times the
statements behind an analysis, whole requests for one, and what an event more costs.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import httpx

from bench.stage import Stage, stage
from domain.node_ids import node_id
from domain.viewer import Role, Viewer
from jobs.counting import count_some
from server.keys import make_key
from store.analysis import (
    bins_of_campaigns,
    csms_of_campaigns,
    everybodys,
    links_of_campaigns,
    segments_of_campaigns,
    totals,
)
from store.campaigns import funnels
from store.counting import note_recipients
from store.database import Connection, Database
from store.recounts import miscounted_campaigns, miscounted_recipients

CUSTOMERS = 20_000
CSMS = 100
ROUNDS = 100

_FILL = f"""
INSERT INTO csm (email, name) SELECT n || '@us.example', 'CSM ' || n
FROM generate_series(1, {CSMS}) n;
INSERT INTO customer (external_id, name, segment, timezone, csm_id)
SELECT n, 'Customer ' || n, 'segment ' || n % 8,
    (ARRAY['Europe/Berlin', 'America/New_York', 'Asia/Tokyo'])[n % 3 + 1], n % {CSMS} + 1
FROM generate_series(1, {CUSTOMERS}) n;
INSERT INTO campaign (provider, external_id, declared_name, detection, is_provisional, topics,
    sent_at) VALUES ('fill', 'large', 'Large', 'CAMPAIGN_ID', false, '[]', now()),
    ('fill', 'small', 'Small', 'CAMPAIGN_ID', false, '[]', now());
"""

_ADDRESSES = """
INSERT INTO address (address, alias_key, domain)
SELECT 'p' || n || '@fill.example', 'p' || n || '@fill.example', 'fill.example'
FROM generate_series(1, $1::int) n
"""

_MATCHES = f"""
INSERT INTO match (address_id, customer_id, method, confidence)
SELECT id, id % {CUSTOMERS} + 1, 'EXACT', 1.0 FROM address WHERE id % 50 <> 0
"""

_RECIPIENTS = """
INSERT INTO recipient (campaign_id, address_id, is_announced, status, sent_at, delivered_at,
    opens_human, opens_machine, first_open_at, clicks_human, first_click_at, links, engaged)
SELECT $1, a.id, true, CASE WHEN a.id % 40 = 0 THEN 'HARD_BOUNCED' ELSE 'DELIVERED' END,
    now(), now(), (a.id % 3 = 0)::int, (a.id % 5 = 0)::int,
    CASE WHEN a.id % 3 = 0 THEN now() + a.id % 100000 * interval '1 second' END,
    (a.id % 12 = 0)::int, CASE WHEN a.id % 12 = 0 THEN now() + interval '2 hours' END,
    CASE WHEN a.id % 12 = 0 THEN jsonb_build_array(jsonb_build_object(
        'url', 'https://us.example/' || a.id % 20, 'human', 1, 'machine', 0)) END, a.id % 3 = 0
FROM address a ORDER BY a.id LIMIT $2
"""


_RATE = "{ value low high enoughData }"

PAGE = f"""query ($id: ID!) {{ campaign(id: $id) {{ name type sentAt
  funnel {{ recipients delivered openers {{ human machine }} clickers {{ human machine }} repliers
    unsubscribers bounced {{ hard soft }} }}
  analysis {{ rates {{ delivery {_RATE} open {_RATE} click {_RATE} clickToOpen {_RATE}
      reply {_RATE} unsubscribe {_RATE} }}
    timeToOpen {{ median {{ seconds }} }} timeToClick {{ median {{ seconds }} }}
    links {{ url clickersHuman clickersMachine share {{ value }} }}
    segments {{ segment funnel {{ delivered openers {{ human }} clickers {{ human }} }}
      compared {{ click {{ adjusted low high standing }} }} }}
    average {{ open click reply }}
    byHour {{ hours {{ weekday hour openers clickers }} }} }} }} }}"""

BY_CSM = """query ($id: ID!) { campaign(id: $id) { analysis { csms { csm { name }
  funnel { delivered openers { human } clickers { human } }
  compared { click { adjusted low high standing } } } } } }"""


def main(recipients: int) -> None:
    """Fill, count, compare, measure."""
    with stage(("web",)) as found:
        asyncio.run(_on(found, recipients))


async def _on(found: Stage, recipients: int) -> None:
    database = Database(found.dsn)
    await database.connect()
    await _measure(database, recipients)
    csm_token = await make_key(found.dsn, role=Role.CSM, name="c", csm_email="1@us.example")
    for name, token in (("a manager", found.manager_token), ("a CSM", csm_token)):
        await _ask(found, token, name)
    for name, campaign_id in (("ten", 2), (f"{recipients:,}", 1)):
        await _change(database, name, campaign_id)
    await database.close()


async def _ask(found: Stage, token: str, name: str) -> None:
    """Whole requests, one after the other, on a connection that is kept."""
    node = node_id("Campaign", 1)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=found.url, headers=headers, timeout=60) as client:
        calls = {
            what: partial(
                _answered, client, "POST", "/graphql",
                json={"query": document, "variables": {"id": node}},
            )
            for what, document in (("the page", PAGE), ("CSMs side by side", BY_CSM))
        }  # fmt: skip
        calls["REST"] = partial(_answered, client, "GET", f"/api/campaigns/{node}/analysis")
        for what, call in calls.items():
            before = found.cpu()["web"]
            spent = await _timed(call)
            cpu = (found.cpu()["web"] - before) / ROUNDS * 1e3
            print(f"{what} for {name}, whole requests: {spent}; {cpu:.1f} ms of the web's CPU")


async def _answered(client: httpx.AsyncClient, method: str, path: str, **options: Any) -> None:
    answer = await client.request(method, path, **options)
    if answer.status_code != 200 or "errors" in answer.json():
        raise RuntimeError(answer.text[:500])


async def _measure(database: Database, recipients: int) -> None:
    async with database.connection() as connection:
        await connection.execute(_FILL)
        await connection.execute(_ADDRESSES, recipients, timeout=600)
        await connection.execute(_MATCHES, timeout=600)
        for campaign_id, n in ((1, recipients), (2, 10)):
            await connection.execute(_RECIPIENTS, campaign_id, n, timeout=600)
        await connection.execute("INSERT INTO counting_queue SELECT id FROM recipient", timeout=600)
        await connection.execute("VACUUM (ANALYZE)", timeout=600)
    await _count(database, recipients)
    await _compare(database)
    for name, viewer in (("a manager", Viewer(Role.MANAGER, "m")), ("a CSM", _csm())):
        await _read(database, name, viewer)


def _csm() -> Viewer:
    return Viewer(Role.CSM, "c", 1)


async def _count(database: Database, recipients: int) -> None:
    began = time.perf_counter()
    notes = 0
    while done := await count_some(database):
        notes += done
    spent = time.perf_counter() - began
    print(f"counted {notes:,} recipients in {spent:.1f} s: {spent / notes * 1e6:.0f} µs each")


async def _compare(database: Database) -> None:
    async with database.connection() as connection:
        wrong = await miscounted_campaigns(connection, [1, 2])
        ids = [row[0] for row in await connection.fetch("SELECT id FROM recipient LIMIT 20000")]
        wrong += await miscounted_recipients(connection, ids)
        exact = (await funnels(connection, Viewer(Role.MANAGER, "m"), [1]))[1]
        counted = (await totals(connection, Viewer(Role.MANAGER, "m"), [1]))[1]
    same = all(getattr(exact, n) == getattr(counted, n) for n in type(exact).__slots__)
    print(f"differences from a recount: {len(wrong)}; equal to the scanned funnel: {same}")
    print(f"  {exact}")


async def _read(database: Database, name: str, viewer: Viewer) -> None:
    async def read(connection: Connection) -> None:
        for question in (
            totals, segments_of_campaigns, csms_of_campaigns, everybodys, bins_of_campaigns,
        ):  # fmt: skip
            await question(connection, viewer, [1])
        await links_of_campaigns(connection, viewer, [1], first=20)

    async with database.connection() as connection:
        spent = await _timed(partial(read, connection))
    print(f"the statements of the whole analysis for {name}: {spent}")


async def _change(database: Database, name: str, campaign_id: int) -> None:
    """One recipient of the campaign opens once more, and is counted."""

    async def act(connection: Connection) -> None:
        await connection.execute(
            "UPDATE recipient SET opens_human = opens_human + 1 WHERE id = $1", ids[0]
        )
        await note_recipients(connection, [ids[0]])
        while await count_some(database):
            pass

    async with database.connection() as connection:
        ids = await connection.fetchrow(
            "SELECT max(id) FROM recipient WHERE campaign_id = $1", campaign_id
        )
        spent = await _timed(partial(act, connection))
    print(f"one event more, counted among {name}: {spent}")


async def _timed(act: Callable[[], Awaitable[None]]) -> str:
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await act()
        spent.append((time.perf_counter() - began) * 1e3)
    p95 = statistics.quantiles(spent, n=20)[-1]
    return f"p50 {statistics.median(spent):.1f} ms, p95 {p95:.1f} ms"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
