"""Reading the facts about recipients, as they are folded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from domain.balance import Balance
from domain.facts import Fact
from store.database import Connection
from store.recording import Fresh


async def facts_of(
    connection: Connection,
    recipients: Iterable[int],
    spans: Iterable[tuple[date | None, date | None]],
    fresh: Sequence[Fresh],
) -> dict[int, list[Fact]]:
    """All events of the recipients. The dates bound the partitions that are searched: those that
    projected events span (`spans`: first and last of each recipient), and the fresh ones; what
    others record meanwhile, they project."""
    days = {f.fact_on for f in fresh}.union(day for span in spans for day in span if day)
    rows = await connection.fetch(
        f"{_SELECT_FACTS} AND fact_on >= $2 AND fact_on <= $3",
        list(recipients),
        min(days, default=None),
        max(days, default=None),
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


async def openings(
    connection: Connection, facts: dict[int, list[Fact]], frozen: Mapping[int, date]
) -> dict[int, Balance]:
    """The balances that recipients begin with; the facts that these stand for are taken out.

    `frozen` has, of recipients with a balance, the day before which all facts are in it; they may
    still be there, until their partition is dropped.
    """
    if not frozen:
        return {}
    for id_, before in frozen.items():
        if id_ in facts:
            facts[id_] = [fact for fact in facts[id_] if fact.fact_on >= before]
    rows = await connection.fetch(
        "SELECT recipient_id, balance FROM opening WHERE recipient_id = ANY($1::bigint[])",
        list(frozen),
    )
    return {id_: Balance.load(balance) for id_, balance in rows}
