"""A declared campaign takes in what was recognised by its id as a tag, before it was declared."""

from collections.abc import Collection, Sequence

from domain.campaigns import Detection, declared_evidence
from store.campaign_rows import Words, better_words
from store.database import Connection
from store.messages import Message, lock_moves, move_events, move_messages, prune
from store.recipient_rows import ensure_recipients
from store.recording import queue_announcement

ABSORBED = 500
"""Messages, or recipients without one, moved in one transaction, each with its events."""


async def absorb_tagged(connection: Connection, campaign_id: int) -> int:
    """Move some messages to a declared campaign from those of its provider that share its tag.

    Those are recognised by a tag that is the declared external id, a day each. Events that name no
    message follow at the end. Returns how many messages or recipients moved: call it until that is
    0. Raises Conflict.
    """
    await lock_moves(connection)
    provider, external_id, is_provisional = await connection.fetchrow(
        "SELECT provider, external_id, is_provisional FROM campaign WHERE id = $1", campaign_id
    )
    silent = frozenset({campaign_id}) if is_provisional else frozenset[int]()
    tagged = await _tagged(connection, campaign_id, provider, external_id)
    rows = await connection.fetch(
        "SELECT m.reference, m.address_id, m.recipient_id, m.evidence, m.subject FROM message m "
        "JOIN recipient r ON r.id = m.recipient_id WHERE r.campaign_id = ANY($1::bigint[]) "
        "AND m.provider = $2 ORDER BY m.recipient_id, m.reference LIMIT $3",
        tagged,
        provider,
        ABSORBED,
    )
    if not rows:
        return await _absorb_events(connection, campaign_id, tagged, silent)
    subjects = [row["subject"] for row in rows if row["subject"] is not None]
    if subjects:
        await better_words(connection, {campaign_id: Words(mail_subject=min(subjects))})
    recipients = await ensure_recipients(connection, _pairs(campaign_id, rows), silent)
    order = declared_evidence(external_id).order
    better = [
        (
            Message(provider, reference, address_id, recipients[campaign_id, address_id], order),
            old,
            known,
        )
        for reference, address_id, old, known, _ in rows
    ]
    await _end(connection, await move_messages(connection, better))
    return len(rows)


async def _tagged(
    connection: Connection, campaign_id: int, provider: str, external_id: str
) -> Sequence[int]:
    rows = await connection.fetch(
        "SELECT id FROM campaign WHERE id = $1 OR "
        "(provider = $2 AND tag = $3 AND detection = $4) ORDER BY id FOR NO KEY UPDATE",
        campaign_id,
        provider,
        external_id,
        Detection.TAG,
    )
    return [row[0] for row in rows if row[0] != campaign_id]


async def _absorb_events(
    connection: Connection, campaign_id: int, tagged: Sequence[int], silent: frozenset[int]
) -> int:
    """Move events that name no message; returns of how many recipients."""
    rows = await connection.fetch(
        "SELECT r.id, r.address_id, r.campaign_id FROM recipient r "
        "WHERE r.campaign_id = ANY($1::bigint[]) AND EXISTS (SELECT FROM event e "
        "WHERE e.recipient_id = r.id AND e.message_reference IS NULL "
        "AND (r.frozen_before IS NULL OR e.fact_on >= r.frozen_before)) ORDER BY r.id LIMIT $2",
        tagged,
        ABSORBED,
    )
    if rows:
        await _take_words(connection, campaign_id, {row["campaign_id"] for row in rows})
        recipients = await ensure_recipients(connection, _pairs(campaign_id, rows), silent)
        moves = [(None, row["id"], recipients[campaign_id, row["address_id"]]) for row in rows]
        await _end(connection, await move_events(connection, moves))
    return len(rows)


async def _take_words(connection: Connection, campaign_id: int, tagged: Collection[int]) -> None:
    """What such events say of their campaign is kept with it: it goes with them."""
    row = await connection.fetchrow(
        'SELECT min(reported_name COLLATE "C"), min(reported_subject COLLATE "C") FROM campaign '
        "WHERE id = ANY($1::bigint[])",
        list(tagged),
    )
    await better_words(connection, {campaign_id: Words(row[0], row[1])})


def _pairs(campaign_id: int, rows: Collection[Connection]) -> set[tuple[int, int]]:
    return {(campaign_id, row["address_id"]) for row in rows}


async def _end(connection: Connection, touched: set[int]) -> None:
    await prune(connection, touched)
    await queue_announcement(connection, touched)
