"""Making digests: what happened for a CSM's customers, kept once a day, and its mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain.digests import LATE, MOST_LINES, MOST_RECOMMENDATIONS, Section
from store.database import Connection
from store.recommendations import MORNING


@dataclass(frozen=True, slots=True)
class CsmMorning:
    """A CSM and how their last digest was; `timezone` None: the operator's default."""

    csm_id: int
    timezone: str | None
    is_mailed: bool
    last_day: date | None
    last_until: datetime | None


async def mornings(connection: Connection) -> list[CsmMorning]:
    """Every CSM and their last digest."""
    rows = await connection.fetch(
        "SELECT n.id, n.timezone, n.is_digest_mailed, d.day, d.until FROM csm n LEFT JOIN LATERAL "
        "(SELECT day, until FROM digest WHERE csm_id = n.id ORDER BY day DESC LIMIT 1) d ON true "
        "ORDER BY n.id"
    )
    return [CsmMorning(*row) for row in rows]


# The events that came in for the customers as they are now, judged as they are now.
_HAPPENED = """
WITH told AS (
    SELECT DISTINCT f.customer_id, f.fact_on, f.key, f.recipient_id
    FROM customer c JOIN feed f ON f.customer_id = c.id
    WHERE c.csm_id = $1 AND f.created_at >= $2 AND f.created_at < $3 AND f.kind <> 'REMOVED'
), acts AS (
    SELECT t.customer_id, m.stakeholder_id,
        CASE WHEN m.stakeholder_id IS NULL THEN r.address_id END AS address_id,
        r.id AS recipient_id, e.kind, e.occurred_at
    FROM told t
    JOIN event e ON e.fact_on = t.fact_on AND e.key = t.key AND e.recipient_id = t.recipient_id
    JOIN recipient r ON r.id = e.recipient_id
    JOIN campaign k ON k.id = r.campaign_id AND NOT k.is_provisional
    JOIN match m ON m.address_id = r.address_id AND m.customer_id = t.customer_id
    WHERE e.occurred_at >= $4 AND (e.kind IN ('REPLIED','COMPLAINED')
        OR (e.kind IN ('OPENED','CLICKED','UNSUBSCRIBED') AND e.actor = 'HUMAN'))
), people AS (
    SELECT customer_id, stakeholder_id, address_id, min(occurred_at) AS first_at,
        max(occurred_at) AS at, count(*) AS n,
        (array_agg(recipient_id ORDER BY occurred_at DESC, recipient_id))[1] AS recipient_id
    FROM acts WHERE kind IN ('OPENED','CLICKED','REPLIED') GROUP BY 1, 2, 3
)
SELECT CASE kind WHEN 'REPLIED' THEN 'REPLIED' WHEN 'CLICKED' THEN 'CLICKED' ELSE 'RISK' END,
    customer_id, stakeholder_id, address_id,
    (array_agg(recipient_id ORDER BY occurred_at DESC, recipient_id))[1], count(*),
    max(occurred_at)
FROM acts WHERE kind <> 'OPENED' GROUP BY 1, 2, 3, 4
UNION ALL
SELECT 'NEWLY_ENGAGED', customer_id, stakeholder_id, address_id, recipient_id, n, at
FROM people p WHERE NOT EXISTS (
    SELECT FROM match m JOIN recipient r ON r.address_id = m.address_id AND r.engaged
    WHERE m.customer_id = p.customer_id
        AND (m.stakeholder_id = p.stakeholder_id OR m.address_id = p.address_id)
        AND least(r.first_open_at, r.first_click_at, r.replied_at, r.forwarded_at) < p.first_at)
UNION ALL
SELECT 'WENT_DARK', i.customer_id, i.stakeholder_id, NULL, NULL, 1, i.dark_at
FROM customer c JOIN stakeholder_insight i ON i.customer_id = c.id
WHERE c.csm_id = $1 AND i.dark_at >= $2 AND i.dark_at < $3
"""


