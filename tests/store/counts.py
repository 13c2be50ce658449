"""Counting in tests, and the counters as plain values."""

from typing import Any

from jobs.counting import count_some
from store.database import Database
from tests.jobs.mail import POLICY, rows


async def count(database: Database) -> None:
    """Count until nothing is noted."""
    while await count_some(database):
        pass


async def differences(database: Database) -> list[Any]:
    """What a recount finds wrong."""
    from store.rebuilding import rebuild

    return await rebuild(database, POLICY, is_check=True, report=lambda *_: None)


async def counters(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every counter by the names of what it counts, summed over slots; nothings left out."""
    named = (
        "SELECT k.external_id, {columns} FROM {table} n JOIN campaign k ON k.id = n.campaign_id "
        "GROUP BY {group} HAVING {some} ORDER BY {group}"
    )
    sums = (
        "sum(recipients), sum(unmatched), sum(delivered), sum(openers_human), "
        "sum(openers_machine), sum(clickers_human), sum(bounced_hard), sum(opens_human), "
        "sum(clicks_human)"
    )
    links = "sum(clickers_human), sum(clickers_machine), sum(clicks_human), sum(clicks_machine)"
    return {
        "parts": await rows(
            database,
            named.format(
                columns=f"part, {sums}",
                table="campaign_counter",
                group="1, 2",
                some="sum(recipients) <> 0",
            ),
        ),
        "bins": await rows(
            database,
            named.format(
                columns="part, kind, bin, sum(n.recipients)",
                table="campaign_bin_counter",
                group="1, 2, 3, 4",
                some="sum(n.recipients) <> 0",
            ),
        ),
        "links": await rows(
            database,
            named.format(
                columns=f"part, url, {links}",
                table="campaign_link_counter",
                group="1, 2, 3",
                some="sum(clickers_human + clickers_machine) <> 0",
            ),
        ),
    }
