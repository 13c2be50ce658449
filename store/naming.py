"""Taking a person's name out of what their mails made campaigns be called."""

from collections.abc import Sequence
from typing import Any

from domain.addresses import alias_key
from domain.salutations import without_person
from store.database import Connection
from store.recounting import queue_recount

_WORDS = ("reported_name", "reported_subject", "mail_subject")
"""What campaigns are called by what was reported of them; what a person declared stays."""

Rewording = tuple[str, str]
"""What was said, and what is said instead."""


async def unname_campaigns(
    connection: Connection, names: Sequence[str], addresses: Sequence[str]
) -> list[Rewording]:
    """Take a person out of the subjects and names of campaigns that were sent to any of their
    addresses; how these campaigns were shown, and are now. Locks the campaigns: call it first."""
    rows = await connection.fetch(
        f"SELECT c.id, c.name, c.subject, {', '.join('c.' + word for word in _WORDS)} "
        "FROM campaign c WHERE c.id IN (SELECT r.campaign_id FROM address a "
        "JOIN recipient r ON r.address_id = a.id WHERE a.alias_key = ANY($1::text[])) "
        "AND coalesce(c.reported_name, c.reported_subject, c.mail_subject) IS NOT NULL "
        "ORDER BY c.id FOR NO KEY UPDATE",
        sorted({alias_key(address) for address in addresses}),
    )
    before = {row["id"]: row for row in rows}
    changed = [
        (id_, *words)
        for id_, row in before.items()
        if (words := [_without(row[word], names, addresses) for word in _WORDS])
        != [row[word] for word in _WORDS]
    ]
    if not changed:
        return []
    after = await connection.fetch(
        "UPDATE campaign c SET reported_name = n.name, reported_subject = n.subject, "
        "mail_subject = n.mail_subject FROM unnest($1::bigint[], $2::text[], $3::text[], "
        "$4::text[]) n(id, name, subject, mail_subject) WHERE c.id = n.id "
        "RETURNING c.id, c.name, c.subject",
        *zip(*changed, strict=True),
    )
    # Which subject is the least may have changed with it.
    await queue_recount(connection, [row["id"] for row in after])
    return sorted(
        {
            (before[row["id"]][shown], row[shown])
            for row in after
            for shown in ("name", "subject")
            if before[row["id"]][shown] not in (None, row[shown])
        }
    )


def _without(text: Any, names: Sequence[str], addresses: Sequence[str]) -> str | None:
    return None if text is None else without_person(text, names, addresses)


async def reword(connection: Connection, reworded: Sequence[Rewording]) -> None:
    """Say in recommendations what campaigns are called now: a statement each, and seldom any."""
    for old, new in reworded:
        # Talking points are kept as JSON: a quotation mark is written differently in it.
        await connection.execute(
            "UPDATE recommendation SET reason = replace(reason, $1, $2), talking_points = "
            "replace(talking_points::text, q.old, q.new)::jsonb FROM (SELECT "
            "substr(o::text, 2, length(o::text) - 2) AS old, "
            "substr(n::text, 2, length(n::text) - 2) AS new "
            "FROM to_json($1::text) o, to_json($2::text) n) q "
            "WHERE position($1 IN reason) > 0 OR position(q.old IN talking_points::text) > 0",
            old,
            new,
        )
