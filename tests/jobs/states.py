"""The whole derived state as plain values without ids, to compare two runs."""

from typing import Any

from store.database import Database
from store.projecting import ENGAGEMENT_COLUMNS

CAMPAIGNS = """
SELECT c.provider, c.external_id, c.name, c.subject, c.sender, c.tag, c.detection, c.signs, c.type,
    c.type_confidence, c.is_declared, c.is_provisional, c.sent_at,
    ARRAY(SELECT l.url FROM campaign_link l WHERE l.campaign_id = c.id ORDER BY 1)
FROM campaign c WHERE EXISTS (SELECT FROM recipient r WHERE r.campaign_id = c.id)
ORDER BY 1, 2
"""

RECIPIENTS = f"""
SELECT c.provider, c.external_id, a.address, r.is_registered, r.is_announced,
    {", ".join(f"r.{c}" for c in ENGAGEMENT_COLUMNS)}
FROM recipient r JOIN campaign c ON c.id = r.campaign_id JOIN address a ON a.id = r.address_id
ORDER BY 1, 2, 3
"""

EVENTS = """
SELECT e.fact_on, e.key, e.kind, e.occurred_at, e.actor, e.reasons, c.external_id, a.address
FROM event e LEFT JOIN recipient r ON r.id = e.recipient_id
LEFT JOIN campaign c ON c.id = r.campaign_id LEFT JOIN address a ON a.id = e.address_id
ORDER BY 1, 2
"""

MATCHES = """
SELECT a.address, k.external_id, s.external_id, m.method, m.confidence
FROM match m JOIN address a ON a.id = m.address_id JOIN customer k ON k.id = m.customer_id
LEFT JOIN stakeholder s ON s.id = m.stakeholder_id ORDER BY 1, 2
"""

SUPPRESSIONS = """
SELECT a.address, s.reason, s.since FROM suppression s JOIN address a ON a.id = s.address_id
ORDER BY 1, 2
"""

ANNOUNCED = """
SELECT k.external_id, f.fact_on, f.key,
    sum(CASE f.kind WHEN 'RECORDED' THEN 1 WHEN 'REMOVED' THEN -1 ELSE 0 END) AS times
FROM feed f JOIN customer k ON k.id = f.customer_id GROUP BY 1, 2, 3
HAVING sum(CASE f.kind WHEN 'RECORDED' THEN 1 WHEN 'REMOVED' THEN -1 ELSE 0 END) <> 0
ORDER BY 1, 2, 3
"""


async def derived_state(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything derived, by what it is about; `announced` is what followers hold at the end."""
    async with database.connection() as connection:
        return {
            name: [_plain(row) for row in await connection.fetch(sql)]
            for name, sql in (
                ("campaigns", CAMPAIGNS),
                ("recipients", RECIPIENTS),
                ("events", EVENTS),
                ("matches", MATCHES),
                ("suppressions", SUPPRESSIONS),
                ("announced", ANNOUNCED),
            )
        }


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(
        tuple(v) if isinstance(v, list) and v and isinstance(v[0], str) else v for v in row
    )