async def happened(
    connection: Connection, csm_id: int, since: datetime, until: datetime
) -> list[list[Any]]:
    """What came in for a CSM's customers, as `DigestRow.sections`; the latest first."""
    rows = await connection.fetch(_HAPPENED, csm_id, since, until, since - LATE)
    found: dict[str, list[Sequence[Any]]] = {section: [] for section in Section}
    for section, *line in rows:
        found[section].append(line)
    sections: list[list[Any]] = []
    for section, lines in found.items():
        lines.sort(key=lambda line: (line[5], line[0], line[1] or 0, line[2] or 0), reverse=True)
        named = [[*line[:5], line[5].isoformat()] for line in lines[:MOST_LINES]]
        if lines:
            sections.append([section, len(lines), named])
    return sections


async def recommended(connection: Connection, csm_id: int) -> list[int]:
    """What a CSM should do first; never what is held out."""
    rows = await connection.fetch(
        "SELECT r.id FROM recommendation r JOIN customer c ON c.id = r.customer_id "
        "WHERE r.csm_id = $1 AND c.csm_id = $1 AND r.status IN ('OPEN','STARTED') "
        f"AND NOT r.is_held_out ORDER BY {MORNING.sql} LIMIT $2",
        csm_id,
        MOST_RECOMMENDATIONS,
    )
    return [row[0] for row in rows]


async def insert_digest(
    connection: Connection,
    csm_id: int,
    day: date,
    *,
    since: datetime,
    until: datetime,
    zone: str,
    sections: Sequence[Any],
    recommendation_ids: Sequence[int],
    now: datetime,
    is_mailed: bool,
) -> bool:
    """Keep a digest, unless there is one of that day; whether there was none."""
    return (
        await connection.fetchval(
            "INSERT INTO digest (csm_id, day, since, until, zone, sections, recommendation_ids, "
            "created_at, mail_due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
            "ON CONFLICT (csm_id, day) DO NOTHING RETURNING true",
            csm_id,
            day,
            since,
            until,
            zone,
            sections,
            recommendation_ids,
            now,
            now if is_mailed else None,
        )
        or False
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A digest to be mailed, lent for a time."""

    digest_id: int
    csm_id: int
    name: str
    email: str
    tries: int


async def claim_mail(connection: Connection, now: datetime, lease: timedelta) -> Claimed | None:
    """The mail that has waited longest; nobody else gets it before the lease is over. Mail that its
    CSM has turned off meanwhile is dropped."""
    await connection.execute(
        "UPDATE digest d SET mail_due_at = NULL FROM csm n WHERE n.id = d.csm_id "
        "AND NOT n.is_digest_mailed AND d.mail_due_at <= $1",
        now,
    )
    row = await connection.fetchrow(
        "UPDATE digest d SET mail_due_at = $2, mail_tries = mail_tries + 1 FROM csm n "
        "WHERE n.id = d.csm_id AND d.id = (SELECT id FROM digest WHERE mail_due_at <= $1 "
        "ORDER BY mail_due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) "
        "RETURNING d.id, d.csm_id, n.name, n.email, d.mail_tries",
        now,
        now + lease,
    )
    return None if row is None else Claimed(*row)


async def note_sent(connection: Connection, digest_id: int, now: datetime) -> None:
    """The mail server has taken it."""
    await connection.execute(
        "UPDATE digest SET sent_at = $2, mail_due_at = NULL, mail_error = NULL WHERE id = $1",
        digest_id,
        now,
    )


async def note_failed(
    connection: Connection, digest_id: int, error: str, again_at: datetime | None
) -> None:
    """It could not be sent; None: it is given up."""
    await connection.execute(
        "UPDATE digest SET mail_error = $2, mail_due_at = $3 WHERE id = $1 AND sent_at IS NULL",
        digest_id,
        error,
        again_at,
    )
