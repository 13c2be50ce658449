"""Reading the facts about recipients, as they are folded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from domain.engagement import Fact
from store.database import Connection
from store.recording import Fresh


async def facts_of(
    connection: Connection, recipients: Iterable[int], fresh: Sequence[Fresh]
) -> dict[int, list[Fact]]:
    """All events of the recipients. The dates bound the partitions that are searched: those that
    projected events span, and the fresh ones; what others record meanwhile, they project."""
    ids = list(recipients)
    first, last = await connection.fetchrow(
        "SELECT min(first_fact_on), max(last_fact_on) FROM recipient WHERE id = ANY($1::bigint[])",
        ids,
    )
    days = [f.fact_on for f in fresh]
    rows = await connection.fetch(
        f"{_SELECT_FACTS} AND fact_on >= $2 AND fact_on <= $3",
        ids,
        min([*days, *([first] if first else [])], default=None),
        max([*days, *([last] if last else [])], default=None),
    )
    return _by_recipient(rows)


_SELECT_FACTS = (
    f"SELECT {', '.join(Fact._fields)} FROM event WHERE recipient_id = ANY($1::bigint[])"
)


async def all_facts(connection: Connection, ids: Sequence[int]) -> dict[int, list[Fact]]:
    """All events of the recipients, whatever their dates."""
    return _by_recipient(await connection.fetch(_SELECT_FACTS, ids))


def _by_recipient(rows: Iterable[Sequence[Any]]) -> dict[int, list[Fact]]:
    facts: dict[int, list[Fact]] = defaultdict(list)
    for row in rows:
        fact = Fact(*row)
        facts[fact.recipient_id].append(fact)
    return facts
