"""Campaigns as the hot path needs them: found or made from evidence, provisional until bulk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.campaigns import Detection, Evidence, is_transactional
from domain.events import ReportedEvent
from domain.policy import BULK_RECIPIENTS
from store.database import Connection

CampaignKey = tuple[str, str]
"""(provider, external id)."""


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as far as placing needs it."""

    id: int
    reported_name: str | None
    subject: str | None
    is_declared: bool


@dataclass(slots=True)
class Words:
    """What a batch of events says of a campaign; of several answers the least, so that the order
    in which events come does not matter."""

    evidence: Evidence
    reported_name: str | None = None
    subject: str | None = None
    sender: str | None = None

    @property
    def name(self) -> str:
        """How people will know it."""
        tag, external_id = self.evidence.tag, self.evidence.external_id
        return self.reported_name or self.subject or tag or external_id


Named = dict[CampaignKey, Words]


def note(named: Named, found: Evidence, event: ReportedEvent) -> None:
    """Add what an event says of its campaign."""
    key = (event.carried_by, found.external_id)
    words = named.get(key)
    if words is None:
        words = named[key] = Words(found)
    words.reported_name = _least(words.reported_name, event.campaign_name)
    words.subject = _least(words.subject, event.subject)
    words.sender = _least(words.sender, found.sender)


def _least(known: str | None, said: str | None) -> str | None:
    if not said or (known is not None and known <= said):
        return known
    return said


async def ensure_campaigns(
    connection: Connection, named: Named, needed: Iterable[CampaignKey]
) -> dict[CampaignKey, CampaignRow]:
    """The campaigns that events speak of; those needed are made, the others only bettered."""
    rows = await _select(connection, named)
    missing = sorted(set(needed) - set(rows))
    if missing:
        await connection.execute(
            "INSERT INTO campaign (provider, external_id, name, reported_name, subject, sender, "
            "tag, detection) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], "
            "$5::text[], $6::text[], $7::text[], $8::text[]) "
            "ON CONFLICT (provider, external_id) DO NOTHING",
            [key[0] for key in missing],
            [key[1] for key in missing],
            [named[key].name for key in missing],
            [named[key].reported_name for key in missing],
            [named[key].subject for key in missing],
            [named[key].sender for key in missing],
            [named[key].evidence.tag for key in missing],
            [named[key].evidence.detection for key in missing],
        )
        rows.update(await _select(connection, missing))
    await _better_names(connection, named, rows)
    return rows


async def _select(
    connection: Connection, keys: Iterable[CampaignKey]
) -> dict[CampaignKey, CampaignRow]:
    wanted = list(keys)
    rows = await connection.fetch(
        "SELECT provider, external_id, id, reported_name, subject, is_declared "
        "FROM unnest($1::text[], $2::text[]) w(provider, external_id) "
        "JOIN campaign USING (provider, external_id)",
        [key[0] for key in wanted],
        [key[1] for key in wanted],
    )
    return {(row[0], row[1]): CampaignRow(*row[2:]) for row in rows}


async def _better_names(
    connection: Connection, named: Named, rows: Mapping[CampaignKey, CampaignRow]
) -> None:
    """Campaigns nobody declared take the least name and subject that was reported of them."""
    news = [
        (row.id, words)
        for key, words in sorted(named.items())
        if (row := rows.get(key)) is not None
        and not row.is_declared
        and (
            _least(row.reported_name, words.reported_name) != row.reported_name
            or _least(row.subject, words.subject) != row.subject
        )
    ]
    if news:
        await connection.execute(
            'UPDATE campaign c SET reported_name = least(c.reported_name, n.name COLLATE "C"), '
            'subject = least(c.subject, n.subject COLLATE "C"), '
            'name = coalesce(least(c.reported_name, n.name COLLATE "C"), '
            'least(c.subject, n.subject COLLATE "C"), c.tag, c.external_id) '
            "FROM unnest($1::bigint[], $2::text[], $3::text[]) n(id, name, subject) "
            "WHERE c.id = n.id AND NOT c.is_declared",
            [id_ for id_, _ in news],
            [words.reported_name for _, words in news],
            [words.subject for _, words in news],
        )


async def lock_provisional(connection: Connection, ids: Iterable[int]) -> frozenset[int]:
    """Those of the campaigns that are provisional, locked: their recipients are counted next.

    The others are held as far as that none can become provisional again meanwhile.
    """
    rows = await connection.fetch(
        "SELECT id, is_provisional FROM campaign WHERE id = ANY($1::bigint[]) "
        "ORDER BY id FOR KEY SHARE",
        sorted(ids),
    )
    maybe = [id_ for id_, is_provisional in rows if is_provisional]
    if not maybe:
        return frozenset()
    rows = await connection.fetch(
        "SELECT id FROM campaign WHERE id = ANY($1::bigint[]) AND is_provisional "
        "ORDER BY id FOR NO KEY UPDATE",
        maybe,
    )
    return frozenset(row[0] for row in rows)


async def promote(connection: Connection, provisional: frozenset[int]) -> None:
    """Turn locked provisional campaigns that have become bulk into campaigns; their history is
    announced by whoever drains `announce_queue`."""
    if not provisional:
        return
    rows = await connection.fetch(
        "SELECT c.id, c.detection, c.external_id, c.tag, c.subject FROM campaign c "
        "WHERE c.id = ANY($1::bigint[]) AND (SELECT count(*) FROM (SELECT FROM recipient r "
        "WHERE r.campaign_id = c.id LIMIT $2) few) >= $2 ORDER BY c.id",
        sorted(provisional),
        BULK_RECIPIENTS,
    )
    bulk = [
        row[0]
        for row in rows
        if not is_transactional(Evidence("", Detection(row[1]), row[2], row[3], row[4]))
    ]
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
