"""Counting: what changed about recipients is taken over into the counters, exactly once.

`counted` remembers what each recipient has added. A change takes that away and adds what is so now,
in one transaction; so neither the order of changes matters nor how often one is told. A slot's
recipients, notes and counters belong to whoever holds its advisory lock: nobody waits for a
counter, and several workers count side by side.
"""

from collections.abc import Iterable, Sequence

from store.counters import BINS, COLUMNS, CONTRIBUTIONS, COUNTS, LINK_COUNTS, grouped
from store.database import Connection

SLOTS = 4
"""Parts of the recipients that are counted independently of each other, by id."""

LOCK = 0x636F
"""The first key of the advisory locks; the second is the slot."""

TAKEN = 2_000
"""Notes taken in one transaction."""

WIDE = 50
"""Addresses or owners whose recipients are looked up in one transaction."""

_CONTRIBUTED = f"SELECT {', '.join(COLUMNS)} FROM counted WHERE recipient_id = ANY($1::bigint[])"


async def note_recipients(connection: Connection, recipient_ids: Iterable[int]) -> None:
    """Have recipients counted anew that were made, changed or removed in this transaction."""
    ids = list(recipient_ids)
    if ids:
        await connection.execute(
            "INSERT INTO counting_queue (recipient_id) SELECT * FROM unnest($1::bigint[])", ids
        )


async def note_addresses(connection: Connection, address_ids: Iterable[int]) -> None:
    """Have all recipients of addresses counted anew: whose they are has changed."""
    ids = sorted(set(address_ids))
    if ids:
        await connection.execute(
            "INSERT INTO counting_wide_queue (kind, value) "
            "SELECT 'ADDRESS', id FROM unnest($1::bigint[]) n(id)",
            ids,
        )


async def widen(connection: Connection) -> int:
    """Note the recipients of some addresses, and the addresses of some owners; how many of both.

    Only in a transaction after the one that made the note: what was made meanwhile is seen by now,
    or notes itself when it commits.
    """
    rows = await connection.fetch(
        "DELETE FROM counting_wide_queue WHERE id IN (SELECT id FROM counting_wide_queue "
        "ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING kind, value",
        WIDE,
    )
    if rows:
        asked: dict[str, set[int]] = {"ADDRESS": set(), "CUSTOMER": set(), "STAKEHOLDER": set()}
        for kind, value in rows:
            asked[kind].add(value)
        await connection.execute(
            "INSERT INTO counting_queue (recipient_id) "
            "SELECT id FROM recipient WHERE address_id = ANY($1::bigint[])",
            sorted(asked["ADDRESS"]),
        )
        await connection.execute(
            "INSERT INTO counting_wide_queue (kind, value) SELECT 'ADDRESS', address_id FROM match "
            "WHERE customer_id = ANY($1::bigint[]) OR stakeholder_id = ANY($2::bigint[])",
            sorted(asked["CUSTOMER"]),
            sorted(asked["STAKEHOLDER"]),
        )
    return len(rows)


