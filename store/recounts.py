"""Whether the counters are what a recount makes them."""

from collections.abc import Sequence
from typing import NamedTuple

from store.counters import COLUMNS, CONTRIBUTIONS, COUNTS, LINK_COUNTS, grouped
from store.counting import count_all, renew_counters
from store.database import Connection


class Miscount(NamedTuple):
    """What is counted wrongly: a recipient, or a campaign."""

    id: int
    what: str


async def miscounted_recipients(
    connection: Connection, recipient_ids: Sequence[int]
) -> list[Miscount]:
    """Recipients whose remembered contribution is not what they add now, unless that is noted."""
    rows = await connection.fetch(
        f"WITH fresh AS MATERIALIZED ({CONTRIBUTIONS} WHERE r.id = ANY($1::bigint[])), "
        f"old AS MATERIALIZED (SELECT {', '.join(COLUMNS)} FROM counted "
        "WHERE recipient_id = ANY($1::bigint[])) "
        "SELECT recipient_id FROM (TABLE fresh EXCEPT TABLE old) wrong WHERE NOT EXISTS "
        "(SELECT FROM counting_queue q WHERE q.recipient_id = wrong.recipient_id) AND NOT EXISTS "
        "(SELECT FROM counting_wide_queue w JOIN recipient r ON r.id = wrong.recipient_id "
        "WHERE (w.kind = 'ADDRESS' AND w.value = r.address_id) OR (w.kind <> 'ADDRESS' AND EXISTS "
        "(SELECT FROM match m WHERE m.address_id = r.address_id "
        "AND w.value IN (m.customer_id, m.stakeholder_id)))) ORDER BY 1",
        list(recipient_ids),
    )
    return [Miscount(row[0], "counted otherwise") for row in rows]


async def miscounted_campaigns(
    connection: Connection, campaign_ids: Sequence[int]
) -> list[Miscount]:
    """Campaigns whose counters are not the sums of what their recipients have added, or that still
    count recipients who are gone."""
    found = []
    for id_ in campaign_ids:
        wrong = await _wrong_tables(connection, id_)
        if await lost_recipients(connection, id_):
            wrong.append("recipients who are gone")
        if wrong:
            found.append(Miscount(id_, f"counters of {', '.join(wrong)}"))
    return found


async def mend_campaigns(connection: Connection, campaign_ids: Sequence[int]) -> None:
    """Count campaigns anew from what their recipients have added."""
    for id_ in campaign_ids:
        await count_all(connection, await lost_recipients(connection, id_))
        await renew_counters(connection, id_)


async def lost_recipients(connection: Connection, campaign_id: int) -> list[int]:
    """Recipients that a campaign counts though they are gone and nothing notes it."""
    rows = await connection.fetch(
        "SELECT c.recipient_id FROM counted c WHERE c.campaign_id = $1 "
        "AND NOT EXISTS (SELECT FROM recipient r WHERE r.id = c.recipient_id) AND NOT EXISTS "
        "(SELECT FROM counting_queue q WHERE q.recipient_id = c.recipient_id) ORDER BY 1",
        campaign_id,
    )
    return [row[0] for row in rows]


async def _wrong_tables(connection: Connection, campaign_id: int) -> list[str]:
    names = ("parts", "hours and delays", "links")
    return [
        name
        for name, sql in zip(names, _DIFFERENCES, strict=True)
        if await connection.fetchval(sql, campaign_id)
    ]


def _differences() -> list[str]:
    rows = "(SELECT 1 AS sign, c.* FROM counted c WHERE c.campaign_id = $1) signed"
    counts, bins, links = grouped(rows, "NULL")
    stored = (
        ("campaign_counter", "campaign_id, part, NULL", COUNTS),
        ("campaign_bin_counter", "campaign_id, part, kind, bin, NULL", ("recipients",)),
        (
            "campaign_link_counter",
            "campaign_id, part, url_hash, NULL",
            ("min(url)", *LINK_COUNTS),
        ),
    )
    found = []
    for recount, (table, key, columns) in zip((counts, bins, links), stored, strict=True):
        sums = ", ".join(c if "(" in c else f"sum({c})" for c in columns)
        last = f"sum({columns[0]})" if "(" not in columns[0] else "sum(clickers_human)"
        group = key.replace(", NULL", "")
        counters = (
            f"SELECT {key}, {sums} FROM {table} WHERE campaign_id = $1 GROUP BY {group} "
            f"HAVING {last} <> 0 OR {_any(columns)}"
        )
        found.append(
            f"SELECT EXISTS ((({recount}) EXCEPT ({counters})) "
            f"UNION ALL (({counters}) EXCEPT ({recount})))"
        )
    return found


def _any(columns: Sequence[str]) -> str:
    return " OR ".join(f"sum({c}) <> 0" for c in columns if "(" not in c)


_DIFFERENCES = _differences()
