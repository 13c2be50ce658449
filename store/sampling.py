"""Some of everybody, to learn from."""

from dataclasses import dataclass

from store.database import Connection


@dataclass(frozen=True, slots=True)
class Sampled:
    """A stakeholder that was mailed: segment and time zone as insights take them."""

    stakeholder_id: int
    segment: str | None
    timezone: str
    address_ids: list[int]


async def count_mailed(connection: Connection) -> int:
    """How many stakeholders were mailed."""
    return int(await connection.fetchval("SELECT count(*) FROM stakeholder_insight"))


async def sample(connection: Connection, step: int) -> list[Sampled]:
    """Every `step`-th stakeholder that was mailed, the same ones each time."""
    rows = await connection.fetch(
        "SELECT s.id, c.segment, coalesce(s.timezone, c.timezone, 'UTC'), "
        "ARRAY(SELECT m.address_id FROM match m WHERE m.stakeholder_id = s.id ORDER BY 1) "
        "FROM stakeholder_insight i JOIN stakeholder s ON s.id = i.stakeholder_id "
        "JOIN customer c ON c.id = s.customer_id WHERE s.id % $1 = 0 ORDER BY s.id",
        step,
    )
    return [Sampled(*row) for row in rows]
