"""A declared campaign takes in what was recognised by its id as a tag, before it was declared."""

from collections.abc import Sequence

from domain.campaigns import Detection, declared_evidence
from store.database import Connection
from store.messages import Message, lock_moves, move_messages, prune
from store.placing import ensure_recipients
from store.recording import queue_announcement

ABSORBED = 500
"""Messages moved in one transaction, each with its events."""


async def absorb_tagged(connection: Connection, campaign_id: int) -> int:
    """Move some messages to a declared campaign from those of its provider that share its tag.

    Those are recognised by a tag that is the declared external id, a day each. Returns how many
    messages moved: call it until that is 0. Events without a message reference stay. Raises
    Conflict.
    """
    await lock_moves(connection)
    provider, external_id = await connection.fetchrow(
        "SELECT provider, external_id FROM campaign WHERE id = $1", campaign_id
    )
    tagged = await _tagged(connection, campaign_id, provider, external_id)
    rows = await connection.fetch(
        "SELECT m.reference, m.address_id, m.recipient_id, m.evidence FROM message m "
        "JOIN recipient r ON r.id = m.recipient_id WHERE r.campaign_id = ANY($1::bigint[]) "
        "AND m.provider = $2 ORDER BY m.recipient_id, m.reference LIMIT $3",
        tagged,
        provider,
        ABSORBED,
    )
    if not rows:
        return 0
    pairs = {(campaign_id, row["address_id"]) for row in rows}
    recipients = await ensure_recipients(connection, pairs, frozenset())
    order = declared_evidence(external_id).order
    touched = await move_messages(
        connection,
        [
            (
                Message(
                    provider, reference, address_id, recipients[campaign_id, address_id], order
                ),
                old,
                known,
            )
            for reference, address_id, old, known in rows
        ],
    )
    await prune(connection, touched)
    await queue_announcement(connection, touched)
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
