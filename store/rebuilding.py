"""Deriving everything again from events and people's decisions, and saying where it differed.

Works in chunks of some hundred rows, each its own short transaction, so that it can run beside the
service. What waits in a queue is left to the workers and does not count as a difference.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from domain.engagement import fold
from domain.judging import JUDGE_VERSION, judge
from domain.matching import match_address
from domain.policy import Policy
from store.circumstances import circumstances_of
from store.counting import count_all
from store.database import Connection, Database, retried
from store.deciding import decisions, recount
from store.facts import all_facts, openings
from store.matching import load_directory, rematch_addresses, stored_matches
from store.projecting import (
    ENGAGEMENT_COLUMNS,
    engagement_row,
    project,
    whose_verdict_differs,
)
from store.recounts import mend_campaigns, miscounted_campaigns, miscounted_recipients
from store.rederiving import derive_again, misderived
from store.statements import told_of
from store.suppressing import derive_suppressions, suppressions_of

CHUNK = 500
"""Rows looked at in one transaction."""

EXAMPLES = 20
"""Differences that are described; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A derived row that was not what events and decisions make it."""

    table: str
    id: int
    what: str


Mend = Callable[[Connection, Sequence[int], Policy], Awaitable[None]]

Report = Callable[[str, int, int], None]
"""Told as work goes on: the table, rows done, rows in all."""


async def rebuild(
    database: Database, policy: Policy, *, is_check: bool, report: Report
) -> list[Difference]:
    """Derive matches, engagement, suppressions, campaigns, counters and insights anew; what
    differed. Insights are left to the workers, who derive them within seconds.

    With `is_check` nothing is written.
    """
    found: list[Difference] = []
    for table, check, mend in (
        ("address", _check_matches, _mend_matches),
        ("recipient", _check_engagement, _mend_engagement),
        ("address", _check_suppressions, _mend_suppressions),
        ("campaign", _check_campaigns, _mend_campaigns),
        ("recipient", _check_counted, _mend_counted),
        ("campaign", _check_counters, _mend_counters),
        ("stakeholder", _check_insights, _mend_insights),
    ):
        done = 0
        async for ids, total in _chunks(database, table):
            async with database.snapshot() as connection:
                differences = await check(connection, ids, policy)
            if differences and not is_check:
                wrong = sorted({d.id for d in differences})

                async def work(wrong: list[int] = wrong, mend: Mend = mend) -> None:
                    async with database.transaction() as connection:
                        await mend(connection, wrong, policy)

                await retried(work)
            found += differences
            done += len(ids)
            report(check.__name__.removeprefix("_check_"), done, total)
    return found


async def _chunks(database: Database, table: str) -> AsyncIterator[tuple[list[int], int]]:
    async with database.connection() as connection:
        total = await connection.fetchval(f"SELECT count(*) FROM {table}")
    last = 0
    while True:
        async with database.connection() as connection:
            rows = await connection.fetch(
                f"SELECT id FROM {table} WHERE id > $1 ORDER BY id LIMIT $2", last, CHUNK
            )
        if not rows:
            return
        ids = [row[0] for row in rows]
        last = ids[-1]
        yield ids, total


async def _check_matches(
    connection: Connection, ids: Sequence[int], policy: Policy
) -> list[Difference]:
    rows = await connection.fetch(
        "SELECT id, address, alias_key, domain, unmatched_reason FROM address a "
        "WHERE id = ANY($1::bigint[]) AND NOT EXISTS (SELECT FROM rematch_queue q "
        "WHERE q.value IN (a.address, a.alias_key, a.domain))",
        ids,
    )
    directory = await load_directory(connection, [row[1:4] for row in rows], policy)
    stored = await stored_matches(connection, ids)
    found = []
    for id_, address, alias, domain, reason in rows:
        matches, now = match_address(address, alias, domain, directory)
        if matches != stored.get(id_, []) or now != reason:
            found.append(Difference("match", id_, f"customers {[m.customer_id for m in matches]}"))
    return found


async def _mend_matches(connection: Connection, ids: Sequence[int], policy: Policy) -> None:
    await rematch_addresses(connection, ids, policy)


async def _check_engagement(
    connection: Connection, ids: Sequence[int], policy: Policy
) -> list[Difference]:
    names = [c for c in ENGAGEMENT_COLUMNS if c != "links"]
    rows = await connection.fetch(
        f"SELECT id, frozen_before, judge_version, {', '.join(names)}, links FROM recipient r "
        "WHERE id = ANY($1::bigint[]) "
        "AND NOT EXISTS (SELECT FROM projection_queue q WHERE q.recipient_id = r.id) "
        "AND NOT EXISTS (SELECT FROM announce_queue q WHERE q.recipient_id = r.id) "
        "AND NOT EXISTS (SELECT FROM link_queue q WHERE q.campaign_id = r.campaign_id)",
        ids,
    )
    facts = await all_facts(connection, ids)
    frozen = {row[0]: row[1] for row in rows if row[1] is not None}
    opening = await openings(connection, facts, frozen)
    given = await circumstances_of(connection, facts, policy)
    found = []
    for id_, _, version, *values, links in rows:
        own = facts.get(id_, [])
        verdicts = judge(own, given[id_]) if own else []
        engagement = fold(own, [v.actor for v in verdicts], opening.get(id_))
        expected = dict(zip(ENGAGEMENT_COLUMNS, engagement_row(engagement), strict=True))
        stored = dict(zip(names, values, strict=True))
        wrong = [name for name in names if stored[name] != expected[name]]
        if _clicks(links) != [
            (link.url, link.human, link.machine) for link in engagement.links or ()
        ]:
            wrong.append("links")
        wrong += ["actor" for _ in whose_verdict_differs(own, verdicts)]
        if own and version != JUDGE_VERSION:
            wrong.append("judge_version")
        if wrong:
            found.append(Difference("recipient", id_, ", ".join(sorted(set(wrong)))))
    return found


def _clicks(links: object) -> list[tuple[object, object, object]]:
    if not isinstance(links, list):
        return []
    return [(link["url"], link["human"], link["machine"]) for link in links]


async def _mend_engagement(connection: Connection, ids: Sequence[int], policy: Policy) -> None:
    await project(connection, [], ids, policy=policy, whole=True)


async def _check_suppressions(
    connection: Connection, ids: Sequence[int], _: Policy
) -> list[Difference]:
    rows = await connection.fetch(
        "SELECT address_id, reason, since FROM suppression WHERE address_id = ANY($1::bigint[]) "
        "ORDER BY address_id, reason",
        ids,
    )
    waiting = await connection.fetch(
        "SELECT address_id FROM suppression_queue WHERE address_id = ANY($1::bigint[])", ids
    )
    settled = sorted(set(ids) - {row[0] for row in waiting})
    stored: dict[int, list[tuple[object, ...]]] = defaultdict(list)
    for address_id, *suppressed in rows:
        stored[address_id].append(tuple(suppressed))
    found = []
    for id_, standing in (await _suppressed(connection, settled)).items():
        if stored.get(id_, []) != standing:
            found.append(Difference("suppression", id_, f"{[reason for reason, _ in standing]}"))
    return found


async def _suppressed(
    connection: Connection, ids: Sequence[int]
) -> dict[int, list[tuple[object, ...]]]:
    found = await suppressions_of(connection, ids)
    return {id_: sorted((s.reason, s.since) for s in found.get(id_, ())) for id_ in ids}


async def _mend_suppressions(connection: Connection, ids: Sequence[int], _: Policy) -> None:
    await derive_suppressions(connection, ids)


async def _check_campaigns(
    connection: Connection, ids: Sequence[int], policy: Policy
) -> list[Difference]:
    rows = await connection.fetch(
        "SELECT c.*, (SELECT min(r.sent_at) FROM recipient r WHERE r.campaign_id = c.id) "
        "AS first_sent_at FROM campaign c WHERE c.id = ANY($1::bigint[]) AND NOT EXISTS "
        "(SELECT FROM recount_queue q WHERE q.campaign_id = c.id) ORDER BY c.id",
        ids,
    )
    settled = [row["id"] for row in rows]
    said = await told_of(connection, settled, settled)
    wrong = {d.id: d.is_wrong for d in await decisions(connection, settled, policy)}
    found = []
    for row in rows:
        expected = {
            "is_provisional": row["is_provisional"] is not wrong[row["id"]],
            "sent_at": row["sent_at"] if row["is_dated"] else row["first_sent_at"],
            **said[row["id"]].columns(),
        }
        differs = [name for name, value in expected.items() if row[name] != value]
        if differs:
            found.append(Difference("campaign", row["id"], ", ".join(differs)))
    return found


async def _mend_campaigns(connection: Connection, ids: Sequence[int], policy: Policy) -> None:
    await recount(connection, list(ids), policy, whole=True)


async def _check_insights(
    connection: Connection, ids: Sequence[int], _: Policy
) -> list[Difference]:
    found = await misderived(connection, ids)
    return [Difference("stakeholder_insight", id_, "score or silence") for id_ in found]


async def _mend_insights(connection: Connection, ids: Sequence[int], _: Policy) -> None:
    await derive_again(connection, ids)


async def _check_counted(connection: Connection, ids: Sequence[int], _: Policy) -> list[Difference]:
    wrong = await miscounted_recipients(connection, ids)
    return [Difference("counted", id_, what) for id_, what in wrong]


async def _mend_counted(connection: Connection, ids: Sequence[int], _: Policy) -> None:
    await count_all(connection, ids)


async def _check_counters(
    connection: Connection, ids: Sequence[int], _: Policy
) -> list[Difference]:
    wrong = await miscounted_campaigns(connection, ids)
    return [Difference("campaign_counter", id_, what) for id_, what in wrong]


async def _mend_counters(connection: Connection, ids: Sequence[int], _: Policy) -> None:
    await mend_campaigns(connection, ids)
