"""Importing side by side, in pieces and again: the directory is the same."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.directory import ImportedCustomer, read_customer
from store.database import Database
from store.importing import ImportResult, import_customers
from tests.conftest import EMPTY
from tests.store.directories import CREATED, NOW, REJECTED, UNCHANGED, directory, take


def portfolio(start: int, stop: int, step: int = 1) -> list[dict[str, Any]]:
    return [
        {
            "externalId": f"c{n}",
            "name": f"Customer {n}",
            "csm": {"email": f"csm{n % 3}@us.example", "name": f"CSM {n % 3}"},
            "domains": [f"c{n}.example"],
            "stakeholders": [
                {"externalId": f"p{m}", "name": f"P{m}", "addresses": [f"p{m}@c{n}.example"]}
                for m in range(3)
            ],
        }
        for n in range(start, stop, step)
    ]


async def test_two_imports_at_once_come_to_the_same_as_one_after_the_other(
    database: Database,
) -> None:
    first, second = portfolio(0, 300), portfolio(399, 99, -1)
    await take(database, *first)
    await take(database, *second)
    expected = await directory(database)
    async with database.connection() as connection:
        await connection.execute(EMPTY)
    both = await asyncio.gather(take(database, *first), take(database, *second))
    assert await directory(database) == expected
    created = sum(result.outcome is CREATED for results in both for result in results)
    assert (created, len(expected[0]), len(expected[2])) == (400, 400, 1_200)


addresses = st.sampled_from([f"{name}@{domain}" for name in "abc" for domain in ("x.io", "y.io")])
entries = st.fixed_dictionaries(
    {"addresses": st.lists(addresses, min_size=1, max_size=2)},
    optional={"externalId": st.sampled_from("pqr"), "name": st.sampled_from(["Kim", "Lee", ""])},
)
customers = st.fixed_dictionaries(
    {"externalId": st.sampled_from("CDE"), "name": st.sampled_from(["One", "Two"])},
    optional={
        "segment": st.sampled_from(["SMB", ""]),
        "csm": st.sampled_from([{"email": "m@us.example"}, {"email": ""}]),
        "domains": st.lists(st.sampled_from(["x.io", "y.io"]), max_size=2),
        "stakeholders": st.lists(entries, max_size=3),
    },
)


async def emptied(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(EMPTY)


def readable(raws: Sequence[dict[str, Any]]) -> list[ImportedCustomer]:
    found = [read_customer(raw, (str(number),)) for number, raw in enumerate(raws)]
    return [item for item in found if isinstance(item, ImportedCustomer)]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raws=st.lists(customers, max_size=6), cuts=st.sets(st.integers(0, 6)))
async def test_any_chunking_gives_the_same_directory_and_again_changes_nothing(
    database: Database, raws: list[dict[str, Any]], cuts: set[int]
) -> None:
    items = readable(raws)
    await emptied(database)
    whole = await import_customers(database, items, now=NOW)
    expected = await directory(database)
    await emptied(database)
    parts: list[ImportResult] = []
    edges = [0, *sorted(cut for cut in cuts if cut < len(items)), len(items)]
    for start, stop in pairwise(edges):
        parts += await import_customers(database, items[start:stop], now=NOW)
    assert await directory(database) == expected
    assert [r.outcome for r in parts] == [r.outcome for r in whole]
    last = {item.external_id: item for item in items}.values()
    if len(last) == len(items):
        again = await import_customers(database, items, now=NOW)
        assert {r.outcome for r in again} <= {UNCHANGED, REJECTED}
        assert await directory(database) == expected
