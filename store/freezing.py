"""Freezing: what facts amount to is kept as a balance, so that the facts themselves can go."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import orjson

from domain.balance import Balance
from domain.events import Actor
from domain.facts import Fact
from domain.policy import Policy
from store.database import Connection
from store.facts import all_facts, openings
from store.projecting import project


def as_it_is(_: Balance) -> None:
    """Leave a balance as the facts make it."""


async def freeze(
    connection: Connection,
    recipient_ids: Sequence[int],
    before: date,
    policy: Policy,
    *,
    change: Callable[[Balance], None] = as_it_is,
) -> None:
    """Add the facts of days before `before` to the recipients' balances; `change` may alter these.

    From then on those facts do not count by themselves, and may be deleted. Verdicts on them are
    final: facts that remain are judged without them.
    """
    await project(connection, [], recipient_ids, policy=policy, whole=True)
    rows = await connection.fetch(
        "SELECT id, frozen_before FROM recipient WHERE id = ANY($1::bigint[])", recipient_ids
    )
    facts = await all_facts(connection, recipient_ids)
    frozen = {row[0]: row[1] for row in rows if row[1] is not None}
    balances = await openings(connection, facts, frozen)
    for id_, _ in rows:
        balance = balances.setdefault(id_, Balance())
        old = [fact for fact in facts.get(id_, ()) if fact.fact_on < before]
        balance.add(old, [fact.actor for fact in old])
        change(balance)
    await _put(connection, "opening", "recipient_id", balances)
    await connection.execute(
        "UPDATE recipient SET frozen_before = greatest(frozen_before, $2) "
        "WHERE id = ANY($1::bigint[])",
        recipient_ids,
        before,
    )
    await project(connection, [], recipient_ids, policy=policy, whole=True)


async def freeze_addresses(
    connection: Connection, told: Mapping[int, Sequence[tuple[Fact, Actor | None]]]
) -> None:
    """Add what was told of addresses alone, without a recipient, to their balances."""
    ids = sorted(told)
    await connection.execute(
        "SELECT FROM address WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE", ids
    )
    rows = await connection.fetch(
        "SELECT address_id, balance FROM address_opening WHERE address_id = ANY($1::bigint[])", ids
    )
    balances = {row[0]: Balance.load(row[1]) for row in rows}
    for id_ in ids:
        facts = [fact for fact, _ in told[id_]]
        balances.setdefault(id_, Balance()).add(facts, [actor for _, actor in told[id_]])
    await _put(connection, "address_opening", "address_id", balances)


async def _put(
    connection: Connection, table: str, column: str, balances: Mapping[int, Balance]
) -> None:
    ids = sorted(balances)
    await connection.execute(
        f"INSERT INTO {table} ({column}, balance) SELECT id, balance::jsonb "
        "FROM unnest($1::bigint[], $2::text[]) n(id, balance) "
        f"ON CONFLICT ({column}) DO UPDATE SET balance = excluded.balance",
        ids,
        [orjson.dumps(balances[id_].dump()).decode() for id_ in ids],
    )