async def count_slot(connection: Connection, slot: int, limit: int = TAKEN) -> int:
    """Count what is noted of a slot's recipients; returns how many notes were taken.

    Nothing is done while another worker has the slot.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1, $2)", LOCK, slot):
        return 0
    rows = await connection.fetch(
        "DELETE FROM counting_queue WHERE ctid = ANY(ARRAY(SELECT ctid FROM counting_queue "
        f"WHERE recipient_id % {SLOTS} = $1 LIMIT $2)) RETURNING recipient_id",
        slot,
        limit,
    )
    if rows:
        await _take_over(connection, sorted({row[0] for row in rows}), slot)
    return len(rows)


async def _take_over(connection: Connection, recipient_ids: Sequence[int], slot: int) -> None:
    """Count recipients of a slot that is held; links that nobody follows any more are forgotten."""
    left = await connection.fetch(_COUNT, recipient_ids, slot)
    if left:
        await connection.execute(
            "DELETE FROM campaign_link_counter WHERE campaign_id = ANY($1::bigint[]) "
            "AND slot = $2 AND clickers_human = 0 AND clickers_machine = 0",
            [row[0] for row in left],
            slot,
        )


async def is_idle(connection: Connection) -> bool:
    """Whether nothing waits to be counted."""
    return not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM counting_queue) OR EXISTS (SELECT FROM counting_wide_queue)"
    )


def _upserts(rows: str, slot: str, *, binned: str = "", linked: str = "") -> list[str]:
    """How rows are added to the counters: to hours and delays only those `binned`, to links only
    those `linked`, if that is said."""
    counts, _, _ = grouped(rows, slot)
    _, bins, _ = grouped(binned or rows, slot)
    _, _, links = grouped(linked or rows, slot)
    return [
        f"INSERT INTO campaign_counter AS k (campaign_id, part, slot, {', '.join(COUNTS)}) "
        f"{counts} ON CONFLICT (campaign_id, part, slot) DO UPDATE SET {_added(COUNTS)}",
        "INSERT INTO campaign_bin_counter AS k (campaign_id, part, kind, bin, slot, recipients) "
        f"{bins} ON CONFLICT (campaign_id, part, kind, bin, slot) "
        f"DO UPDATE SET {_added(['recipients'])}",
        "INSERT INTO campaign_link_counter AS k (campaign_id, part, url_hash, slot, url, "
        f"{', '.join(LINK_COUNTS)}) {links} ON CONFLICT (campaign_id, part, url_hash, slot) "
        f"DO UPDATE SET {_added(LINK_COUNTS)}",
    ]


def _added(columns: Iterable[str]) -> str:
    return ", ".join(f"{c} = k.{c} + excluded.{c}" for c in columns)


_KEPT = ", ".join(f"{c} = excluded.{c}" for c in COLUMNS[1:])
_COUNTERS, _BINS, _LINKS = _upserts(
    "signed",
    "$2::smallint",
    binned="(SELECT * FROM signed WHERE is_binned) moved",
    linked="(SELECT * FROM signed WHERE is_linked) moved",
)
_BINNED = f"({{0}}.campaign_id, {{0}}.parts, {', '.join(f'{{0}}.{c}' for c in BINS.values())})"
_LINKED = "({0}.campaign_id, {0}.parts, {0}.links)"
"""What hours and delays, and what links are counted from: most of what follows a first act changes
neither, and to take away and add the same is most of the work."""

_COUNT = f"""
WITH fresh AS MATERIALIZED ({CONTRIBUTIONS} WHERE r.id = ANY($1::bigint[])),
old AS MATERIALIZED ({_CONTRIBUTED}),
signed AS MATERIALIZED (
    SELECT n.*, {_BINNED.format("f")} IS DISTINCT FROM {_BINNED.format("o")} AS is_binned,
        {_LINKED.format("f")} IS DISTINCT FROM {_LINKED.format("o")} AS is_linked
    FROM fresh f FULL JOIN old o ON f.recipient_id = o.recipient_id
    CROSS JOIN LATERAL (SELECT 1 AS sign, f.* UNION ALL SELECT -1, o.*) n
    WHERE f IS DISTINCT FROM o AND n.recipient_id IS NOT NULL),
counters AS ({_COUNTERS}),
bins AS ({_BINS}),
links AS ({_LINKS}),
kept AS (INSERT INTO counted ({", ".join(COLUMNS)})
    SELECT {", ".join(COLUMNS)} FROM signed WHERE sign = 1 ORDER BY recipient_id
    ON CONFLICT (recipient_id) DO UPDATE SET {_KEPT}),
gone AS (DELETE FROM counted c USING old o WHERE c.recipient_id = o.recipient_id
    AND NOT EXISTS (SELECT FROM fresh f WHERE f.recipient_id = o.recipient_id))
SELECT DISTINCT was.campaign_id FROM signed was CROSS JOIN LATERAL
    jsonb_to_recordset(was.links) l(url text)
WHERE was.sign = -1 AND was.is_linked AND was.links IS NOT NULL
    AND NOT EXISTS (SELECT FROM signed now
        WHERE now.sign = 1 AND now.recipient_id = was.recipient_id
        AND now.links @> jsonb_build_array(jsonb_build_object('url', l.url)))
"""


async def count_all(connection: Connection, recipient_ids: Sequence[int]) -> None:
    """Count these recipients now, whatever is noted; waits for whoever counts in their slots."""
    for slot in range(SLOTS):
        ids = sorted(id_ for id_ in recipient_ids if id_ % SLOTS == slot)
        if ids:
            await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", LOCK, slot)
            await _take_over(connection, ids, slot)


async def renew_counters(connection: Connection, campaign_id: int) -> None:
    """Make a campaign's counters anew from what its recipients are known to have added."""
    for slot in range(SLOTS):
        await connection.execute("SELECT pg_advisory_xact_lock($1, $2)", LOCK, slot)
    for table in ("campaign_counter", "campaign_bin_counter", "campaign_link_counter"):
        await connection.execute(f"DELETE FROM {table} WHERE campaign_id = $1", campaign_id)
    rows = "(SELECT 1 AS sign, c.* FROM counted c WHERE c.campaign_id = $1) signed"
    for upsert in _upserts(rows, f"(recipient_id % {SLOTS})::smallint"):
        await connection.execute(upsert, campaign_id)
