"""Which sends are bulk: decided when recipients come, and anew when anything else has changed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from domain.bulk import Decision, Send, decide
from domain.campaigns import Detection, neighbours
from domain.events import BulkSign
from domain.policy import Policy
from domain.threads import MAIL
from store.database import Connection
from store.recounting import date_campaigns, queue_retelling
from store.statements import restate

RECOUNTS = 50
"""Campaigns counted anew in one transaction."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A campaign, how it stands, and how it should."""

    id: int
    is_provisional: bool
    decision: Decision

    @property
    def is_wrong(self) -> bool:
        """Whether it stands otherwise than was decided."""
        return self.is_provisional is self.decision.is_bulk


async def decisions(
    connection: Connection, campaign_ids: Collection[int], policy: Policy
) -> list[Decided]:
    """What the rules say of campaigns, in order of their ids."""
    return [
        Decided(id_, is_provisional, decide(send, policy.bulk_recipients))
        for id_, is_provisional, send in await sends(connection, campaign_ids, policy)
    ]


async def sends(
    connection: Connection, campaign_ids: Collection[int], policy: Policy
) -> list[tuple[int, bool, Send]]:
    """Campaigns by their ids, whether they are provisional, and what is known of each.

    Somebody who answered what was passed on to them is a recipient too, but nobody sent it to them:
    of raw mail only the recipients of a message count. A mail merge that went on past the quiet
    hour is two campaigns, each too small perhaps: there the 24 hours around that hour count.
    """
    rows = await connection.fetch(
        """
        SELECT c.id, c.is_provisional, c.provider, c.detection, c.external_id, c.tag, c.subject,
            c.is_declared, c.said_bulk, c.signs, (SELECT count(*) FROM (
                SELECT FROM recipient r JOIN address a ON a.id = r.address_id
                WHERE r.campaign_id = c.id AND a.unmatched_reason IS DISTINCT FROM 'INTERNAL'
                AND (c.provider <> 'mail' OR EXISTS (
                    SELECT FROM message m WHERE m.recipient_id = r.id))
                LIMIT $2) few)
        FROM campaign c WHERE c.id = ANY($1::bigint[]) ORDER BY c.id
        """,
        sorted(campaign_ids),
        policy.bulk_recipients,
    )
    found = [(row[0], row[1], send_of(*row[3:])) for row in rows]
    small = {
        row[0]: row["external_id"]
        for row, (_, _, send) in zip(rows, found, strict=True)
        if row["provider"] == MAIL and send.externals < policy.bulk_recipients
    }
    near = await _around_the_quiet_hour(connection, small) if small else {}
    return [
        (id_, is_provisional, replace(send, externals=max(send.externals, near.get(id_, 0))))
        for id_, is_provisional, send in found
    ]


async def _around_the_quiet_hour(
    connection: Connection, campaigns: Mapping[int, str]
) -> dict[int, int]:
    """How many external recipients campaigns have, together with one that may be the same send, in
    the 24 hours around the hour that parts the two; `campaigns` maps id → external id."""
    pairs = [(id_, other) for id_, own in campaigns.items() for other in neighbours(own)]
    rows = await connection.fetch(
        """
        SELECT w.id, count(DISTINCT r.address_id)
        FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[])
            w(id, external_id, since, until)
        JOIN campaign o ON o.provider = $5 AND o.external_id = w.external_id
        JOIN recipient r ON r.campaign_id IN (w.id, o.id)
        JOIN address a ON a.id = r.address_id AND a.unmatched_reason IS DISTINCT FROM 'INTERNAL'
        WHERE EXISTS (SELECT FROM message m WHERE m.recipient_id = r.id
            AND m.sent_at >= w.since AND m.sent_at < w.until)
        GROUP BY w.id, w.external_id ORDER BY 2
        """,
        [id_ for id_, _ in pairs],
        [other.external_id for _, other in pairs],
        [other.since for _, other in pairs],
        [other.until for _, other in pairs],
        MAIL,
    )
    return {row[0]: row[1] for row in rows}  # the larger one comes last


async def _with_neighbours(connection: Connection, campaign_ids: Collection[int]) -> list[int]:
    """The campaigns and those whose decision depends on theirs."""
    rows = await connection.fetch(
        "SELECT external_id FROM campaign WHERE id = ANY($1::bigint[]) AND provider = $2 "
        "AND detection = $3",
        sorted(campaign_ids),
        MAIL,
        Detection.SUBJECT,
    )
    others = [other.external_id for row in rows for other in neighbours(row[0])]
    found = await connection.fetch(
        "SELECT id FROM campaign WHERE provider = $1 AND external_id = ANY($2::text[])",
        MAIL,
        others,
    )
    return sorted({*campaign_ids, *(row[0] for row in found)})


def send_of(
    detection: str,
    external_id: str,
    tag: str | None,
    subject: str | None,
    is_declared: bool,
    said: bool | None,
    signs: Iterable[str],
    externals: int = 0,
) -> Send:
    """What is known of a send, from the columns of its campaign."""
    return Send(
        detection=Detection(detection),
        external_id=external_id,
        tag=tag,
        subject=subject,
        is_declared=is_declared,
        said=said,
        signs=frozenset(map(BulkSign, signs)),
        externals=externals,
    )


async def promote(connection: Connection, provisional: frozenset[int], policy: Policy) -> None:
    """Turn locked provisional campaigns that have become bulk into campaigns; their history is
    announced by whoever drains `announce_queue`."""
    if not provisional:
        return
    bulk = [d.id for d in await decisions(connection, provisional, policy) if d.decision.is_bulk]
    if bulk:
        await connection.execute(
            "UPDATE campaign SET is_provisional = false WHERE id = ANY($1::bigint[])", bulk
        )
        await connection.execute(
            "INSERT INTO announce_queue (recipient_id) "
            "SELECT id FROM recipient WHERE campaign_id = ANY($1::bigint[]) AND NOT is_announced "
            "ORDER BY id",
            bulk,
        )


async def recount_some(connection: Connection, policy: Policy, limit: int = RECOUNTS) -> int:
    """Take campaigns of which something has changed and derive anew what follows from it: their
    time, what raw mail says of them, and whether they are bulk. Returns how many were taken."""
    taken = await connection.fetch(
        "DELETE FROM recount_queue WHERE id IN (SELECT id FROM recount_queue "
        "ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1) RETURNING campaign_id",
        limit,
    )
    if taken:
        ids = await _with_neighbours(connection, {row[0] for row in taken})
        await recount(connection, ids, policy)
    return len(taken)


async def recount(
    connection: Connection, campaign_ids: list[int], policy: Policy, *, whole: bool = False
) -> None:
    """Derive campaigns anew from their recipients, messages and raw mail; what was told of those
    that are no longer bulk is taken back, those that have become bulk are announced.

    With `whole` nothing that was derived is trusted.
    """
    # The strongest lock: recipients that are being added are committed and counted.
    await connection.execute(
        "SELECT FROM campaign WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE", campaign_ids
    )
    await date_campaigns(connection, campaign_ids)
    await restate(connection, campaign_ids, whole=whole)
    wrong = [d.id for d in await decisions(connection, campaign_ids, policy) if d.is_wrong]
    await connection.execute(
        "UPDATE campaign SET is_provisional = NOT is_provisional WHERE id = ANY($1::bigint[])",
        wrong,
    )
    await queue_retelling(connection, wrong)
